from __future__ import annotations

from typing import Any

from concord.desk.accounts.rules import Viewer
from concord.web.shared.forms import Form, day, long_text, radios, text


def emergency(viewer: Viewer, data: Any) -> Form:
    purposes = [(key, key.replace("_", " ").capitalize()) for key in sorted(viewer.purposes)]
    fields = {
        "given_name": text("First name", missing="Enter the first name in full", width="20"),
        "family_name": text("Last name", missing="Enter the last name in full", width="20"),
        "born_on": day("Date of birth", hint="For example, 27 3 2011", missing="Enter the date of birth"),
        "purpose": radios("What is it for?", purposes, missing="Choose what it is for"),
        "reason": long_text(
            "What may happen, and why can it not wait?",
            rows=4,
            missing="Say what may happen and why it cannot wait",
            hint="A second person reads this and says whether it was right",
        ),
    }
    built: Form = type("EmergencyForm", (Form,), {**fields, "reads_again": False})(data)
    return built


class ReviewForm(Form):
    verdict = radios(
        "Was it right to open the record?",
        [("justified", "Yes, it was justified"), ("not_justified", "No, it was not")],
        missing="Choose whether it was right",
        hints={"not_justified": "Start your incident procedure as well"},
    )
    note = long_text(
        "What did you find?",
        rows=4,
        missing="Say what you found",
        hint="Whom you asked, and what the person did with what they read",
    )
