"""Rates made comparable between populations of different ages, directly and indirectly. Pure.

Sources: APHO Technical Briefing 3 (2008); Dobson, Kuulasmaa, Eberle and Scherer (1991) for the interval of a directly
standardised rate; Eurostat (2013) for the European Standard Population; PHEindicatormethods (UKHSA) for the variance
where one person may have several events.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from concord.evidence.findings.statistics import poisson_limits
from concord.kernel.measures import Estimate, Interval

LEAST_EVENTS = 10
"""A directly standardised rate of fewer events is not stated: its weights rest on too little (Fingertips)."""


def directly(
    events: Sequence[float],
    population: Sequence[float],
    standard: Sequence[float],
    *,
    per: float = 100_000.0,
    level: float = 0.95,
    by_person: Sequence[Sequence[float]] | None = None,
    of: str = "residents",
) -> Estimate | None:
    """Directly standardised rate with Dobson's interval; None below ten events.

    Each sequence has one entry for each age band. `by_person[f - 1]` holds, for each band, the number of people with
    exactly f events: events of one person are not independent, and leaving that out makes the interval too narrow.
    Raises ValueError where lengths differ, a band has no population, or `by_person` does not add up to `events`.
    """
    x, n, w = (np.asarray(each, dtype=float) for each in (events, population, standard))
    if not len(x) == len(n) == len(w) or (n <= 0).any():
        raise ValueError("events, population and standard need one entry for each band, and people in every band")
    total = float(x.sum())
    if total < LEAST_EVENTS:
        return None
    value = float((w * x / n).sum() / w.sum())
    counts: list[tuple[int, np.ndarray]] = [(1, x)]
    if by_person is not None:
        counts = [(f, np.asarray(people, dtype=float)) for f, people in enumerate(by_person, start=1)]
        if not np.allclose(sum(f * people for f, people in counts), x):
            raise ValueError("people by number of events do not add up to the events")
    variance = sum(f * f * float((w * w * people / (n * n)).sum()) for f, people in counts) / float(w.sum()) ** 2
    low, high, limits = poisson_limits(total, level)
    scale = math.sqrt(variance / total)
    repeated = ", people counted with all their events" if by_person is not None else ""
    return Estimate(
        value * per,
        f"per {per:,.0f} {of}, age-standardised",
        Interval((value + scale * (low - total)) * per, (value + scale * (high - total)) * per, level),
        f"direct standardisation, Dobson's interval ({limits}){repeated}",
    )


def expected(reference_events: Sequence[float], reference: Sequence[float], population: Sequence[float]) -> float:
    """How many events a population would have at the reference's rates, band by band."""
    events, people, own = (np.asarray(each, dtype=float) for each in (reference_events, reference, population))
    return float((events / people * own).sum())


def indirectly(observed: float, expected_events: float, *, level: float = 0.95) -> Estimate:
    """Observed over expected events, with the observed count's own limits. Raises ValueError if nothing is expected."""
    if expected_events <= 0:
        raise ValueError("an indirectly standardised ratio needs expected events")
    low, high, limits = poisson_limits(observed, level)
    return Estimate(
        observed / expected_events,
        "observed over expected",
        Interval(low / expected_events, high / expected_events, level),
        f"indirect standardisation ({limits})",
    )
