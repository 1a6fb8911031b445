"""Violence against women and girls on the police's open counts: months, places, kinds, and how late it is told."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.model import Finding
from concord.evidence.findings.question import Question
from concord.evidence.geography import Geography
from concord.evidence.geography.areas import plain
from concord.kernel.periods import Period

NAME = "vawg_open"
PLACES, KINDS = "mps_vawg_offences_place", "mps_vawg_offences_kind"
UNIVERSE = "offences of violence against women and girls in the police's file by place"
MONTHS = 36
LATE = ("In the same month", "One to two months later", "Three to eleven months later", "A year or more later")
METHOD = (
    "Offences that the police class as violence against women and girls, by the month they were recorded, per 1,000 "
    "residents of every sex and age at Census 2021 with Poisson limits. Wards and boroughs are marked where exact "
    "limits leave out what was expected at the whole's rate. Lateness is from the month of the offence to that of its "
    "recording. Kinds of offence are published for London alone. " + counts.XMR
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """The twelve and the 36 months to the end of `period`."""
    own = counts.borough(partnership)
    geography = Geography.of(partnership)
    with Question(store, PLACES, KINDS, "census_2021_population", "lookup_lsoa_2021_to_ward_2024") as question:
        now, long = counts.held(question, PLACES, period), counts.held(question, PLACES, period, MONTHS)
        span = {"start": now.start, "end": now.end, "borough": own.name}
        months = question.rows(
            f"SELECT strftime(month, '%Y-%m'), sum(count)::BIGINT FROM {PLACES} WHERE borough = $borough "
            "AND month BETWEEN $start AND $end GROUP BY 1 ORDER BY 1",
            {**span, "start": long.start, "end": long.end},
        )
        by_borough = question.rows(
            f"SELECT borough, sum(count)::BIGINT FROM {PLACES} WHERE month BETWEEN $start AND $end "
            "GROUP BY 1 ORDER BY 1",
            span,
        )
        by_ward = question.rows(
            f"SELECT ward, sum(count)::BIGINT FROM {PLACES} WHERE borough = $borough AND month BETWEEN $start AND $end "
            "GROUP BY 1 ORDER BY 1",
            span,
        )
        late = question.rows(
            "SELECT CASE WHEN lag <= 0 THEN 0 WHEN lag <= 2 THEN 1 WHEN lag <= 11 THEN 2 ELSE 3 END, sum(n)::BIGINT "
            f"FROM (SELECT date_diff('month', committed_month, month) AS lag, count AS n FROM {PLACES} "
            "WHERE borough = $borough AND month BETWEEN $start AND $end AND committed_month IS NOT NULL) "
            "GROUP BY 1 ORDER BY 1",
            span,
        )
        kinds = question.rows(
            f"SELECT vawg_offence, sum(count)::BIGINT AS n FROM {KINDS} WHERE month BETWEEN $start AND $end "
            "GROUP BY 1 ORDER BY n DESC, 1",
            span,
        )
        people = counts.residents_by_borough(question)
        wards = counts.residents_by_ward(question, geography, own)
        named = {plain(name): name for name in wards}
        aliases = {plain(alias.name): geography.area(alias.code).name for alias in geography.aliases if
                   alias.level == "ward"}  # fmt: skip
        found: dict[str, int] = {}
        for ward, n in by_ward:
            name = named.get(plain(ward or "")) or aliases.get(plain(ward or ""))
            if name:
                found[name] = found.get(name, 0) + int(n)
        trend, facts = counts.monthly(
            f"Violence against women and girls by month recorded, {long.label}",
            counts.UNIT,
            long,
            dict(months),
            universe=UNIVERSE,
            where=counts.within(own),
        )
        tables = (
            trend,
            counts.ward_table(
                f"Violence against women and girls by ward, {now.label}",
                counts.UNIT,
                found,
                wards,
                now,
                universe=UNIVERSE,
                where=(*counts.within(own), ("ward_known", ("yes",))),
            ),
            counts.borough_table(
                f"Violence against women and girls by borough, {now.label}",
                counts.UNIT,
                {str(name): int(n) for name, n in by_borough},
                people,
                now,
                universe=UNIVERSE,
                where=(("borough_known", ("yes",)),),
            ),
            counts.shares(
                "lateness",
                f"When the offences recorded had happened, {now.label}",
                counts.UNIT,
                ("lateness", "Recorded"),
                {LATE[place]: int(dict(late).get(place, 0)) for place in range(4)},
                universe=UNIVERSE,
                where=(*counts.within(own), ("committed_month_known", ("yes",))),
            ),
            counts.shares(
                "kinds_london",
                f"Violence against women and girls in London by kind, {now.label}",
                counts.UNIT,
                ("kind", "Kind"),
                _shortened(kinds),
                universe="offences of violence against women and girls in the police's file by kind, London",
            ),
        )
        return Finding(
            name=NAME,
            question="How much violence against women and girls is recorded, where, and how long after?",
            tables=tables,
            base="Offences that the Metropolitan Police class as violence against women and girls",
            period=now,
            source="Metropolitan Police violence against women and girls dashboard; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {}),
            cannot_say=(
                counts.REPORTED,
                "The file gives kinds of offence without places and places without kinds: kinds are London's, and say "
                "nothing of the borough.",
                "Rates are on everyone who lives here: residents by sex are not held by small area.",
                "Offences that happened lately and are told later are not in it yet.",
                "Neither domestic abuse nor the sex of the suspect is said.",
            ),
            source_class="open",
            facts=facts,
            synthetic=question.synthetic,
        )


def _shortened(kinds: list[tuple[Any, ...]], most: int = 15) -> dict[str, int]:
    """The largest kinds, and the rest together; what the police class as none of the kinds apart."""
    named = [(str(name), int(n)) for name, n in kinds if name and not str(name).startswith("Non-VaWG")]
    found = {name.rstrip("."): n for name, n in named[:most]}
    rest = sum(n for _, n in named[most:])
    return {**found, "All other kinds": rest} if rest else found
