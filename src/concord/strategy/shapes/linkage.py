"""How records about one person are found across agencies: a Fellegi-Sunter model as data. One file, `linkage.toml`.

What may be compared is a closed list. Ethnicity is not on it, so no file can make a link depend on it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common

Compared = Literal["given_name", "family_name", "born_on", "sex", "postcode"]
Agreement = Literal[
    "same", "similar", "sounds_alike", "day_and_month_swapped", "two_parts_same", "same_district", "other"
]
Probability = Annotated[float, Field(gt=0, lt=1)]
Key = Literal[
    "given_name",
    "family_name",
    "born_on",
    "born_swapped",
    "postcode",
    "sound_of_given_name",
    "sound_of_family_name",
    "first_letter",
    "birth_year",
]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Level:
    """One degree of agreement, best first. `m`: how often records of one person agree so; `u`: of two people.

    `at_least` is the Jaro-Winkler similarity of `similar`. `rarity` weighs an agreement on a rare value more.
    """

    agreement: Agreement
    m: Probability
    u: Probability
    at_least: Probability | None = None
    rarity: bool = False


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Comparison:
    compare: Compared
    level: tuple[Level, ...]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Linkage(Common):
    """`link_at` joins records in the evidence; from `review_from` up to it a pair waits for a person to look.

    `bar_precision` and `bar_recall`: below either, uses that rest on links are held back.
    """

    prior: Probability
    link_at: Probability
    review_from: Probability
    bar_precision: Probability
    bar_recall: Probability
    candidates: tuple[tuple[Key, ...], ...]
    comparison: tuple[Comparison, ...]


SHAPE = Linkage
