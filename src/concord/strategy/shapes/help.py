"""`help.toml`: whom to ring, and what the public pages about help and rights say, in every language of the place."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Line:
    """A number to ring. `name` and `who` by language."""

    number: Text
    kind: Literal["talk", "report"]
    name: dict[str, Text]
    who: dict[str, Text]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Leave:
    """Where the quick exit leads: a page that nobody wonders about."""

    to: Text


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Translation:
    """The pages' own words in one language, whose name for itself is `language`."""

    language: Text
    title: Text
    danger: Text
    talk: Text
    report: Text
    child: Text
    quick: Text
    quick_how: Text
    no_trace: Text
    rights_title: Text
    rights: tuple[Text, ...]
    ask: Text
    ask_how: Text
    not_told: Text
    complain: Text
    kept_title: Text
    kept: tuple[Text, Text]


@dataclass(frozen=True, config=FORBID, kw_only=True)
class Help(Common):
    leave: Leave
    line: tuple[Line, ...]
    translation: dict[str, Translation]

    @model_validator(mode="after")
    def _every_language_says_everything(self) -> Help:
        if "en" not in self.translation:
            raise ValueError("it needs its words in English: add [translation.en]")
        for line in self.line:
            missing = sorted(set(self.translation) - (set(line.name) & set(line.who)))
            if missing:
                raise ValueError(f"{line.number} is not said in “{missing[0]}”: add it to name and who")
        return self


SHAPE = Help
