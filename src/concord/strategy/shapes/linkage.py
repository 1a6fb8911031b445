"""How records about one person are found across agencies: a Fellegi-Sunter model as data. One file, `linkage.toml`.

What may be compared is a closed list. Ethnicity is not on it, nor religion or nationality, so no file can make a link
depend on them. What a link may be used for is data too: each use has its bar, each purpose its own pseudonyms.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

Compared = Literal[
    "given_name",
    "family_name",
    "full_name",
    "born_on",
    "sex",
    "postcode",
    "street_number",
    "address",
    "town",
    "email",
    "phone",
    "occupation",
]
"""What two records may be compared by. `full_name` is both names together."""
Agreement = Literal[
    "same",
    "similar",
    "sounds_alike",
    "few_edits",
    "names_exchanged",
    "day_and_month_swapped",
    "first_of_january",
    "two_parts_same",
    "within_days",
    "same_district",
    "same_area",
    "other",
]
NOT_KNOWN = "not known"
"""What is said of a field that one of two records does not hold; it counts neither for nor against."""
Probability = Annotated[float, Field(gt=0, lt=1)]
Share = Annotated[float, Field(ge=0, le=1)]
MatchKey = Literal[
    "given_name",
    "family_name",
    "full_name",
    "born_on",
    "born_swapped",
    "postcode",
    "street_number",
    "address",
    "town",
    "email",
    "phone",
    "occupation",
    "sound_of_given_name",
    "sound_of_family_name",
    "start_of_given_name",
    "start_of_family_name",
    "start_of_full_name",
    "first_letter",
    "birth_year",
    "district",
    "names_exchanged",
]
"""What candidates may share. `born_swapped` and `names_exchanged` look for the other order in the other record."""
_WORDS = {"given_name", "family_name", "full_name", "address", "town", "email", "occupation"}
_MEANT_FOR: dict[str, set[str]] = {
    "sounds_alike": {"given_name", "family_name"},
    "names_exchanged": {"given_name", "full_name"},
    "similar": _WORDS,
    "few_edits": _WORDS | {"born_on", "postcode", "phone", "street_number"},
    "day_and_month_swapped": {"born_on"},
    "first_of_january": {"born_on"},
    "two_parts_same": {"born_on"},
    "within_days": {"born_on"},
    "same_district": {"postcode"},
    "same_area": {"postcode"},
}


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Level:
    """One degree of agreement, best first. `m`: how often records of one person agree so; `u`: of two people.

    `at_least` is the Jaro-Winkler similarity of `similar`; `at_most` the edits (Damerau-Levenshtein) of `few_edits`
    or the days of `within_days`. `rarity` weighs an agreement on a rare value more.
    """

    agreement: Agreement
    m: Probability
    u: Probability
    at_least: Probability | None = None
    at_most: int | None = None
    rarity: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.agreement == "similar" and self.at_least is None:
            raise ValueError("`similar` needs `at_least`, a Jaro-Winkler similarity such as 0.88")
        if self.agreement in ("few_edits", "within_days") and self.at_most is None:
            raise ValueError(f"`{self.agreement}` needs `at_most`, a whole number")
        return self


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Comparison:
    compare: Compared
    level: tuple[Level, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for level in self.level:
            meant_for = _MEANT_FOR.get(level.agreement)
            if meant_for is not None and self.compare not in meant_for:
                raise ValueError(f"`{level.agreement}` cannot be asked of `{self.compare}`")
        if not self.level or self.level[-1].agreement != "other":
            raise ValueError("the last level of a comparison is `other`")
        return self


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Contradiction:
    """Pairs that agree and disagree as `when` says are never joined by evidence: they wait for a person to look.

    Each condition names a field and the levels of it that are meant. Two such records are not held together by a
    third record either.
    """

    why: Text
    when: dict[Compared, tuple[Agreement, ...]]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Use:
    """What links must reach before this may rest on them. Both shares are the lower ends of 95% intervals.

    `group_gap` is the most by which the best-found group's recall may exceed the worst-found group's: the use is
    blocked where a larger gap is shown (the lower end of its interval is above it).
    """

    title: Text
    precision: Share
    recall: Share
    group_gap: Share


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Purpose:
    """What pseudonyms are made for. Each purpose has its own key, so two of them cannot be joined."""

    title: Text
    gateway: Text | None = None


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Training:
    """How weights are estimated. `sure` finds pairs hardly ever wrong, which are `sure_recall` of all true pairs.

    Each of `passes` is one run of expectation-maximisation over the pairs that share its keys.
    """

    sure: tuple[tuple[MatchKey, ...], ...]
    sure_recall: Probability
    passes: tuple[tuple[MatchKey, ...], ...]
    random_pairs: int = 5_000_000


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Trained:
    """Where estimated weights come from, and the person who has looked at them. Unreviewed weights are refused."""

    on: dt.date
    records: int
    method: Text
    reviewed_by: Text
    reviewed_on: dt.date


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Linkage(Common):
    """`link_at` joins records in the evidence; from `review_from` up to it a pair waits for two people to look.

    `matches_per_record` is how many other records of its person a record has, on average: from it and the number of
    records follows the prior, the chance that two records taken at random are of one person.
    `most_pairs_per_record` is how many candidate pairs one rule may make for each record, on average, before linking
    is refused. `groups_from` is the fewest true pairs a group needs for its recall to be compared.
    """

    matches_per_record: Annotated[float, Field(gt=0)]
    link_at: Probability
    review_from: Probability
    candidates: tuple[tuple[MatchKey, ...], ...]
    comparison: tuple[Comparison, ...]
    most_pairs_per_record: int = 100
    groups_from: int = 50
    contradiction: tuple[Contradiction, ...] = ()
    training: Training | None = None
    trained: Trained | None = None
    reviewing: dict[Key, Text] = Field(default_factory=dict)
    uses: dict[Key, Use] = Field(default_factory=dict)
    purposes: dict[Key, Purpose] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.review_from < self.link_at:
            raise ValueError("`review_from` must be below `link_at`: pairs between them wait for a person to look")
        compared = {each.compare: {level.agreement for level in each.level} for each in self.comparison}
        for rule in self.contradiction:
            for field, levels in rule.when.items():
                unknown = [each for each in levels if each not in compared.get(field, ())]
                if unknown:
                    raise ValueError(f"a contradiction speaks of `{field}` as `{unknown[0]}`, which is not compared")
        return self


SHAPE = Linkage
