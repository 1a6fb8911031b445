"""`phrases/<language>.toml`: the words of the public summary in one language.

Sentences of the full publication are written in English. The summary is short enough to be put together from phrases:
what is counted, its value, its range, its period. What has no phrase stays English and is marked as English.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Text

NEEDED = (
    "title",
    "lead",
    "period",
    "published",
    "range",
    "range_note",
    "not_shown",
    "code",
    "full",
    "pdf",
    "languages",
    "synthetic",
    "unchecked",
    "untranslated",
)
"""What the summary says in every language: `range` holds `{low}` and `{high}`, `lead` the publication's `{title}`."""


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Phrases(Common):
    """One language. `digits` are its figures from nought to nine, `grouping` how thousands are parted from the right
    (the last number repeats: 3 is 1,234,567; 3, 2 is 12,34,567). `checked_by` names the translator who read it."""

    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
    name: Text
    direction: Literal["ltr", "rtl"] = "ltr"
    digits: Annotated[str, StringConstraints(min_length=10, max_length=10)] = "0123456789"
    grouping: tuple[Annotated[int, Field(ge=1)], ...] = (3,)
    checked_by: str = ""
    months: Annotated[tuple[Text, ...], Field(min_length=12, max_length=12)]
    phrases: dict[str, Text]
    words: dict[str, Text] = Field(default_factory=dict)
    """Headings, subjects, groups and units, from English as the publication has them."""
    forms: dict[str, Text] = Field(default_factory=dict)
    """What the forms that need no account say, from English as the pathways' files and the screens have it."""

    @model_validator(mode="after")
    def _whole(self) -> Phrases:
        missing = [name for name in NEEDED if name not in self.phrases]
        if missing:
            raise ValueError(f"these phrases are missing: {', '.join(missing)}")
        for name, parts in (("range", ("{low}", "{high}")), ("lead", ("{title}",))):
            if any(part not in self.phrases[name] for part in parts):
                raise ValueError(f"the phrase {name} must hold {' and '.join(parts)}")
        return self


SHAPE = Phrases
