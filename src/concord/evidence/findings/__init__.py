"""Findings: one question each, answered from the datasets with intervals and what it cannot say. Not for showing."""

from __future__ import annotations

import inspect
from typing import Any, Protocol

from concord.evidence.datasets.store import Store
from concord.evidence.findings import (
    definition_coverage,
    desk_timeliness,
    ed_assaults_against_police,
    places,
    serious_violence_rate,
    serious_violence_trend,
    times,
    victim_offender_overlap,
)
from concord.evidence.findings.model import Finding
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

__all__ = ["FINDINGS", "Finding", "FindingFunction", "find"]


class FindingFunction(Protocol):
    """Answers one question over a period. Keyword parameters differ by finding and are JSON-able."""

    def __call__(self, store: Store, partnership: Any, period: Period, **parameters: Any) -> Finding: ...


FINDINGS: dict[str, FindingFunction] = {
    serious_violence_rate.NAME: serious_violence_rate.find,
    serious_violence_trend.NAME: serious_violence_trend.find,
    places.NAME: places.find,
    times.NAME: times.find,
    victim_offender_overlap.NAME: victim_offender_overlap.find,
    definition_coverage.NAME: definition_coverage.find,
    ed_assaults_against_police.NAME: ed_assaults_against_police.find,
    desk_timeliness.ACTIONS: desk_timeliness.find_actions,
    desk_timeliness.CONTACTS: desk_timeliness.find_contacts,
}


def find(name: str, store: Store, partnership: Any, period: Period, **parameters: Any) -> Finding:
    """The finding called `name`.

    Raises Usage for a finding or parameter that does not exist (with the nearest name), BadInput where a dataset it
    needs was never loaded.
    """
    if name not in FINDINGS:
        raise Usage(f"There is no finding “{name}”", next_step=did_you_mean(name, FINDINGS))
    takes = list(inspect.signature(FINDINGS[name]).parameters)[3:]
    for given in parameters:
        if given not in takes:
            raise Usage(
                f"Finding “{name}” takes no parameter “{given}”",
                next_step=did_you_mean(given, takes) if takes else "It takes none.",
            )
    return FINDINGS[name](store, partnership, period, **parameters)
