"""One field of two records, in words."""

from __future__ import annotations

from datetime import date

from concord.desk.people.rules import ShownField
from concord.web.referrals.steps import SEXES

VERDICTS = (("same", "The same person"), ("different", "Two people"), ("cannot_tell", "I cannot tell"))
FIELDS = {
    "given_name": "First name",
    "family_name": "Last name",
    "born_on": "Date of birth",
    "sex": "Sex",
    "postcode": "Postcode",
}
AGREEMENT = {
    "same": ("Same", "green"),
    "other": ("Differs", "grey"),
    "sounds_alike": ("Sounds alike", "blue"),
    "few_edits": ("Nearly the same", "blue"),
    "names_exchanged": ("Names exchanged", "blue"),
    "day_and_month_swapped": ("Day and month swapped", "blue"),
    "same_district": ("Same district", "blue"),
}


def row(found: ShownField) -> dict[str, str]:
    """Label, both values, how they agree, and how much that says. A value not given is named as such."""
    if found.left and found.right:
        same = ("Same", "green") if found.left == found.right else ("Differs", "grey")
        word, shape = AGREEMENT.get(found.agreement, same)
    else:
        word, shape = "Not known on both", "grey"
    says = "for" if found.weight > 0 else "against"
    return {
        "label": FIELDS[found.field],
        "left": _said(found.field, found.left),
        "right": _said(found.field, found.right),
        "word": word,
        "shape": shape,
        "says": f"{abs(found.weight):.1f} {says}" if found.agreement and found.weight else "",
    }


def _said(field: str, value: str) -> str:
    """A value as the other screens say it. What a feed gave that is no date or no known code stays as it was given."""
    if field == "born_on" and value:
        try:
            born = date.fromisoformat(value)
        except ValueError:
            return value
        return f"{born.day} {born:%B %Y}"
    if field == "sex":
        return dict(SEXES).get(value, value) or "Not given"
    return value or "Not given"
