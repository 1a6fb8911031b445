"""`definition.toml`: what "serious violence" means here, composed from a closed vocabulary of named conditions.

A limb joins conditions and other limbs by `any_of`, `all_of` or `none_of`, lists offence groups by `offence_in`, or
asks by `linked` whether another limb holds of the crime that this one is linked to. There are no expressions: a
condition that the vocabulary lacks is added to `concord.definition.predicates`, with a spec table.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord import codelists
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.common import FORBID, Common, Key, Lines, Text

PREDICATES: dict[str, tuple[str, ...]] = {
    "victim_under_age": ("young_person_under",),
    "suspect_under_age": ("young_person_under",),
    "victim_between_ages": ("victim_from_age", "victim_to_age"),
    "flagged_domestic_abuse": (),
    "parties_may_be_old_enough": ("domestic_abuse_from_age",),
    "personally_connected": ("domestic_abuse_from_age",),
    "flagged_hate": ("hate_strand_scheme",),
    "aggravated_offence": (),
    "weapon_in_clause": (),
    "knife_used": (),
}
"""Every condition a definition may name, with the parameters it needs."""

PARAMETERS: dict[str, tuple[type, ...]] = {
    "young_person_under": (int,),
    "victim_from_age": (int,),
    "victim_to_age": (int,),
    "domestic_abuse_from_age": (int,),
    "hate_strand_scheme": (str,),
}
SCHEMES = ("national", "local")
MOST_QUESTIONS = 28
MOST_CHANGES = 60
"""An answer to a definition is kept in one 64-bit number: two digits a question, and room for this many changes of a
parameter."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Parameter:
    """A value of the rule, and the day of the offence from which each value holds.

    The earliest value also reads earlier offences, so that one definition covers a whole series.
    """

    says: Text
    values: Annotated[dict[dt.date, int | str], Field(min_length=1)]
    lines: Lines | None = None


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Limb:
    """One named part of the definition. `reported` limbs are listed with every verdict they hold for."""

    title: Text
    says: Text | None = None
    any_of: tuple[Key, ...] = ()
    all_of: tuple[Key, ...] = ()
    none_of: tuple[Key, ...] = ()
    offence_in: tuple[Key, ...] = ()
    linked: Key | None = None
    reported: bool = False
    lines: Lines | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Limb:
        ways = [name for name in ("any_of", "all_of", "none_of", "offence_in", "linked") if getattr(self, name)]
        if len(ways) != 1:
            raise ValueError(
                f"has {' and '.join(ways) or 'none of the keys that compose it'}; a limb needs exactly one of "
                "any_of, all_of, none_of, offence_in, linked"
            )
        for group in self.offence_in:
            if group not in codelists.offence_groups():
                raise ValueError(
                    f"names “{group}”, which is no offence group. {did_you_mean(group, codelists.offence_groups())}"
                )
        return self

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the conditions and limbs this limb rests on."""
        return (*self.any_of, *self.all_of, *self.none_of, *((self.linked,) if self.linked else ()))


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Factors:
    """Why violence of one offence group is serious here: the four matters that section 13(6) of the Police, Crime,
    Sentencing and Courts Act 2022 requires a partnership to take into account.

    `maximum_penalty` is a national fact and is taken from the code list unless given. A matter that the partnership
    has not recorded yet is left out, and shown as open.
    """

    group: Key
    impact_on_victims: Text | None = None
    prevalence: Text | None = None
    impact_on_community: Text | None = None
    maximum_penalty: Text | None = None

    @model_validator(mode="after")
    def _known(self) -> Factors:
        if self.group not in codelists.offence_groups():
            raise ValueError(
                f"names “{self.group}”, which is no offence group. "
                f"{did_you_mean(self.group, codelists.offence_groups())}"
            )
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Beside:
    """Something counted beside the total and never in it, and where it is counted from.

    Crimes of `groups` that are out are counted as lines of their own.
    """

    name: Text
    says: Text
    counted_from: tuple[Text, ...] = ()
    groups: tuple[Key, ...] = ()

    @model_validator(mode="after")
    def _known(self) -> Beside:
        for group in self.groups:
            if group not in codelists.offence_groups():
                raise ValueError(
                    f"names “{group}”, which is no offence group. {did_you_mean(group, codelists.offence_groups())}"
                )
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Example:
    """A case the board has to agree with. `concord check` evaluates it and refuses a definition that says otherwise.

    Ages are at the time of the offence; -1 is a person whose age is not known.
    """

    text: Text
    verdict: Literal["in", "out", "undetermined"]
    offence: Text
    sub_code: Text | None = None
    victims: tuple[int, ...] = ()
    suspects: tuple[int, ...] = ()
    relationship: Key | None = None
    domestic_abuse: Literal["yes", "no", "not recorded"] = "no"
    hate_strand: Key | None = None
    linked_offence: Text | None = None
    linked_victims: tuple[int, ...] = ()
    linked_suspects: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, config=FORBID)
class DefinitionFile(Common):
    """The definition of one partnership. `serious_violence` names the limb that decides.

    `version` names this edition of the rule; `measures` names conditions that are counted beside the verdict and
    never decide it (a weapon, for example).
    """

    title: Text
    version: Text
    adopted_on: dt.date
    serious_violence: Key
    limbs: Annotated[dict[Key, Limb], Field(min_length=1)]
    parameters: dict[Key, Parameter] = Field(default_factory=dict)
    review_on: dt.date | None = None
    says: Text | None = None
    measures: dict[Key, Key] = Field(default_factory=dict)
    offence: tuple[Factors, ...] = ()
    beside: tuple[Beside, ...] = ()
    example: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _composed(self) -> DefinitionFile:
        known = (*self.limbs, *PREDICATES)
        for name in self.limbs:
            if name in PREDICATES:
                raise ValueError(f"limb “{name}” has the name of a condition; give the limb another name")
        named = [(f"limbs.{name}", part) for name, limb in self.limbs.items() for part in limb.parts]
        named += [(f"measures.{name}", part) for name, part in self.measures.items()]
        for place, part in named:
            if part not in known:
                raise ValueError(
                    f"{place} names “{part}”, which is neither a condition nor a limb. {did_you_mean(part, known)}"
                )
        if self.serious_violence not in self.limbs:
            raise ValueError(
                f"serious_violence names “{self.serious_violence}”, which is no limb. "
                f"{did_you_mean(self.serious_violence, self.limbs)}"
            )
        for name in self.limbs:
            self._walk(name, (), behind_link=False)
        self._parameters_given({part for _, part in named if part in PREDICATES})
        self._fits_a_word()
        return self

    def _fits_a_word(self) -> None:
        lists = sum(bool(limb.offence_in or limb.linked) for limb in self.limbs.values())
        asked = len({part for limb in self.limbs.values() for part in limb.parts if part in PREDICATES})
        if asked + lists > MOST_QUESTIONS:
            raise ValueError(f"asks {asked + lists} different questions; a definition may ask {MOST_QUESTIONS}")
        changes = sum(len(parameter.values) - 1 for parameter in self.parameters.values())
        if changes > MOST_CHANGES:
            raise ValueError(f"changes its parameters {changes} times; a definition may do so {MOST_CHANGES} times")

    def _walk(self, name: str, above: tuple[str, ...], *, behind_link: bool) -> None:
        if name in above:
            raise ValueError(f"limbs go round in a circle: {' -> '.join((*above, name))}")
        limb = self.limbs.get(name)
        if limb is None:
            return
        if limb.linked and behind_link:
            raise ValueError(f"limb “{name}” follows a link from a crime that was itself reached by a link")
        for part in limb.parts:
            self._walk(part, (*above, name), behind_link=behind_link or bool(limb.linked))

    def _parameters_given(self, used: set[str]) -> None:
        for name, parameter in self.parameters.items():
            if name not in PARAMETERS:
                raise ValueError(f"parameters.{name} is not a parameter. {did_you_mean(name, PARAMETERS)}")
            for value in parameter.values.values():
                if not isinstance(value, PARAMETERS[name]):
                    kind = "a whole number" if int in PARAMETERS[name] else "text in quotation marks"
                    raise ValueError(f"parameters.{name} holds {value!r}; expected {kind}")
                if name == "hate_strand_scheme" and value not in SCHEMES:
                    raise ValueError(f"parameters.{name} holds “{value}”; expected one of {', '.join(SCHEMES)}")
        for predicate in sorted(used):
            for needed in PREDICATES[predicate]:
                if needed not in self.parameters:
                    raise ValueError(f"condition “{predicate}” needs parameters.{needed}, which is not given")


SHAPE = DefinitionFile
