"""The true people of Harbourside: arrays, one entry for each resident, nothing recorded by an agency yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import numpy as np

from concord.synthetic import borough, names

FEMALE, MALE = 0, 1
TWIN_SHARE = 0.004


@dataclass
class Population:
    """Residents. `birth` is days since 1970; `ethnicity`, `postcode`, `given` and `family` are indexes.

    Residents are sorted by sex, then by birth, so that a person of a wanted sex and age is found by bisection.
    """

    sex: np.ndarray
    birth: np.ndarray
    ethnicity: np.ndarray
    postcode: np.ndarray
    given: np.ndarray
    family: np.ndarray
    given_names: np.ndarray
    family_names: np.ndarray
    ethnicity_codes: tuple[str, ...]
    observed_codes: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.sex)

    def copy(self) -> Population:
        """The same residents, free to be changed (stories make families)."""
        return replace(self, family=self.family.copy(), postcode=self.postcode.copy(), ethnicity=self.ethnicity.copy())

    def nearest(self, rng: np.random.Generator, sex: np.ndarray, birth: np.ndarray) -> np.ndarray:
        """A resident of each wanted sex born on the wanted day, or next after it where nobody was."""
        males = int(np.searchsorted(self.sex, MALE))
        low = np.where(sex == MALE, males, 0)
        high = np.where(sex == MALE, len(self), males)
        key = self.sex.astype(np.int64) * 10_000_000 + self.birth + 1_000_000
        wanted = sex.astype(np.int64) * 10_000_000 + birth + 1_000_000
        first, after = np.searchsorted(key, wanted), np.searchsorted(key, wanted, side="right")
        found = first + (rng.random(len(first)) * np.maximum(after - first, 1)).astype(np.int64)
        return np.clip(found, low, high - 1)

    def ages(self, who: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Completed years of each person on a day (days since 1970)."""
        born = self.birth[who].astype("datetime64[D]")
        on = day.astype("datetime64[D]")
        years = on.astype("datetime64[Y]").astype(int) - born.astype("datetime64[Y]").astype(int)
        born_yday = (born.astype("datetime64[M]").astype(int) % 12) * 31 + (born - born.astype("datetime64[M]")).astype(
            int
        )
        on_yday = (on.astype("datetime64[M]").astype(int) % 12) * 31 + (on - on.astype("datetime64[M]")).astype(int)
        return years - (on_yday < born_yday)


def people(seed: int = 1, *, size: float = 1.0, on: date = date(2025, 11, 1)) -> Population:
    """The residents on a day, the same for the same seed and size."""
    return _people(seed, size, (on - date(1970, 1, 1)).days)


@cache
def _people(seed: int, size: float, today: int) -> Population:
    rng = np.random.default_rng([seed, 11])
    counts = borough.population_counts(size)
    wards, bands, sexes = (axis.ravel() for axis in np.indices(counts.shape))
    ward, band, sex = (np.repeat(axis, counts.ravel()) for axis in (wards, bands, sexes))
    total = len(ward)

    age = borough.BAND_FROM[band] + rng.random(total) * (borough.BAND_TO - borough.BAND_FROM)[band]
    # Old age thins out instead of stopping at a wall.
    old = band == len(borough.AGE_BANDS) - 1
    age[old] = 65 + np.minimum(rng.exponential(9.0, int(old.sum())), 40)
    birth = (today - age * 365.2425).astype(np.int64)

    table = borough.rows("ethnicity")
    weights = np.array([[float(row[b]) for b in borough.AGE_BANDS] for row in table])
    cumulative = np.cumsum(weights / weights.sum(axis=0), axis=0)
    draw = rng.random(total)
    ethnicity = np.zeros(total, dtype=np.int64)
    for each in range(len(borough.AGE_BANDS)):
        where = band == each
        ethnicity[where] = np.searchsorted(cumulative[:, each], draw[where])
    ethnicity = np.minimum(ethnicity, len(table) - 1)

    lsoa = ward * borough.LSOAS_PER_WARD + rng.integers(0, borough.LSOAS_PER_WARD, total)
    postcode = lsoa * borough.POSTCODES_PER_LSOA + rng.integers(0, borough.POSTCODES_PER_LSOA, total)

    given, family, given_pool, family_pool = _name(rng, sex, ethnicity, [row["community"] for row in table])
    order = np.lexsort((birth, sex))
    made = Population(
        sex=sex[order].astype(np.int8), birth=birth[order], ethnicity=ethnicity[order],
        postcode=postcode[order], given=given[order], family=family[order],
        given_names=given_pool, family_names=family_pool,
        ethnicity_codes=tuple(row["code"] for row in table),
        observed_codes=tuple(row["observed"] for row in table),
    )  # fmt: skip
    _twins(made, rng)
    return made


def _name(
    rng: np.random.Generator, sex: np.ndarray, ethnicity: np.ndarray, communities: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    given, family = np.zeros(len(sex), dtype=np.int64), np.zeros(len(sex), dtype=np.int64)
    given_pool: list[str] = []
    family_pool: list[str] = []
    # A few surnames in each community are very common, as Begum and Smith are: weights fall off with rank.
    for community in sorted(set(communities)):
        members = np.isin(ethnicity, [i for i, name in enumerate(communities) if name == community])
        for kind, which in (("female", FEMALE), ("male", MALE)):
            pool = names.pool(kind, community)
            here = members & (sex == which)
            given[here] = len(given_pool) + _ranked(rng, len(pool), int(here.sum()), 0.4)
            given_pool.extend(pool)
            surnames = names.pool(f"family_{kind}", community) or names.pool("family", community)
            family[here] = len(family_pool) + _ranked(rng, len(surnames), int(here.sum()), 0.8)
            family_pool.extend(surnames)
    return given, family, np.array(given_pool, dtype=object), np.array(family_pool, dtype=object)


def _ranked(rng: np.random.Generator, choices: int, size: int, slope: float) -> np.ndarray:
    weights = 1.0 / np.arange(1, choices + 1) ** slope
    return np.minimum(np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(size)), choices - 1)


def _twins(made: Population, rng: np.random.Generator) -> None:
    """Give some neighbours in the order of birth one home, one family name and one birthday."""
    first = np.flatnonzero(rng.random(len(made) - 1) < TWIN_SHARE / 2)
    second = first + 1
    same_sex = made.sex[first] == made.sex[second]
    first, second = first[same_sex], second[same_sex]
    for column in (made.birth, made.family, made.postcode, made.ethnicity):
        column[second] = column[first]
