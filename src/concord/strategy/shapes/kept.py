"""`registers/kept/<register>.toml`: one register that is filled in here: its fields, who keeps it, who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import NonNegativeInt, PositiveInt, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text

FieldType = Literal["text", "long_text", "number", "money", "day", "yes_no", "choice", "choices", "listed", "coded"]
Listed = Literal["agency", "board", "service", "outcome", "action", "stream", "area"]


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Field:
    """One thing that every entry says.

    `choices` are keys and their names; a `listed` field takes one of what the folder names in `of`, a `coded` one a key
    of the code list named in `of_list`, and nothing else.
    `public` fields are the ones that a public register shows. `counted` ones go into the desk's own extract, and are
    never free text.
    """

    key: Key
    name: Text
    type: FieldType
    hint: str = ""
    required: bool = True
    choices: Mapping[Key, Text] | None = None
    of: Listed | None = None
    of_list: Key | None = None
    least: NonNegativeInt = 0
    most: PositiveInt = 1_000_000_000
    public: bool = False
    counted: bool = False

    @model_validator(mode="after")
    def _can_be_answered(self) -> Field:
        if (self.type in ("choice", "choices")) != bool(self.choices):
            raise ValueError("`choices` belongs to a choice, and a choice needs them")
        if (self.type == "listed") != (self.of is not None):
            raise ValueError("`of` belongs to a listed field, and a listed field needs it")
        if (self.type == "coded") != (self.of_list is not None):
            raise ValueError("`of_list` belongs to a coded field, and a coded field needs it")
        if self.counted and self.type in ("text", "long_text"):
            raise ValueError("free text is never counted: make it a choice")
        if self.least > self.most:
            raise ValueError("`least` is more than `most`")
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class About:
    """The register names people. Each is a person on record, shared with `holder` on this ground; whoever may not open
    the person does not find the entry."""

    holder: Text
    purpose: Text
    gateway: Key
    agreement: Key
    role: Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class KeptRegister(Common):
    """A register. `kept_by` and `read_by` are roles: who enters, corrects and closes, and who may only read.

    `title` says what an entry's first line is, `dated` what its date means, `due` what the later date means that must
    not be missed (none: nothing falls due). `mark` is a field that stands beside each entry in lists. `closing` are the
    ways an entry ends; `months` after that it is past its time. `never` says in words what is not written here.
    `follows` names an earlier entry of the same register that this one continues: a re-visit, a variation. `step` is
    what an open entry asks for next, as a button says it: “Record a visit”; none: it is only put right.
    """

    name: Text
    one: Text
    purpose: Text
    owner: Key
    kept_by: tuple[Key, ...]
    read_by: tuple[Key, ...] = ()
    title: Text
    title_hint: str = ""
    dated: Text
    due: Text | None = None
    closing: Mapping[Key, Text]
    months: PositiveInt
    basis: Text
    never: tuple[Text, ...] = ()
    public: bool = False
    counted: bool = False
    mark: Key | None = None
    follows: Text | None = None
    step: Text | None = None
    about: About | None = None
    field: tuple[Field, ...] = ()

    @model_validator(mode="after")
    def _makes_sense(self) -> KeptRegister:
        keys = [each.key for each in self.field]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"the field “{twice[0]}” stands here twice")
        if self.mark is not None and self.mark not in keys:
            raise ValueError(f"there is no field “{self.mark}” to mark entries with")
        if self.public and self.about is not None:
            raise ValueError("a register about people is never public")
        if not self.public and any(each.public for each in self.field):
            raise ValueError("a public field belongs to a public register")
        if not self.counted and any(each.counted for each in self.field):
            raise ValueError("a counted field belongs to a counted register")
        return self

    def field_named(self, key: str) -> Field | None:
        return next((each for each in self.field if each.key == key), None)


SHAPE = KeptRegister
