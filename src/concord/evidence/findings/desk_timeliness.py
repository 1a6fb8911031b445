"""Two findings on the desk's own extract: panel actions done by their date, referrals decided within a working day."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import additive, with_total
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import share
from concord.evidence.timing.school import bank_holidays
from concord.kernel.periods import Period
from concord.kernel.working_time import LONDON, WorkingTime

ACTIONS = "actions_on_time"
CONTACTS = "mash_within_one_working_day"
DONE = ("By the due date", "Late", "Not done")
DECIDED = ("Within one working day", "Later", "Not decided")
ACTIONS_METHOD = (
    "Actions due in the period, those that circumstances overtook left out, by whether they were completed on or "
    "before the due date. Wilson intervals."
)
CONTACTS_METHOD = (
    "Contacts received whose limit falls in the period, by whether the decision came before the close of the first "
    "working day after the day the contact counts for. Contacts received out of hours count from the next opening; "
    "bank holidays are not working days. Wilson intervals."
)


def find_actions(store: Store, partnership: Any, period: Period) -> Finding:
    """Actions due in `period`, by forum and by agency."""
    with Question(store, "desk_actions") as question:
        rows = question.rows(
            """SELECT forum, agency, CASE WHEN status = 'done' AND completed_on::DATE <= due_on::DATE THEN 0
                WHEN status = 'done' THEN 1 ELSE 2 END AS outcome, count(*)
            FROM desk_actions
            WHERE due_on::DATE BETWEEN $start AND $end AND status <> 'circumstances_changed'
            GROUP BY ALL ORDER BY ALL""",
            {"start": period.start, "end": period.end},
        )
        called = {**_called(partnership, "forums", "abbreviation"), **_called(partnership, "agencies", "name")}
        rows = [(called.get(forum, forum), called.get(agency, agency), *rest) for forum, agency, *rest in rows]
        forums, agencies = (tuple(sorted({str(row[i]) for row in rows})) for i in (0, 1))
        tables = []
        for name, key, names, place in (("forums", "forum", forums, 0), ("agencies", "agency", agencies, 1)):
            counts: Counter[tuple[str, ...]] = Counter()
            for row in rows:
                counts[str(row[place]), DONE[row[2]]] += row[3]
            title = f"Actions due, by {key}, {period.label}"
            dimension = with_total(key, key.capitalize(), names)
            tables.append(_outcomes(name, title, "actions", dimension, DONE, counts, "desk actions by due date"))
        return Finding(
            name=ACTIONS,
            question="Are the actions that panels agree done by the date they were agreed for?",
            tables=tuple(tables),
            base="Actions of forums on this desk that fell due in the period",
            period=period,
            source="The desk's own depersonalised extract",
            method=ACTIONS_METHOD,
            lineage=question.lineage(ACTIONS, ACTIONS_METHOD, {}),
            cannot_say=(
                "Whether an action did any good.",
                "Actions of forums that do not keep their business on this desk are not counted.",
            ),
            source_class="desk",
            synthetic=question.synthetic,
        )


def find_contacts(store: Store, partnership: Any, period: Period) -> Finding:
    """Contacts whose limit of one working day falls in `period`, by rating."""
    hours = WorkingTime(closed_on=bank_holidays(partnership))
    with Question(store, "desk_contacts") as question:
        rows = question.rows(
            """SELECT received_at::TIMESTAMP, decided_at::TIMESTAMP, coalesce(nullif(rag, ''), 'not rated')
            FROM desk_contacts WHERE received_at::DATE BETWEEN $from AND $end ORDER BY ALL""",
            # A limit is at most a working day after the day the contact counts for: ten days hold any run of holidays.
            {"from": period.start - timedelta(days=10), "end": period.end},
        )
        counts: Counter[tuple[str, ...]] = Counter()
        closes = datetime.combine(period.end, time.max, LONDON)
        for received, decided, rag in rows:
            limit = hours.add_working_days(received.replace(tzinfo=LONDON), 1)
            if limit.date() in period:
                made = None if decided is None else decided.replace(tzinfo=LONDON)
                outcome = 2 if made is None or made > closes else 0 if made <= limit else 1
                counts[str(rag), DECIDED[outcome]] += 1
        ratings = with_total("rating", "Rating", tuple(sorted({key[0] for key in counts})))
        title = f"Contacts by rating and time to decision, {period.label}"
        table = _outcomes("ratings", title, "contacts", ratings, DECIDED, counts, "desk contacts by limit")
        return Finding(
            name=CONTACTS,
            question="Are contacts with the safeguarding hub decided within one working day?",
            tables=(table,),
            base="Contacts received by the hub whose limit of one working day fell in the period",
            period=period,
            source="The desk's own depersonalised extract",
            method=CONTACTS_METHOD,
            lineage=question.lineage(CONTACTS, CONTACTS_METHOD, {}),
            cannot_say=(
                "Whether the decision was right, or what happened to the child afterwards.",
                "Contacts that never reached this desk are not counted.",
            ),
            source_class="desk",
            synthetic=question.synthetic,
        )


def _outcomes(
    name: str,
    title: str,
    unit: str,
    dimension: Dimension,
    outcomes: tuple[str, ...],
    counts: Counter[tuple[str, ...]],
    universe: str,
) -> Table:
    """Groups by outcome, each outcome as a share of its group."""
    dimensions = (dimension, with_total("outcome", "Outcome", outcomes))
    wholes: Counter[str] = Counter()
    for key, n in counts.items():
        wholes[key[0]] += n
        wholes[TOTAL] += n

    def dress(key: tuple[str, ...], n: int) -> Cell:
        base = wholes[key[0]]
        if key[1] == TOTAL or not base:
            return Cell(key, n)
        return Cell(key, n, base=base, estimate=share(n, base), rests_on=((name, (key[0], TOTAL)),))

    return additive(name, title, unit, dimensions, counts, dress=dress, universe=universe)


def _called(partnership: Any, kind: str, attribute: str) -> dict[str, str]:
    """What readers call each forum or agency, by its key."""
    return {key: getattr(each, attribute) for key, each in getattr(partnership, kind, {}).items()}
