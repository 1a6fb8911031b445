from __future__ import annotations

from datetime import date
from typing import Any

from concord import codelists
from concord.desk.people.rules import MUTUAL, Candidate, PersonPage, Related
from concord.web.referrals.presenters import candidate as _candidate
from concord.web.referrals.steps import SEXES
from concord.web.shared import partnership

KINDS = {
    "parent_of": ("child", "parent"),
    "carer_of": ("cared for by them", "carer"),
    "sibling_of": ("sibling", "sibling"),
    "partner_of": ("partner", "partner"),
    "former_partner_of": ("former partner", "former partner"),
    "alleged_perpetrator_against": ("allegedly harmed by them", "alleged perpetrator"),
    "associate_of": ("associate", "associate"),
}
"""What the other person is: where the person of the page was named first, and where the other was."""
RELATE = {
    "parent_of": "{one} is a parent of {other}",
    "carer_of": "{one} is a carer of {other}",
    "sibling_of": "They are siblings",
    "partner_of": "They are partners",
    "former_partner_of": "They were partners",
    "alleged_perpetrator_against": "{one} is alleged to have harmed {other}",
    "associate_of": "They are associates",
}
CORRECTED = {
    "given_name": "First name",
    "family_name": "Last name",
    "born_on": "Date of birth",
    "sex": "Sex",
    "postcode": "Postcode",
    "address_area": "Area",
}

ALIAS_KINDS = {
    "also_known_as": "Also known as",
    "name_at_birth": "Name at birth",
    "former_name": "Former name",
    "spelling": "Another spelling",
    "street_name": "Street name",
}
BASES = {
    "self_defined": ("Ethnicity, as they say", "ethnicity_18"),
    "observed": ("Ethnicity, as seen", "ethnicity_observed"),
}
ADULT = 18

WITHHELD = {
    "identifier": "names and date of birth",
    "contact": "how to reach them",
    "precise_location": "where they live",
    "special_category": "needs and ethnicity",
}
"""What a class of field is called where it is not shown."""


def summary(found: PersonPage) -> list[tuple[str, str]]:
    born = f"{found.born_on.day} {found.born_on:%B %Y}" if found.born_on else "Not known"
    rows = [
        ("Date of birth", f"{born}, aged {found.age}" if found.age is not None else born),
        ("Sex", dict(SEXES).get(found.sex, "Not known")),
        ("Postcode", found.postcode or ("Not shown" if "precise_location" in found.withheld else "Not known")),
    ]
    more = [("Area", found.address_area), ("Interpreter", found.interpreter), ("Needs", found.access_needs)]
    more += [
        (BASES[basis][0], f"{codelists.get(BASES[basis][1]).entry(code).label} ({source})")
        for basis, code, source in found.ethnicity
    ]
    more += [(f"Number with {partnership.agency(scheme)}", value) for scheme, value in found.identifiers]
    return rows + [(label, value) for label, value in more if value]


def safe_contacts(found: PersonPage) -> list[str]:
    """What is said of how to reach them, on this record and on any other of the same person: all of it, once each."""
    every = (*found.warnings, *(each.safe_contact for each in found.same))
    return list(dict.fromkeys(each for each in every if each))


def candidate(found: Candidate) -> Any:
    return _candidate(found)


def side_by_side(left: PersonPage, right: PersonPage) -> list[tuple[str, str, str, bool]]:
    """Label, what each record says, and whether they say the same."""

    def said(page: PersonPage) -> dict[str, str]:
        plain = dict(summary(page))
        plain["Name"] = page.name
        plain["Safe contact"] = page.safe_contact
        plain["Other names"] = ", ".join(each.name for each in page.aliases)
        plain["Related people"] = ", ".join(f"{each['name']}, {each['kind']}" for each in related(page))
        return plain

    one, other = said(left), said(right)
    labels = ["Name", *(label for label in dict.fromkeys((*one, *other)) if label != "Name")]
    rows = [(label, one.get(label, ""), other.get(label, "")) for label in labels]
    return [(label, a or "Nothing", b or "Nothing", a == b) for label, a, b in rows if a or b]


def related(found: PersonPage) -> list[dict[str, Any]]:
    """Who is what to the person of the page, who says so and over which time; what goes on comes first."""
    return [
        {
            "person_id": each.person_id,
            "name": each.name,
            "kind": kind_of(each),
            "said": _since(each),
            "ended": each.until is not None,
            "relationship_id": each.relationship_id,
        }
        for each in found.related
    ]


def kind_of(each: Related) -> str:
    words = KINDS.get(each.kind, (each.kind.replace("_", " "),) * 2)
    return words[0] if each.outward else words[1]


def relations(one: str, other: str) -> list[tuple[str, str]]:
    """What two people may be to each other, in both directions where the two differ. A value is kind:direction."""
    found = []
    for kind, words in RELATE.items():
        found.append((f"{kind}:out", words.format(one=one, other=other)))
        if kind not in MUTUAL:
            found.append((f"{kind}:in", words.format(one=other, other=one)))
    return found


def corrections(found: PersonPage) -> list[dict[str, Any]]:
    """What was put right, newest first, with what it said before."""
    return [
        {
            "field": CORRECTED[each.field],
            "before": said(each.field, each.before),
            "after": said(each.field, each.after),
            "reason": each.reason,
            "at": each.at,
        }
        for each in found.corrections
    ]


def said(field: str, text: str) -> str:
    """A field of a record in words, from how it is kept."""
    if not text:
        return "nothing"
    if field == "born_on":
        day = date.fromisoformat(text)
        return f"{day.day} {day:%B %Y}"
    return dict(SEXES).get(text, text) if field == "sex" else text


def _since(each: Related) -> str:
    from_ = f"since {each.since.day} {each.since:%B %Y}" if each.since else ""
    to = f"until {each.until.day} {each.until:%B %Y}" if each.until else ""
    return ", ".join(part for part in (from_, to, each.source) if part)
