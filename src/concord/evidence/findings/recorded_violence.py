"""What the findings on recorded violence share: the view of offences with their verdicts, and words for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import Where
from concord.evidence.findings.question import Question
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

UNIVERSE = "recorded offences"
"""Counted by crime reference, dated by the day of recording. Every table of such counts names this universe."""
UNIT = "offences"
SOURCE = "Police recorded crime"
IN = (("verdict", ("in",)),)
NO_NAME = "Other offences"
CANNOT_SAY = (
    "Recorded crime is what was reported to the police and recorded: it is not all that happened.",
    "Dates are the days of recording, which for some offences are long after the event.",
)

EVENTS = """
SELECT c.crime_ref, d.verdict, d.limbs, c.recorded_on::DATE AS recorded_on,
    c.committed_from::TIMESTAMP AS happened_at, c.committed_to::TIMESTAMP AS ended_at,
    c.offence_code, coalesce(c.offence_sub_code, '') AS sub_code, c.ward_code, c.location_type{more}
FROM recorded_crime c JOIN {verdicts} d USING (crime_ref)
QUALIFY row_number() OVER (PARTITION BY c.crime_ref ORDER BY c.recorded_on DESC NULLS LAST, c.offence_code) = 1
"""
"""One row for each crime reference, as last recorded: the same choice that the definition's verdicts were made on."""
NOT_EVERYWHERE = {
    "lsoa_code": "VARCHAR",
    "domestic_abuse": "VARCHAR",
    "hate_strand": "VARCHAR",
    "knife": "VARCHAR",
    "knife_source": "VARCHAR",
    "weapon": "VARCHAR",
    "alcohol": "VARCHAR",
    "online": "VARCHAR",
    "outcome_code": "VARCHAR",
    "outcome_on": "DATE",
    "easting": "DOUBLE",
    "northing": "DOUBLE",
}
"""Columns that not every force sends, with the type they have; blank where the extract has none."""


def ask(store: Store, *more: str, verdicts: str = "definition_results") -> Question:
    """A question with the view `events`, and views of the datasets in `more`.

    `verdicts` is the dataset of a further definition's verdicts, where it is that one that is asked about.
    """
    question = Question(store, "recorded_crime", verdicts, *more)
    held = question.columns("recorded_crime")
    further = "".join(
        f", c.{name}::{kind} AS {name}" if name in held else f", NULL::{kind} AS {name}"
        for name, kind in NOT_EVERYWHERE.items()
    )
    question.define("events", EVENTS.format(more=further, verdicts=verdicts))
    return question


def name_offences(question: Question) -> None:
    """A table `offence_names` beside `events`: offence_code, sub_code, heading, subgroup and offence group in words."""
    listed = codelists.get("offences")
    rows = [(code, sub, *_named(listed, code), group) for (code, sub), group in sorted(group_names(question).items())]
    question.table("offence_names", ("offence_code", "sub_code", "heading", "subgroup", "offence_group"), rows)
    question.define("offences", "SELECT * FROM events LEFT JOIN offence_names USING (offence_code, sub_code)")


def _named(listed: codelists.CodeList, code: str) -> tuple[str, str]:
    if code not in listed:
        return NO_NAME, NO_NAME
    entry = listed.entry(code)
    return entry.extra["heading"], entry.extra["subgroup"]


def version(question: Question, verdicts: str = "definition_results") -> str | None:
    """The version of the definition behind the verdicts."""
    found = question.rows(f"SELECT DISTINCT definition_version FROM {verdicts} ORDER BY 1")
    return ", ".join(str(row[0]) for row in found) or None


def holds(question: Question, period: Period) -> bool:
    """Whether the recorded crime that is loaded reaches from the first month of `period` to its last."""
    sql = "SELECT min(recorded_on), max(recorded_on) FROM events"
    first, last = question.rows(sql)[0]
    return bool(
        first is not None
        and first.replace(day=1) <= period.start
        and (last.year, last.month) >= (period.end.year, period.end.month)
    )


def limb_titles(partnership: Any) -> dict[str, str]:
    """Reported limbs of the partnership's definition with a short name for each, in the file's order."""
    limbs: Mapping[str, Any] = partnership.definition.limbs if partnership.definition else {}
    return {key: key.replace("_", " ").capitalize() for key, limb in limbs.items() if limb.reported}


def chosen_limb(partnership: Any, limb: str | None) -> tuple[str, dict[str, str], Where]:
    """A condition on `events`, its values, and the `where` of a table, for one limb or for all.

    Raises Usage where the definition has no such limb.
    """
    titles = limb_titles(partnership)
    if limb is None:
        return "verdict = 'in'", {}, IN
    if limb not in titles:
        raise Usage(f"The definition reports no limb “{limb}”", next_step=did_you_mean(limb, titles))
    return "verdict = 'in' AND list_contains(limbs, $limb)", {"limb": limb}, (("limb", (titles[limb],)), *IN)


def group_names(question: Question) -> dict[tuple[str, str], str]:
    """The offence group of every (code, sub-code) in `events`; classes that hold several are named for all of them."""
    pairs = question.rows("SELECT DISTINCT offence_code, sub_code FROM events WHERE offence_code IS NOT NULL")
    labels = codelists.get("offence_group_names")
    named: dict[tuple[str, str], str] = {}
    for code, sub in pairs:
        possible = codelists.possible_groups(code, sub or None)
        ordered = [labels.label(group).split(" (")[0] for group in labels.codes if group in (possible or ())]
        named[code, sub] = (
            " or ".join([ordered[0], *(word[:1].lower() + word[1:] for word in ordered[1:])]) if (ordered) else NO_NAME
        )
    return named


def in_order(found: set[str]) -> tuple[str, ...]:
    """Offence groups in the order of their list, combinations after the group that they begin with."""
    order = {entry.label.split(" (")[0]: place for place, entry in enumerate(codelists.get("offence_group_names"))}
    return tuple(sorted(found, key=lambda name: (order.get(name.split(" or ")[0], 999), name)))
