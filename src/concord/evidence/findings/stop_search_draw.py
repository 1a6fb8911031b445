"""A draw of stop and search records for a scrutiny panel that anybody with the list can do again and check.

Records have no reference here: nobody could be found by one. A record is drawn as what was recorded of it (power, what
was looked for, what followed, ethnic group as the person gave it), and only where enough other searches read the same,
so that no row is about one person.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from concord import codelists
from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import Key, additive, last_months, with_total
from concord.evidence.findings.model import TOTAL, Cell, Dimension, Finding, Table
from concord.evidence.findings.question import Question
from concord.evidence.findings.statistics import share
from concord.evidence.findings.stop_search import UNSTATED
from concord.kernel.errors import BadInput, Usage
from concord.kernel.periods import Period

NAME = "stop_search_draw"
MONTHS = 3
POWER, OBJECT = Dimension("power", "Power", ()), Dimension("object", "Looked for", ())
OUTCOME, ETHNICITY = Dimension("outcome", "What followed", ()), Dimension("ethnicity", "Ethnic group given", ())


def find(
    store: Store, partnership: Any, period: Period, *, seed: str = "1", size: int = 20, minimum: int = 10
) -> Finding:
    """`size` searches of the last three months of `period`, drawn by `seed` among those that read like at least
    `minimum` others; and searches by power.

    The order is that of SHA-256 over the seed and the record's line, so a holder of the list draws the same. Raises
    Usage for a size or minimum that makes no sense, BadInput where there were no searches.
    """
    if not 1 <= size <= 200 or minimum < 5:
        raise Usage(
            f"A draw of {size} records, each like {minimum} others, cannot be made",
            next_step="Draw 1 to 200, each like 5 or more.",
        )
    now = last_months(period, MONTHS)
    with Question(store, "stop_search") as question:
        rows = question.rows(
            "SELECT power, object, outcome, ethnicity_self, strftime(searched_at, '%Y-%m-%dT%H:%M'), ward_code, "
            "age_band, sex FROM stop_search WHERE searched_at::DATE BETWEEN $start AND $end ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        if not rows:
            raise BadInput(
                f"No searches were recorded in {now.label}",
                next_step="Load them: concord load stop_search FILE",
            )
        lines = _lines(rows)
        pool = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        keys = [_words(partnership, row) for row in rows]
        alike = Counter(keys)
        order = sorted(range(len(rows)), key=lambda at: hashlib.sha256(f"{seed}\n{lines[at]}".encode()).digest())
        drawn = Counter([keys[at] for at in order if alike[keys[at]] >= minimum][:size])
        dimensions = tuple(
            Dimension(each.name, each.label, tuple(sorted({key[place] for key in drawn})))
            for place, each in enumerate((POWER, OBJECT, OUTCOME, ETHNICITY))
        )
        cells = tuple(
            Cell(key, alike[key], label="drawn once" if times == 1 else f"drawn {times} times")
            for key, times in sorted(drawn.items(), key=lambda item: item[0])
        )
        method = (
            f"Searches are put in the order of SHA-256 over the seed “{seed}” and the line of each record; the first "
            f"{size} that read like at least {minimum} searches of the same months are drawn. The list drawn from has "
            f"the SHA-256 {pool}."
        )
        return Finding(
            name=NAME,
            question="Which searches should the panel look at, drawn so that nobody chose them?",
            tables=(
                Table(
                    "drawn",
                    f"Searches drawn, and how many read alike, {now.label}",
                    "searches that read alike",
                    dimensions,
                    cells,
                    additive=False,
                    universe="stop and searches",
                    period=now,
                ),
                _powers(partnership, rows, now),
            ),
            base="Searches of people in the last three months",
            period=now,
            source="Stop and search records",
            method=method,
            lineage=question.lineage(NAME, method, {"seed": seed, "size": size, "minimum": minimum}),
            cannot_say=(
                "Searches of a rare kind are never drawn, since a row about one of them would be about one person: "
                "the panel should ask for those under its own agreement.",
                "A line of a record is not the search: video and the officer's grounds are asked for by the panel.",
            ),
            synthetic=question.synthetic,
        )


def _lines(rows: list[tuple[Any, ...]]) -> list[str]:
    """Each record as one line; those that are alike to the letter are told apart by their turn."""
    seen: Counter[str] = Counter()
    lines = []
    for row in rows:
        line = "|".join("" if part is None else str(part) for part in row)
        seen[line] += 1
        lines.append(f"{line}|{seen[line]}")
    return lines


def _names(partnership: Any) -> dict[str, str]:
    listed = partnership.codelists.get("stop_search_powers", ())
    return {row["key"]: row["name"] for row in listed}


def _words(partnership: Any, row: tuple[Any, ...]) -> Key:
    powers = _names(partnership)
    broad = {entry.code: entry.label for entry in codelists.get("ethnicity_5")}
    group = {e.code: broad.get(e.extra["code_5"], UNSTATED) for e in codelists.get("ethnicity_18")}
    power, looked_for, outcome, ethnicity = row[:4]
    return (
        powers.get(power, str(power)),
        str(looked_for).replace("_", " ").capitalize(),
        str(outcome).replace("_", " ").capitalize(),
        group.get(ethnicity, UNSTATED),
    )


def _powers(partnership: Any, rows: list[tuple[Any, ...]], now: Period) -> Table:
    """Searches by power: section 60 needs no suspicion, so a panel looks at it first."""
    powers = _names(partnership)
    counts = Counter((powers.get(row[0], str(row[0])),) for row in rows)
    known = tuple(name for name in powers.values() if (name,) in counts)
    names = (*known, *sorted(key[0] for key in counts if key[0] not in known))
    whole = len(rows)

    def dress(key: Key, n: int) -> Cell:
        if key == (TOTAL,):
            return Cell(key, n)
        return Cell(key, n, base=whole, estimate=share(n, whole), rests_on=(("powers", (TOTAL,)),))

    return additive(
        "powers",
        f"Searches by power, {now.label}",
        "searches",
        (with_total("power", "Power", names),),
        dict(counts),
        dress=dress,
        universe="stop and searches",
        period=now,
    )
