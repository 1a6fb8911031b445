"""What came of stop and searches: any outcome but none, by ethnic group, power and age."""

from __future__ import annotations

from typing import Any

from concord.evidence.datasets.store import Store
from concord.evidence.findings.build import last_months, with_total
from concord.evidence.findings.ethnicity import group_names, with_groups
from concord.evidence.findings.model import Finding
from concord.evidence.findings.question import Question
from concord.evidence.findings.shares import UNSTATED, answer, categories, counted, in_words, list_names, shared_out
from concord.kernel.periods import Period

NAME = "search_outcomes"
UNIVERSE = "stop and searches"
CAME = ("Something came of it", "No further action")
METHOD = (
    "Searches of the last twelve months of the period by whether anything but no further action came of them, "
    "whether or not it had to do with what was looked for. Wilson intervals."
)


def find(store: Store, partnership: Any, period: Period) -> Finding:
    """Outcomes of searches in the last twelve months of `period`."""
    now = last_months(period, 12)
    with Question(store, "stop_search") as question:
        with_groups(question)
        rows = question.rows(
            f"SELECT coalesce(name, '{UNSTATED}') AS given, power, age_band, "
            f"CASE WHEN outcome = 'no_further_action' THEN '{CAME[1]}' ELSE '{CAME[0]}' END AS came, outcome, count(*) "
            "FROM stop_search LEFT JOIN ethnic_groups ON code = ethnicity_self "
            "WHERE searched_at::DATE BETWEEN $start AND $end GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        names = list_names(partnership, "stop_search_powers")
        came = with_total("came", "What came of it", CAME)
        by_group = counted((given, said, n) for given, _, _, said, _, n in rows)
        by_power = counted((names.get(str(power)) or in_words(power), said, n) for _, power, _, said, _, n in rows)
        by_age = counted((age, said, n) for _, _, age, said, _, n in rows)
        outcomes = counted((in_words(outcome), n) for *_, outcome, n in rows)
        given = with_total(
            "ethnicity", "Ethnic group, as the person gave it", group_names({key[0] for key in by_group})
        )
        tables = (
            shared_out("groups", f"What came of searches, by ethnic group, {now.label}", "searches", (given, came),
                       by_group, universe=UNIVERSE),
            shared_out("powers", f"What came of searches, by power, {now.label}", "searches",
                       (with_total("power", "Power", categories(by_power)), came), by_power, universe=UNIVERSE),
            shared_out("ages", f"What came of searches, by age, {now.label}", "searches",
                       (with_total("age_band", "Age", categories(by_age)), came), by_age, universe=UNIVERSE),
            shared_out("outcomes", f"Outcomes of searches, {now.label}", "searches",
                       (with_total("outcome", "Outcome", categories(outcomes)),), outcomes, universe=UNIVERSE),
        )  # fmt: skip
        return answer(
            question,
            NAME,
            "What comes of stop and searches?",
            tables,
            base="Searches of people in the period",
            period=now,
            source="Stop and search records",
            method=METHOD,
            cannot_say=(
                "An outcome need have nothing to do with why somebody was searched.",
                "That nothing came of a search does not show that there was no ground for it.",
                "Equal shares do not show that searches are fair, nor unequal ones that they are not.",
            ),
            source_class="police",
        )
