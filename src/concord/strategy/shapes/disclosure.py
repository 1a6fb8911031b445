"""The shape of `disclosure.toml`: who may be shown what, and how small a number may be.

A rule is data with its source. Nothing here decides; `concord.evidence.disclosure` does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import field
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.common import FORBID, Common, Source, Text

SourceClass = Literal["police", "health", "education", "social_care", "desk", "open"]
Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Audience:
    """Who reads a release. `sees` names the audiences whose releases this one can read as well.

    `restricted` audiences are named groups that may be given small numbers, under `agreement`.
    """

    label: Text
    sees: tuple[str, ...] = ()
    restricted: bool = False
    agreement: str = ""

    @model_validator(mode="after")
    def _restricted_names_its_agreement(self) -> Audience:
        if self.restricted and not self.agreement:
            raise ValueError("a restricted audience must name the agreement that allows it small numbers")
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Threshold:
    """What one class of source demands instead of the rule's own numbers."""

    hide_from: Count | None = None
    hide_to: Count | None = None
    complementary: bool | None = None
    round_to: Count | None = None
    class_disclosure: Literal["ignore", "flag", "hide"] | None = None
    no_percentage_below: Count | None = None
    fewest_people: Count | None = None
    source: Source | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Dominance:
    """When a sum of amounts says too much about the largest of them.

    Hidden where the `largest` biggest contributions make more than `share` per cent of the sum (the n-k rule), or where
    all but the two biggest make less than `within` per cent of the biggest, so that the second could work out the first
    to within that (the p% rule). 0 leaves a rule out.
    """

    largest: Annotated[int, Field(ge=1)] = 2
    share: Annotated[float, Field(ge=0, le=100)] = 0
    within: Annotated[float, Field(ge=0, le=100)] = 0
    source: Source | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Rule:
    """How small numbers are kept from `audiences`.

    Counts from `hide_from` to `hide_to` (both included) are hidden, with whatever gives them back;
    `hide_to = 0` hides nothing. `protection` is the width, in events, of the narrowest interval that a
    reader may work out for a hidden count. `round_to` rounds every shown count to the nearest of it (0: not).
    `remainder`: a share is hidden as well where the rest of its base is small. Percentages are withheld where the
    base is below `no_percentage_below`, and whole numbers below `whole_percentage_below`.
    `revisions`: a number that differs by a small count from what was shown before its source was revised is hidden.
    `fewest_people`: a count that is about fewer different people is hidden, however many events it counts.
    `least_catchment`: a point on a map that stands for fewer addresses is hidden. `dominance`: see there.
    `sources` says where single keys come from, where that is not the rule's own `source`.
    `safe_facts` are the facts of a finding that may leave even where a count is hidden.
    """

    title: Text
    audiences: tuple[str, ...]
    hide_from: Count = 1
    hide_to: Count
    complementary: bool = True
    protection: Annotated[int, Field(ge=1)] = 1
    zeros: Literal["show", "may_hide"] = "show"
    class_disclosure: Literal["ignore", "flag", "hide"] = "flag"
    remainder: bool = True
    no_percentage_below: Count = 0
    whole_percentage_below: Count = 0
    round_to: Count = 0
    revisions: Literal["hide", "ignore"] = "hide"
    fewest_people: Count = 0
    least_catchment: Count = 0
    dominance: Dominance | None = None
    sources: dict[str, Source] = field(default_factory=dict)
    safe_facts: tuple[str, ...] = ()
    seconds: Annotated[float, Field(gt=0)] = 10.0
    by_source: dict[SourceClass, Threshold] = field(default_factory=dict)
    source: Source | None = None
    key: str = ""
    reads: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Filled in by the policy: for every audience, the audiences whose releases it can read."""
    under: dict[str, str] = field(default_factory=dict)
    """Filled in by the policy: the agreement of each restricted audience."""

    @model_validator(mode="after")
    def _consistent(self) -> Rule:
        if self.hide_to and self.hide_from > self.hide_to:
            raise ValueError(f"hide_from ({self.hide_from}) is above hide_to ({self.hide_to})")
        hides_classes = self.class_disclosure == "hide" or any(
            t.class_disclosure == "hide" for t in self.by_source.values()
        )
        if hides_classes and self.zeros != "may_hide":
            raise ValueError('class_disclosure = "hide" needs zeros = "may_hide": the noughts give the full cell away')
        return self

    @property
    def shows_small_numbers(self) -> bool:
        return self.hide_to == 0

    def of(self, *source_classes: str) -> Rule:
        """This rule with what `source_classes` demand in place of its own numbers; of several, the strictest demand."""
        demanded = {name: t for name in source_classes if (t := self.by_source.get(name)) is not None}  # type: ignore[call-overload]
        if not demanded:
            return self
        changes: dict[str, Any] = {}
        for name in (f.name for f in dataclasses.fields(Threshold) if f.name != "source"):
            values = [value for t in demanded.values() if (value := getattr(t, name)) is not None]
            if len(values) == len(source_classes):
                changes[name] = strictest(name, values)
            elif values:  # a source that demands nothing of its own leaves the rule's number in place
                changes[name] = strictest(name, [*values, getattr(self, name)])
        source = next((t.source for t in demanded.values() if t.source), self.source)
        return dataclasses.replace(self, **changes, source=source, key=f"{self.key}/{'+'.join(sorted(demanded))}")


_LENIENT_FIRST: dict[str, tuple[Any, ...]] = {
    "complementary": (False, True),
    "class_disclosure": ("ignore", "flag", "hide"),
}


def strictest(name: str, values: Sequence[Any]) -> Any:
    """Of several demands for one key of a rule the one that hides most."""
    if name in _LENIENT_FIRST:
        return max(values, key=_LENIENT_FIRST[name].index)
    return min(values) if name == "hide_from" else max(values)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Disclosure(Common):
    """The disclosure policy of a partnership."""

    audiences: dict[str, Audience]
    rules: dict[str, Rule]

    def __post_init__(self) -> None:
        reads = {name: tuple(sorted(self.readable_by(name))) for name in self.audiences}
        under = {name: audience.agreement for name, audience in self.audiences.items() if audience.restricted}
        named = {key: dataclasses.replace(rule, key=key, reads=reads, under=under) for key, rule in self.rules.items()}
        object.__setattr__(self, "rules", named)

    @model_validator(mode="after")
    def _names_resolve(self) -> Disclosure:
        for key, audience in self.audiences.items():
            for seen in audience.sees:
                if seen not in self.audiences:
                    raise ValueError(
                        f"audiences.{key}.sees: no audience “{seen}”. {did_you_mean(seen, self.audiences)}"
                    )
        for key, rule in self.rules.items():
            for name in rule.audiences:
                if name not in self.audiences:
                    raise ValueError(
                        f"rules.{key}.audiences: no audience “{name}”. {did_you_mean(name, self.audiences)}"
                    )
                if rule.shows_small_numbers and not self.audiences[name].restricted:
                    raise ValueError(
                        f"rules.{key} shows small numbers (hide_to = 0) but audience “{name}” is not restricted"
                    )
        return self

    def rule(self, key: str) -> Rule:
        """The rule called `key`; raises Usage with the nearest name."""
        if key not in self.rules:
            raise Usage(f"There is no disclosure rule “{key}”", next_step=did_you_mean(key, self.rules))
        return self.rules[key]

    def readable_by(self, audience: str) -> frozenset[str]:
        """Audiences whose releases `audience` can read, itself included, followed to the end."""
        seen: set[str] = set()
        ahead = [audience]
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                ahead.extend(self.audiences[name].sees if name in self.audiences else ())
        return frozenset(seen)


SHAPE = Disclosure
