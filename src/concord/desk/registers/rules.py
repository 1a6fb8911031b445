"""What an entry of a register may say, when it is overdue, how it ends. Pure: the register's file is an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from concord.kernel.errors import Refused
from concord.kernel.lifecycles import Lifecycle, Step
from concord.strategy.shapes.kept import Field, KeptRegister

ENTRY = Lifecycle(
    "Register entry",
    "open",
    {"open": "Open", "closed": "Closed"},
    (
        Step("correct", ("open",), "open"),
        Step("put_right", ("open",), "open"),
        Step("put_right", ("closed",), "closed"),
        Step("close", ("open",), "closed"),
        Step("open_again", ("closed",), "open"),
    ),
)
"""A keeper corrects what is open; what somebody asks to have put right about themselves is put right in either."""
LIFECYCLES = (ENTRY,)

LONGEST = {"text": 200, "long_text": 4000}
PAGE = 50

Given = Mapping[str, object]
Options = Mapping[str, Mapping[str, str]]
"""What may be chosen in each field, as keys and names."""


class NotEntered(Refused):
    """An entry that does not say what its register asks. `fields` has a message for each field that is wrong."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = MappingProxyType(dict(fields))
        super().__init__(
            "The entry was not saved: " + "; ".join(fields.values()) + ".",
            why="The register asks for it.",
            next_step="Put it right and send it again. Nothing of it is lost.",
        )


class NotClosed(Refused):
    """An entry is closed in one of the ways its register has, or opened again, with a reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in a list. `who` is the person an entry is about, as this viewer's roles see them."""

    entry_id: UUID
    title: str
    agency: str
    dated_on: date
    due_on: date | None
    state: str
    outcome: str
    overdue: bool
    who: str
    mark: str = ""
    """What the register's `mark` field says, in words."""
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of an entry, in words."""

    key: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that was done to an entry. `changes` are (field, before, after), in words."""

    verb: str
    by: str
    at: datetime
    reason: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, opened. `raw` is what was entered, by field, for a form that corrects it."""

    line: Line
    fields: tuple[Shown, ...]
    raw: Mapping[str, object]
    person_id: UUID | None
    follows: tuple[UUID, str] | None
    followed_by: tuple[tuple[UUID, str], ...]
    closing_note: str
    history: tuple[Moment, ...]
    version: int


def tidy(text: object) -> str:
    return " ".join(str(text or "").split())


def checked(of: KeptRegister, given: Given, options: Options) -> dict[str, object]:
    """`given` as the register keeps it, in the order of its file: texts trimmed, days as ISO 8601, money in pence-free
    pounds. What is optional and empty is left out. Raises NotEntered with a message for every field that is wrong."""
    kept: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for each in of.field:
        try:
            value = _one(each, given.get(each.key), options.get(each.key, {}))
        except ValueError as problem:
            wrong[each.key] = str(problem)
            continue
        if value is not None:
            kept[each.key] = value
    surplus = sorted(set(given) - {each.key for each in of.field})
    if surplus:
        wrong[surplus[0]] = f"The register has no field “{surplus[0]}”"
    if wrong:
        raise NotEntered(wrong)
    return kept


def _one(of: Field, value: object, options: Mapping[str, str]) -> object | None:
    if value is None or value == "" or value == [] or value == ():
        if of.required:
            raise ValueError(_missing(of))
        return None
    if of.type in ("text", "long_text"):
        text = tidy(value) if of.type == "text" else str(value).strip()
        if not text and of.required:
            raise ValueError(_missing(of))
        if len(text) > LONGEST[of.type]:
            raise ValueError(f"“{of.name}” is longer than {LONGEST[of.type]:,} characters")
        return text or None
    if of.type in ("number", "money"):
        return _number(of, value)
    if of.type == "day":
        return _day(of, value).isoformat()
    if of.type == "yes_no":
        if value not in ("yes", "no"):
            raise ValueError(f"Answer yes or no: “{of.name}”")
        return value
    if of.type == "choices":
        chosen = [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
        unknown = [each for each in chosen if each not in options]
        if unknown:
            raise ValueError(f"“{unknown[0]}” is not an answer to “{of.name}”")
        return sorted(set(chosen), key=list(options).index)
    if str(value) not in options:
        raise ValueError(f"“{value}” is not an answer to “{of.name}”")
    return str(value)


def _missing(of: Field) -> str:
    verb = "Enter" if of.type in ("text", "long_text", "number", "money", "day") else "Choose"
    return f"{verb} “{of.name}”"


def _number(of: Field, value: object) -> int:
    try:
        found = int(str(value).replace(",", "").replace("£", "").strip())
    except ValueError:
        raise ValueError(f"“{of.name}” is a whole number") from None
    if not of.least <= found <= of.most:
        raise ValueError(f"“{of.name}” is from {of.least:,} to {of.most:,}")
    return found


def _day(of: Field, value: object) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"“{of.name}” is a date") from None


def check_frame(of: KeptRegister, title: str, dated_on: date | None, due_on: date | None, today: date) -> None:
    """The first line and the two dates. Raises NotEntered."""
    wrong: dict[str, str] = {}
    if not tidy(title):
        wrong["title"] = f"Enter “{of.title}”"
    elif len(tidy(title)) > LONGEST["text"]:
        wrong["title"] = f"“{of.title}” is longer than {LONGEST['text']} characters"
    if dated_on is None:
        wrong["dated_on"] = f"Enter “{of.dated}”"
    elif (dated_on - today).days > 3660:
        wrong["dated_on"] = f"“{of.dated}” is more than ten years away"
    if due_on is not None and of.due is None:
        wrong["due_on"] = "Nothing falls due in this register"
    if due_on is not None and dated_on is not None and due_on < dated_on:
        wrong["due_on"] = f"“{of.due}” is before “{of.dated}”"
    if wrong:
        raise NotEntered(wrong)


def check_closing(of: KeptRegister, outcome: str, note: str) -> None:
    """Raises NotClosed unless the outcome is one of the register's and something is said of it."""
    if outcome not in of.closing:
        raise NotClosed(
            "Choose how it ended.",
            why=f"{of.name} has: {', '.join(of.closing.values())}.",
            next_step="Choose one and send it again.",
        )
    if not tidy(note):
        raise NotClosed("Say what came of it.", next_step="Write a sentence and send it again.")


