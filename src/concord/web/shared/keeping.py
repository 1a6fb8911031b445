"""Forms that keep a record from somebody: the same for a contact and for a case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from concord.desk.accounts.rules import Member
from concord.web.shared import partnership
from concord.web.shared.forms import Form, Remembering, checkboxes, radios, text


class ConnectionForm(Form):
    why = text(
        "What is the connection?", hint="A few words, for example “cousin”", missing="Say what the connection is"
    )


def restriction(members: Iterable[Member], data: Any, stands: str) -> Form:
    """Whom a record is kept to, `stands` being how closely it is kept now. The one who fills it in is among them and
    need not be ticked."""
    names = {str(each.user_id): f"{each.display_name}, {partnership.agency(each.agency)}" for each in members}
    fields = {
        "level": radios(
            "How closely is it kept?",
            [("restricted", "Restricted"), ("sealed", "Sealed"), ("ordinary", "Ordinary: lift the restriction")],
            missing="Choose how closely it is kept",
            hints={
                "restricted": "A case about staff or somebody’s family: only the people you tick",
                "sealed": "Nobody else may learn that it exists: no pointer, no emergency access",
            },
        ),
        "named": checkboxes("Who may open it, besides you?", list(names.items()), required=False),
        "reason": text("Why?", missing="Say why", hint="For example “mother of a member of staff”"),
    }
    built: Form = type("RestrictionForm", (Remembering,), fields)(data, initial={"stands": stands})
    return built
