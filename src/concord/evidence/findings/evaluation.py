"""What a tasking or a programme changed, with its uncertainty, and “cannot tell” where that is the answer. Pure.

Sources: Wheeler and Ratcliffe (2018) for the weighted displacement difference; Bowers and Johnson (2003) for the
displacement quotient; Krishnamoorthy and Thomson (2004) for the test of two Poisson rates; Lopez Bernal, Cummins and
Gasparrini (2017, with its correction) for interrupted time series.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from concord.evidence.findings.quantiles import normal, student
from concord.kernel.measures import Estimate, Interval

LEAST_BEFORE = 20
"""With fewer events before, only a very large fall could be told from chance; the wording then says so."""
LEAST_STRETCHES = 6
LEAST_POINTS = 12
"""Months wanted on each side of an interruption."""

Reading = Literal["fewer", "more", "cannot tell"]


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """Counts of one place before and after. Weights scale periods or areas that differ."""

    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Displacement:
    """`difference` in events, net of the comparison area and of what moved next door; `z` its standard score."""

    difference: Estimate
    standard_error: float
    z: float
    quotient: float | None

    @property
    def reading(self) -> Reading:
        interval = self.difference.interval
        if interval is None or interval.low <= 0 <= interval.high:
            return "cannot tell"
        return "fewer" if interval.high < 0 else "more"


def displacement(
    treated: BeforeAfter,
    control: BeforeAfter,
    treated_next: BeforeAfter | None = None,
    control_next: BeforeAfter | None = None,
    *,
    periods: tuple[float, float] = (1.0, 1.0),
    areas: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0),
    level: float = 0.95,
) -> Displacement:
    """Weighted displacement difference: (treated - control) + (next to treated - next to control).

    `periods` divide counts before and after; `areas` divide control, treated, next to control, next to treated.
    """
    nothing = BeforeAfter(0, 0)
    places = (control, treated, control_next or nothing, treated_next or nothing)
    value = variance = 0.0
    for place, area, sign in zip(places, areas, (-1, 1, -1, 1), strict=True):
        value += sign * (place.after / periods[1] - place.before / periods[0]) / area
        variance += (place.after / periods[1] ** 2 + place.before / periods[0] ** 2) / area**2
    return _judged(value, variance, level, _quotient(treated, control, treated_next))


def harm_displacement(
    kinds: Sequence[tuple[BeforeAfter, BeforeAfter]], weights: Sequence[float], *, level: float = 0.95
) -> Displacement:
    """The same for several kinds of offence (control, treated), each event weighted by its harm."""
    value = variance = 0.0
    for (control, treated), weight in zip(kinds, weights, strict=True):
        value += weight * ((treated.after - treated.before) - (control.after - control.before))
        variance += weight**2 * (treated.after + treated.before + control.after + control.before)
    return _judged(value, variance, level, None)


def _judged(value: float, variance: float, level: float, quotient: float | None) -> Displacement:
    error = math.sqrt(variance)
    reach = normal((1 + level) / 2) * error
    estimate = Estimate(
        value, "events", Interval(value - reach, value + reach, level), "weighted displacement difference"
    )
    return Displacement(estimate, error, value / error if error else 0.0, quotient)


def clustering(counts: Sequence[Sequence[float]]) -> float:
    """How much more places vary from one stretch of time to the next than independent events would; never below 1.

    One row a place, one column a stretch. Pearson's statistic of the table over its degrees of freedom, what is
    expected being the place's share of the stretch's total (McCullagh and Nelder 1989). Places with fewer than one
    event a stretch are left out; one with fewer than two others or six columns, of which too little could be learnt.
    """
    seen = np.asarray(counts, dtype=float)
    if seen.ndim != 2 or seen.shape[1] < LEAST_STRETCHES or not seen.sum():
        return 1.0
    seen = seen[seen.mean(axis=1) >= 1]
    seen = seen[:, seen.sum(axis=0) > 0]
    freedom = (seen.shape[0] - 1) * (seen.shape[1] - 1)
    if freedom < 1:
        return 1.0
    expected = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    return max(1.0, float(((seen - expected) ** 2 / expected).sum()) / freedom)


def widened(found: Displacement, dispersion: float, level: float = 0.95) -> Displacement:
    """The same with a variance `dispersion` times as large: near repeats make counts vary more than Poisson's."""
    wider = _judged(found.difference.value, found.standard_error**2 * max(1.0, dispersion), level, found.quotient)
    method = f"{wider.difference.method}, widened for clustering"
    return replace(wider, difference=replace(wider.difference, method=method))