def overdue(due_on: date | None, state: str, today: date) -> bool:
    return state == "open" and due_on is not None and due_on < today


def in_words(of: Field, value: object, options: Mapping[str, str]) -> str:
    """A kept value as it is read. What the folder has since dropped stays readable by its key."""
    if value is None:
        return ""
    if of.type == "yes_no":
        return "Yes" if value == "yes" else "No"
    if of.type == "money":
        return f"£{value:,}"
    if of.type == "number":
        return f"{value:,}"
    if of.type == "day":
        return _day_words(value)
    if of.type == "choices" and isinstance(value, list):
        return ", ".join(options.get(str(each), str(each)) for each in value)
    if of.type in ("choice", "listed", "coded"):
        return options.get(str(value), str(value))
    return str(value)


def account(of: KeptRegister, said: Mapping[str, object], options: Options) -> tuple[Shown, ...]:
    """An entry in words, line by line, for the person it is about: `said` is its frame, what it says and how it ended.
    What is empty is left out."""
    values = said.get("values")
    held: Mapping[str, object] = values if isinstance(values, Mapping) else {}
    lines = [
        Shown("title", of.title, str(said.get("title") or "")),
        Shown("dated_on", of.dated, _frame_words("dated_on", said.get("dated_on"))),
        Shown("due_on", of.due or "Due", _frame_words("due_on", said.get("due_on"))),
        *(
            Shown(each.key, each.name, in_words(each, held.get(each.key), options.get(each.key, {})))
            for each in of.field
        ),
        Shown("outcome", "How it ended", of.closing.get(str(said.get("outcome")), str(said.get("outcome") or ""))),
        Shown("closing_note", "What came of it", str(said.get("closing_note") or "")),
    ]
    return tuple(each for each in lines if each.value)


def differences(
    of: KeptRegister, before: Mapping[str, object], after: Mapping[str, object], options: Options
) -> tuple[tuple[str, str, str], ...]:
    """(field, before, after) in words, for what differs. `before` and `after` may hold the frame too."""
    frame = {"title": of.title, "agency": "Owner", "dated_on": of.dated, "due_on": of.due or "Due"}
    found = []
    for key in [*frame, *(each.key for each in of.field)]:
        if before.get(key) == after.get(key):
            continue
        field = of.field_named(key)
        if field is None:
            words = [_frame_words(key, each.get(key)) for each in (before, after)]
        else:
            words = [in_words(field, each.get(key), options.get(key, {})) for each in (before, after)]
        found.append((field.name if field else frame[key], words[0], words[1]))
    return tuple(found)


def _frame_words(key: str, value: object) -> str:
    return "" if not value else _day_words(value) if key in ("dated_on", "due_on") else str(value)


def _day_words(value: object) -> str:
    found = date.fromisoformat(str(value))
    return f"{found.day} {found:%B %Y}"
