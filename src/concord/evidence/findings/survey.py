"""Estimates from sample surveys: weights, strata, clusters, and what they do to the uncertainty. Pure.

Sources: Lumley (2010), as R's survey package: linearised ratio estimates, degrees of freedom of clusters less strata,
logit limits for shares. A survey that anybody may answer has no sampling error to state: see `self_selected`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from concord.evidence.findings.quantiles import student
from concord.kernel.measures import Estimate, Interval

LEAST_ASKED = 30
"""Groups with fewer respondents are not shown (as Sport England's Active Lives survey does)."""


class Design:
    """A sample: one entry for each respondent. Without clusters each respondent is one; `fpc` is how many clusters the
    stratum has in all."""

    def __init__(
        self,
        weights: Sequence[float],
        *,
        strata: Sequence[object] | None = None,
        clusters: Sequence[object] | None = None,
        fpc: Sequence[float] | None = None,
    ) -> None:
        self.weights = np.asarray(weights, dtype=float)
        n = len(self.weights)
        self.stratum = np.unique(np.asarray(strata), return_inverse=True)[1] if strata is not None else np.zeros(n, int)
        own = np.asarray(clusters) if clusters is not None else np.arange(n)
        pairs = np.unique(
            np.column_stack([self.stratum, np.unique(own, return_inverse=True)[1]]), axis=0, return_inverse=True
        )
        self.cluster = pairs[1].ravel()
        self.stratum_of = pairs[0][:, 0]
        self.fpc = None if fpc is None else np.asarray(fpc, dtype=float)

    @property
    def freedom(self) -> int:
        return len(self.stratum_of) - len(np.unique(self.stratum_of))

    def variance(self, scores: np.ndarray) -> float:
        """Of the weighted total of `scores` (already weighted), between clusters within strata."""
        totals = np.bincount(self.cluster, weights=scores, minlength=len(self.stratum_of))
        found = 0.0
        for stratum in np.unique(self.stratum_of):
            held = totals[self.stratum_of == stratum]
            m = len(held)
            if m < 2:
                raise ValueError("a stratum with one cluster says nothing about its variation; join it to another")
            left = 1.0 if self.fpc is None else 1 - m / float(self.fpc[self.stratum == stratum][0])
            found += left * m / (m - 1) * float(((held - held.mean()) ** 2).sum())
        return found


def mean(values: Sequence[float], design: Design, *, level: float = 0.95) -> tuple[Estimate, float, float]:
    """Weighted mean with its interval, standard error and design effect (against drawing as many at random)."""
    y, w = np.asarray(values, dtype=float), design.weights
    value = float((w * y).sum() / w.sum())
    error = math.sqrt(design.variance(w * (y - value) / w.sum()))
    reach = student((1 + level) / 2, design.freedom) * error
    return (
        Estimate(value, "mean", Interval(value - reach, value + reach, level), "linearised"),
        error,
        _effect(y, w, value, error, design),
    )


def _effect(y: np.ndarray, w: np.ndarray, value: float, error: float, design: Design) -> float:
    n = len(y)
    spread = float((w * (y - value) ** 2).sum() / w.sum()) * n / (n - 1)
    drawn = spread / n * (1.0 if design.fpc is None else 1 - n / float(w.sum()))
    return error**2 / drawn if drawn > 0 else math.nan


def share(holds: Sequence[bool], design: Design, *, level: float = 0.95) -> tuple[Estimate, float] | None:
    """Weighted percentage with logit limits, and the design effect; None with under thirty respondents.

    A share of nobody or of everybody has no limits of this kind: its interval is None.
    """
    y = np.asarray(holds, dtype=float)
    if len(y) < LEAST_ASKED:
        return None
    estimate, error, effect = mean(y.tolist(), design, level=level)
    p = estimate.value
    if not 0 < p < 1:
        return Estimate(100 * p, "%", None, "weighted share"), effect
    centre = math.log(p / (1 - p))
    reach = student((1 + level) / 2, design.freedom) * error / (p * (1 - p))
    low, high = (100 / (1 + math.exp(-(centre + sign * reach))) for sign in (-1, 1))
    return Estimate(100 * p, "%", Interval(low, high, level), "weighted share, logit limits"), effect


def self_selected(part: int, asked: int) -> Estimate | None:
    """A share of those who chose to answer: no interval, because who answers is not left to chance."""
    if asked < LEAST_ASKED:
        return None
    return Estimate(100 * part / asked, "%", None, f"share of {asked} who chose to answer; not a sample of residents")
