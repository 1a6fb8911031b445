"""Rates made comparable with places whose people are older or younger, with people counted with all their events."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings import linked_people as people
from concord.evidence.findings import recorded_violence as violence
from concord.evidence.findings.build import additive, last_months, with_total
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.standardised import directly
from concord.evidence.findings.statistics import rate
from concord.evidence.linkage.uses import require_quality
from concord.kernel.errors import BadInput
from concord.kernel.periods import Period

NAME = "standardised_rate"
PER = 100_000.0
STANDARD = (
    5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500, 1000,
)  # fmt: skip
"""European Standard Population 2013 (Eurostat): five-year bands from 0 to 4, the last of 90 and over."""
ROLES = {"victim": "Victims", "suspect": "Suspects"}
METHOD = (
    "Times that people were named as victims (suspects) of offences in the definition, recorded in the last twelve "
    "months of the period, by age band; directly standardised to the 2013 European Standard Population, five-year "
    "bands split evenly where the population's bands cut them; Dobson's interval with the variance of people counted "
    "with all their events, since events of one person are not independent (PHEindicatormethods). None below ten "
    "events. Beside it the crude rate."
)


def find(store: Store, partnership: Any, period: Period, *, match_at_least: float = 0.95) -> Finding:
    """The last twelve months of `period`. Raises NotGoodEnough (a refusal) where links are not known to be good
    enough, BadInput where the population's age bands leave an age out."""
    now = last_months(period, 12)
    quality = require_quality(store, partnership.linkage, "unique_people")
    with violence.ask(store, "population", *people.DATASETS) as question:
        people.name_people(question, match_at_least)
        residents = dict(
            question.rows(
                "SELECT age_band, sum(persons)::BIGINT FROM population "
                "WHERE vintage = (SELECT max(vintage) FROM population) GROUP BY 1 ORDER BY 1"
            )
        )
        bands = tuple(band for band in people.AGE_BANDS if residents.get(band))
        tables = []
        for role, words in ROLES.items():
            tables += _role(question, role, words, now, residents, bands)
        method = METHOD + people.how_good(quality)
        return Finding(
            name=NAME,
            question="How often are people harmed by or suspected of serious violence, whatever the age of residents?",
            tables=tuple(tables),
            base="Times that people of known age were named in offences in the definition, joined across records",
            period=now,
            source=f"{people.SOURCE}; population estimates",
            method=method,
            lineage=question.lineage(NAME, method, {"match_at_least": match_at_least}, violence.version(question)),
            cannot_say=(
                "People of no known age are left out: the rates are somewhat too low.",
                "Not all of them live here: a rate on residents is no one's risk.",
                "Broad age bands standardise less well than five-year bands would.",
                *people.CAUTIONS,
            ),
            synthetic=question.synthetic,
        )


def weights(bands: tuple[str, ...]) -> list[float]:
    """The standard population of bands such as `10-17` and `65+`, single years shared evenly within five-year bands.

    Raises BadInput where a band is not of that form.
    """
    found = []
    for band in bands:
        low, _, high = band.rstrip("+").partition("-")
        if not low.isdigit() or (high and not high.isdigit()):
            raise BadInput(f"“{band}” is no age band", next_step="Load the population by bands such as 18-24 and 65+.")
        last = int(high) if high else 94
        found.append(sum(STANDARD[min(age // 5, len(STANDARD) - 1)] / 5 for age in range(int(low), last + 1)))
    return found


def _role(
    question: Question, role: str, words: str, now: Period, residents: dict[str, int], bands: tuple[str, ...]
) -> list[Table]:
    rows = question.rows(
        f"""SELECT {people.band_sql("age")} AS band, events, count(*) FROM (
            SELECT person, min(age) AS age, count(DISTINCT crime_ref) AS events FROM named
            WHERE role = '{role}' AND verdict = 'in' AND age IS NOT NULL AND recorded_on BETWEEN $start AND $end
            GROUP BY 1
        ) GROUP BY ALL ORDER BY ALL""",
        {"start": now.start, "end": now.end},
    )
    most = max((events for _, events, _ in rows), default=1)
    by_person = [[0.0] * len(bands) for _ in range(most)]
    for band, events, n in rows:
        if band in bands:
            by_person[events - 1][bands.index(band)] = float(n)
    events = [sum(f * row[place] for f, row in enumerate(by_person, start=1)) for place in range(len(bands))]
    lives = [float(residents[band]) for band in bands]
    name = f"{role}s_by_age"
    universe = "times that people were named in recorded offences"
    where = (("named_as", (role,)), ("age_known", ("yes",)), *violence.IN)
    ages = with_total("person_age", "Age", bands)

    def dress(key: tuple[str, ...], n: int) -> Cell:
        base = sum(lives) if key == (TOTAL,) else residents[key[0]]
        return Cell(key, n, population=base, estimate=rate(n, base, per=PER))

    by_age = additive(
        name, f"{words} of serious violence by age, every time they were named, {now.label}", "times named", (ages,),
        {(band,): int(n) for band, n in zip(bands, events, strict=True)},
        dress=dress, per=PER, universe=universe, where=where, period=now,
    )  # fmt: skip
    standard = weights(bands)
    rests = tuple((name, (band,)) for band in bands)
    told = {
        "Age-standardised": directly(events, lives, standard, by_person=by_person),
        "Age-standardised, were every event another person's": directly(events, lives, standard),
        "Crude": rate(sum(events), sum(lives), per=PER) if lives else None,
    }
    cells = tuple(
        Cell((label,), int(sum(events)), population=sum(lives), estimate=estimate, rests_on=rests)
        for label, estimate in told.items()
    )
    table = Table(
        f"{role}s", f"{words} of serious violence, rate made comparable by age, {now.label}", "times named",
        (Dimension("rate", "Rate", tuple(told)),), cells, additive=False, per=PER,
        universe=universe, where=where, period=now,
    )  # fmt: skip
    return [table, by_age]