def _quotient(treated: BeforeAfter, control: BeforeAfter, beside: BeforeAfter | None) -> float | None:
    """What moved next door for each event gained: -1 all of it, above 0 the good spread. None where it is unstable."""
    if beside is None or not control.before or not control.after:
        return None
    gained = treated.after / control.after - treated.before / control.before
    return (beside.after / control.after - beside.before / control.before) / gained if abs(gained) > 1e-9 else None


def two_counts(first: int, second: int, *, exposure: tuple[float, float] = (1.0, 1.0)) -> float:
    """Two-sided p of the Poisson E-test that two rates are equal."""
    from statsmodels.stats.rates import test_poisson_2indep

    found = test_poisson_2indep(first, exposure[0], second, exposure[1], method="etest")
    return float(found.pvalue)


@dataclass(frozen=True, slots=True)
class Interruption:
    """`change`: the level after over what the time before leads one to expect; `dispersion` 1 is Poisson."""

    change: Estimate
    standard_error: float
    dispersion: float
    enough: bool


def interruption(
    counts: Sequence[float],
    after: Sequence[bool],
    *,
    exposure: Sequence[float] | None = None,
    harmonics: int = 0,
    per_year: int = 12,
    shape: Literal["step", "slope"] = "step",
    poisson: bool = False,
    level: float = 0.95,
) -> Interruption:
    """Segmented regression: log counts on time and the interruption, as a step, or as a change of slope beside a step.

    The slope runs with the time since the interruption, not with the calendar (as the authors corrected): the step is
    then the one at the interruption itself. Quasi-Poisson unless `poisson`. Raises ValueError where nothing stands on
    one side.
    """
    y, since = np.asarray(counts, dtype=float), np.asarray(after, dtype=bool)
    if not since.any() or since.all():
        raise ValueError("an interruption needs months before and after it")
    time = np.arange(1, len(y) + 1, dtype=float)
    step = since.astype(float)
    slope = np.where(since, time - time[since][0], 0.0)
    columns = [np.ones(len(y)), step, time] if shape == "step" else [np.ones(len(y)), slope, time, step]
    for k in range(1, harmonics + 1):
        angle = 2 * np.pi * k * time / per_year
        columns += [np.sin(angle), np.cos(angle)]
    import statsmodels.api as sm

    offset = None if exposure is None else np.log(np.asarray(exposure, dtype=float))
    model = sm.GLM(y, np.column_stack(columns), family=sm.families.Poisson(), offset=offset)
    fitted = model.fit(scale=None if poisson else "X2", tol=1e-12, maxiter=100)
    beta, error = float(fitted.params[1]), float(fitted.bse[1])
    reach = normal((1 + level) / 2) * error
    change = Estimate(
        math.exp(beta),
        "ratio",
        Interval(math.exp(beta - reach), math.exp(beta + reach), level),
        f"interrupted time series, {'Poisson' if poisson else 'quasi-Poisson'}, {shape}",
    )
    enough = min(int(since.sum()), int((~since).sum())) >= LEAST_POINTS
    return Interruption(change, error, float(fitted.scale), enough)


def difference_in_differences(
    treated: Sequence[Sequence[float]],
    control: Sequence[Sequence[float]],
    after: Sequence[bool],
    *,
    level: float = 0.95,
) -> Estimate | None:
    """Mean change in treated areas less that in control areas, as a ratio; interval from areas, not months.

    One row an area, one column a month. Each area's log ratio of means after to before (plus a half against noughts) is
    one observation, so that months of one area are not taken for independent. None with fewer than two areas a side.
    """
    since = np.asarray(after, dtype=bool)

    def changes(rows: Sequence[Sequence[float]]) -> np.ndarray:
        y = np.asarray(rows, dtype=float)
        return np.log((y[:, since].sum(axis=1) + 0.5) / since.sum()) - np.log(
            (y[:, ~since].sum(axis=1) + 0.5) / (~since).sum()
        )

    if len(treated) < 2 or len(control) < 2:
        return None
    one, other = changes(treated), changes(control)
    value = float(one.mean() - other.mean())
    parts = one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)
    error = math.sqrt(sum(parts))
    free = sum(parts) ** 2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(other) - 1)) if error else 1.0
    reach = student((1 + level) / 2, free) * error
    return Estimate(
        math.exp(value),
        "ratio",
        Interval(math.exp(value - reach), math.exp(value + reach), level),
        "difference in differences of log means, Welch interval over areas",
    )
