from __future__ import annotations

from typing import Any

from django import forms

from concord.desk.accounts import queries
from concord.desk.accounts.rules import PARTS, givable
from concord.web.shared import partnership
from concord.web.shared.forms import Form, Remembering, checkboxes, radios, select, text


def _roles() -> list[tuple[str, str]]:
    return [(key, role.name) for key, role in queries.roles().items() if givable(role)]


def _hints() -> dict[str, str]:
    return {key: role.does for key, role in queries.roles().items() if givable(role)}


def joiner(data: Any) -> Form:
    agencies = sorted((each.name, key) for key, each in partnership.current().agencies.items())
    fields = {
        "display_name": text("Name", missing="Enter the name as colleagues know it", max_length=120),
        "username": text(
            "Username",
            hint="Small letters, digits, dots and hyphens; with single sign-on the one the organisation uses",
            missing="Enter a username",
            max_length=60,
            width="20",
        ),
        "agency": select("Agency", [(key, name) for name, key in agencies], missing="Choose the agency"),
        "roles": checkboxes("Roles", _roles(), required=False, hints=_hints()),
    }
    built: Form = type("JoinerForm", (Form,), fields)(data)
    return built


def roles(data: Any, held: tuple[str, ...]) -> Form:
    fields = {"roles": checkboxes("Roles", _roles(), required=False, hints=_hints())}
    built: Form = type("RolesForm", (Remembering,), fields)(data, initial={"roles": list(held)})
    return built


def mover(data: Any, agency: str) -> Form:
    """Nothing is kept by itself: whoever moves them says what they do from now on."""
    agencies = sorted((each.name, key) for key, each in partnership.current().agencies.items())
    fields = {
        "agency": select("Agency from now on", [(key, name) for name, key in agencies], missing="Choose the agency"),
        "roles": checkboxes("Roles from now on", _roles(), required=False, hints=_hints()),
    }
    built: Form = type("MoverForm", (Form,), fields)(data, initial={"agency": agency}, auto_id="move_%s")
    return built


def seat(data: Any) -> Form:
    found = partnership.current().forums.values()
    fields = {
        "forum": select("Forum", [(each.key, each.name) for each in found], missing="Choose the forum"),
        "part": radios("Part", [(each, each.capitalize()) for each in PARTS], missing="Choose the part", inline=True),
        "seat": forms.ChoiceField(
            label="Seat",
            required=False,
            help_text="The core agency’s place they fill, if any",
            choices=[("", "None"), *sorted({(s.key, s.name) for each in found for s in each.seat})],
        ),
    }
    built: Form = type("SeatForm", (Form,), fields)(data)
    return built
