"""Whether one offence is followed by others close by and soon after."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import Where
from concord.evidence.findings.hotspot_places import PUBLIC
from concord.evidence.findings.model import Cell, Dimension, Finding, Table
from concord.evidence.findings.near_repeat import knox
from concord.evidence.geography import must_be_places, recognise
from concord.evidence.timing.school import measurement
from concord.kernel.errors import BadInput, Usage
from concord.kernel.measures import Estimate
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "near_repeat"
WITHIN, DAYS = (100.0, 200.0, 400.0), (7.0, 14.0, 28.0)
NEAR = ("Under 100 m", "100 to 199 m", "200 to 399 m")
SOON = ("Within a week", "In the second week", "In the third and fourth week")
LEAST = 30
MOST = 20_000
METHOD = (
    "Pairs of offences by distance and by days between them (Knox), over the number expected from how many pairs are "
    "as near and how many as soon; the dates shuffled 199 times say how often chance gives as many. Straight distances "
    "between the places where offences happened; offences at home, domestic and sexual ones are left out."
)
KINDS: dict[str, tuple[str, str, Where]] = {
    "robbery": ("Personal robbery", "offence_code = '34B'", (("offence_group", ("Robbery of personal property",)),)),
    "serious_violence": ("Serious violence", "verdict = 'in'", violence.IN),
    "knife": ("Offences with the knife flag", "knife = 'Y'", (("knife_flag", ("yes",)),)),
}


def find(store: Store, partnership: Any, period: Period, *, kind: str = "robbery", times: int = 199) -> Finding:
    """Offences of one of `KINDS` that began in `period`.

    Raises Usage for a kind or number of shuffles that is not there; Refused where points are not where things
    happened; BadInput with fewer than 30 placed offences, which tell nothing, or more than 20,000.
    """
    if kind not in KINDS:
        raise Usage(f"Near repeats are not asked of “{kind}”", next_step=did_you_mean(kind, KINDS))
    if not 19 <= times <= 9_999:
        raise Usage("Dates are shuffled from 19 to 9,999 times", next_step="Leave it at 199, or ask for 999.")
    words, condition, where = KINDS[kind]
    with violence.ask(store) as question:
        violence.name_offences(question)
        question.keep("points", "SELECT easting, northing, date_trunc('month', recorded_on) AS month FROM events")
        seen = recognise(
            question.connection, "points", measurement(partnership).snap_points, dataset="recorded_crime", month="month"
        )
        if not seen.events:
            raise BadInput(
                "Near repeats need to know where offences happened, and the extract has no coordinates.",
                next_step="Ask for easting and northing under the agreement, or look at repeat victimisation instead.",
            )
        must_be_places(seen, "Near repeat analysis")
        rows = question.rows(
            f"""SELECT easting, northing, date_diff('day', $start, happened_at::DATE) FROM offences
            WHERE {condition} AND {PUBLIC} AND easting IS NOT NULL AND northing IS NOT NULL
                AND happened_at::DATE BETWEEN $start AND $end ORDER BY ALL""",
            {"start": period.start, "end": period.end},
        )
        if not LEAST <= len(rows) <= MOST:
            raise BadInput(
                f"Near repeats of “{words}” need from {LEAST} to {MOST:,} offences whose place is known.",
                next_step="Ask over a longer period, or of another kind."
                if len(rows) < LEAST
                else "Ask over a shorter period, or of a narrower kind.",
            )
        x, y, day = (list(map(float, column)) for column in zip(*rows, strict=True))
        found = knox(x, y, day, within=WITHIN, days=DAYS, times=times)
        cells = tuple(
            Cell(
                (NEAR[i], SOON[j]),
                int(found.observed[i, j]),
                estimate=Estimate(float(found.ratio[i, j]), "times as many pairs as by chance", None, "Knox")
                if found.expected[i, j] > 0
                else None,
                label="more than chance" if found.p[i, j] < 0.05 and found.ratio[i, j] > 1 else "",
            )
            for i in range(len(NEAR))
            for j in range(len(SOON))
        )
        table = Table(
            "pairs", f"{words}: pairs near to each other and soon after, {period.label}", "pairs of offences",
            (Dimension("distance", "Distance", NEAR), Dimension("days_between", "Days between", SOON)), cells,
            additive=False, universe=f"pairs of {violence.UNIVERSE}", where=where, period=period,
        )  # fmt: skip
        return Finding(
            name=NAME,
            question=f"Is {words[:1].lower()}{words[1:]} followed by more of it close by and soon after?",
            tables=(table,),
            base="Pairs of offences that began in the period, outside homes, whose place is known",
            period=period,
            source=violence.SOURCE,
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"kind": kind, "times": times}, violence.version(question)),
            cannot_say=(
                "Pairs are not crimes: one busy place has many pairs.",
                "It says where to look in the days after an offence, not who did it, nor that one led to another.",
                "An offence whose day is not exact is taken for the first day it may have been.",
            ),
            facts={"p_value": float(found.p[0, 0])},
            synthetic=question.synthetic,
        )
