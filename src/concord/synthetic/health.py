"""Assault attendances at the emergency department, in the anonymous shape that hospitals share (ISTV)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from concord.synthetic import borough, calendar
from concord.synthetic.crimes import Crimes
from concord.synthetic.population import Population

ATTENDANCES_A_YEAR = 1150
KNOWN_TO_POLICE = 0.52
DEPRIVED_SHARE_MALE = 0.82
METHODS = ("body_part", "blunt_object", "knife_or_sharp", "glass", "firearm", "corrosive", "other", "not_known")
METHOD_SHARES = np.array([0.58, 0.11, 0.12, 0.05, 0.004, 0.003, 0.06, 0.073])
PLACES = ("street", "home", "licensed_premises", "workplace", "school", "transport", "park", "not_known")
PLACE_SHARES = np.array([0.44, 0.20, 0.11, 0.04, 0.03, 0.06, 0.04, 0.08])
ASSAILANTS = ("one", "two", "three_or_more", "not_known")
ASSAILANT_SHARES = np.array([0.58, 0.13, 0.17, 0.12])


@dataclass
class Attendances:
    """One entry for each attendance; stamps are minutes since 1970 in local time; `crime` is the row or -1."""

    arrived: np.ndarray
    assaulted: np.ndarray
    method: np.ndarray
    place: np.ndarray
    ward: np.ndarray
    band: np.ndarray
    male: np.ndarray
    crime: np.ndarray


def attend(
    rng: np.random.Generator, people: Population, crimes: Crimes, code: np.ndarray,
    *, start: int, end: int, size: float,
) -> Attendances:  # fmt: skip
    """About half of attendances are crimes the police recorded; the rest nobody reported."""
    total = max(6, int(ATTENDANCES_A_YEAR * size * (end - start) / 365.25))
    here = borough.places()
    injured = np.flatnonzero(np.isin(code, ("8N", "5D", "2", "34B", "105A", "8P")) & (crimes.victim >= 0))
    known = rng.permutation(injured)[: int(total * KNOWN_TO_POLICE)]
    left = total - len(known)
    days = np.arange(start, end)
    day = days[calendar.draw(rng, calendar.day_weights(days, "serious"), left)]
    hour = calendar.draw(rng, calendar.SERIOUS, left)
    unseen_at = day * 1440 + hour * 60 + rng.integers(0, 60, left)
    deprived = here.deprivation >= np.sort(here.deprivation)[len(here.deprivation) * 3 // 5]
    weights = here.ward_share / here.ward_share[deprived].sum() * DEPRIVED_SHARE_MALE
    weights[~deprived] = here.ward_share[~deprived] / here.ward_share[~deprived].sum() * (1 - DEPRIVED_SHARE_MALE)
    age = (crimes.day[known] - people.birth[crimes.victim[known]]) / 365.2425
    band = np.concatenate(
        [np.searchsorted(borough.BAND_FROM, age, side="right") - 1,
         calendar.draw(rng, np.array([0.01, 0.13, 0.31, 0.35, 0.17, 0.03]), left)]
    )  # fmt: skip
    ward = np.concatenate([here.lsoa_ward[crimes.lsoa[known]], calendar.draw(rng, weights, left)])
    male = np.concatenate([people.sex[crimes.victim[known]] == 1, rng.random(left) < 0.74])
    assaulted = np.concatenate([crimes.day[known] * 1440 + crimes.minute[known], unseen_at])
    method = calendar.draw(rng, METHOD_SHARES, total)
    method[: len(known)][crimes.knife[known]] = METHODS.index("knife_or_sharp")
    arrived = assaulted + 15 + np.floor(rng.exponential(110, total)).astype(np.int64)
    order = np.argsort(arrived, kind="stable")
    order = order[(arrived[order] >= start * 1440) & (arrived[order] < end * 1440)]
    return Attendances(
        arrived=arrived[order], assaulted=assaulted[order], method=method[order],
        place=calendar.draw(rng, PLACE_SHARES, total)[order], ward=ward[order], band=band[order],
        male=male[order], crime=np.concatenate([known, np.full(left, -1)])[order],
    )  # fmt: skip
