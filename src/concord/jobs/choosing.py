"""Which publication is meant, and what was chosen for it: `concord assess profile --place Bargate`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from concord.kernel.errors import BadInput, Usage, Where
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period
from concord.strategy import Partnership
from concord.strategy.shapes.publication import Parameter, Publication

_NAMED = re.compile(r"(?<!\{)\{([a-z_]+)\}(?!\})")
_EXAMPLES = {"month": "2026-09", "date": "2026-09-30", "whole": "20"}
ENDS = ("month", "date")
"""Types of parameters that end the period."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A publication with the words of what was chosen, and the day as of which it looks back (never after today)."""

    publication: Publication
    partnership: Partnership
    """With prose that holds the same words."""
    values: Mapping[str, Any]
    today: date


def publication(partnership: Partnership, name: str, given: Mapping[str, str]) -> Publication:
    """The publication of that key, or that is called so.

    Where several are called so, the one that takes what was `given` is meant. Raises BadInput with the nearest name,
    Usage where more than one could be meant.
    """
    wanted = name.replace("-", "_")
    if wanted in partnership.publications:
        found: Publication = partnership.publications[wanted]
        return found
    called = [each for each in partnership.publications.values() if each.called == name.replace("_", "-")]
    if not called:
        names = {each.called or key: key for key, each in partnership.publications.items()}
        raise BadInput(
            f"{partnership.name} has no publication “{name}”",
            where=Where(partnership.folder / "publications"),
            next_step=did_you_mean(name, [*names, *partnership.publications]),
        )
    if len(called) == 1:
        return called[0]
    fit = [each for each in called if given and set(given) <= set(each.parameters) and not _missing(each, given)]
    if len(fit) == 1:
        return fit[0]
    ways = [f"--{key.replace('_', '-')} {p.type.upper()}" for each in called for key, p in _needed(each).items()]
    raise Usage(
        f"“{name}” could be any of {len(called)} publications: {', '.join(each.key for each in called)}",
        next_step=f"Say one of: {', '.join(ways)}.",
    )


def _needed(wanted: Publication) -> dict[str, Parameter]:
    return {key: each for key, each in wanted.parameters.items() if each.required}


def _missing(wanted: Publication, given: Mapping[str, str]) -> list[str]:
    return [key for key in _needed(wanted) if not given.get(key)]


def choose(partnership: Partnership, wanted: Publication, given: Mapping[str, str], today: date) -> Chosen:
    """`wanted` with the parameters `given` (as typed) checked and put into its words.

    Raises Usage that names the parameter, what it takes and the nearest thing that exists.
    """
    for key in given:
        if key not in wanted.parameters:
            takes = [f"--{each.replace('_', '-')}" for each in wanted.parameters]
            raise Usage(
                f"“{wanted.key}” takes no --{key.replace('_', '-')}",
                next_step=did_you_mean(f"--{key.replace('_', '-')}", takes) if takes else "It takes no parameter.",
            )
    for key in _missing(wanted, given):
        parameter = wanted.parameters[key]
        raise Usage(
            f"“{wanted.key}” needs --{key.replace('_', '-')}: {parameter.says}",
            next_step=_example(partnership, key, parameter),
        )
    values: dict[str, Any] = {}
    words: dict[str, str] = {"partnership": partnership.name}
    ends = today
    for key, parameter in wanted.parameters.items():
        text = given.get(key) or parameter.default
        if not text:
            continue
        values[key], words[key] = _CHECKS[parameter.type](partnership, key, parameter, text)
        if parameter.type in ENDS:
            ends = _end(key, values[key], today)
    named = [words[key] for key in wanted.parameters if key in words and given.get(key)]
    own_key = "-".join([wanted.key, *(slug(str(word)) for word in named)])[:60].rstrip("-")
    made = replace(_filled(wanted, words, values), key=own_key, parameters=wanted.parameters)
    prose = MappingProxyType({name: _words(text, words) for name, text in partnership.prose.items()})
    return Chosen(made, replace(partnership, prose=prose), MappingProxyType(values), ends)


def slug(text: str) -> str:
    """`Anchor Quay` as `anchor-quay`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def valid(partnership: Partnership, parameter: Parameter) -> dict[str, str]:
    """What a parameter may be, each with its words; nothing where anything of its form may be given."""
    if parameter.type == "choice":
        return dict(parameter.choices)
    if parameter.type == "limb":
        limbs = partnership.definition.limbs if partnership.definition else {}
        return {key: key.replace("_", " ") for key, limb in limbs.items() if limb.reported}
    if parameter.type == "area":
        rows = partnership.codelists.get("areas", ())
        return {row["name"]: row["name"] for row in rows if row["level"] == parameter.of}
    return {}


def _example(partnership: Partnership, key: str, parameter: Parameter) -> str:
    known = sorted(valid(partnership, parameter))
    option = f"--{key.replace('_', '-')}"
    if known:
        return f"For example {option} “{known[0]}”; it may be: {', '.join(known)}."
    return f"For example {option} {_EXAMPLES.get(parameter.type, 'TEXT')}."


def _listed(partnership: Partnership, key: str, parameter: Parameter, text: str) -> tuple[str, str]:
    known = valid(partnership, parameter)
    plain = {_plain(each): each for each in known} | {_plain(word): each for each, word in known.items()}
    if _plain(text) not in plain:
        raise Usage(
            f"--{key.replace('_', '-')}: there is no {parameter.of or key.replace('_', ' ')} “{text}”",
            next_step=did_you_mean(text, known),
        )
    found = plain[_plain(text)]
    return found, known[found]


def _plain(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def _month(partnership: Partnership, key: str, parameter: Parameter, text: str) -> tuple[date, str]:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise _form(key, text, "a month", "2026-09") from None
    return Period.month(first.year, first.month).end, f"{first:%B %Y}"


def _date(partnership: Partnership, key: str, parameter: Parameter, text: str) -> tuple[date, str]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise _form(key, text, "a day", "2026-09-30") from None
    return day, f"{day.day} {day:%B %Y}"


def _whole(partnership: Partnership, key: str, parameter: Parameter, text: str) -> tuple[int, str]:
    if not re.fullmatch(r"\d{1,6}", text):
        raise _form(key, text, "a whole number", "20")
    return int(text), text


def _text(partnership: Partnership, key: str, parameter: Parameter, text: str) -> tuple[str, str]:
    return text, text


def _form(key: str, text: str, what: str, example: str) -> Usage:
    return Usage(
        f"--{key.replace('_', '-')}: “{text}” is not {what}",
        next_step=f"Write it like {example}.",
    )


_Check = Callable[[Partnership, str, Parameter, str], tuple[Any, str]]
_CHECKS: dict[str, _Check] = {
    "area": _listed,
    "limb": _listed,
    "choice": _listed,
    "month": _month,
    "date": _date,
    "whole": _whole,
    "text": _text,
}


def _end(key: str, last: date, today: date) -> date:
    """The day after the last that may be looked at. Raises Usage for a day that has not come."""
    if last >= today:
        raise Usage(
            f"--{key.replace('_', '-')}: {last.day} {last:%B %Y} is not over yet",
            next_step="Choose a month or a day that has passed.",
        )
    return last + timedelta(days=1)


def _words(text: str, words: Mapping[str, str]) -> str:
    return _NAMED.sub(lambda match: words.get(match[1], match[0]), text)


def _filled(value: Any, words: Mapping[str, str], values: Mapping[str, Any]) -> Any:
    """The same with `{name}` in every text replaced; `"$name"` becomes the value, and what was not chosen goes."""
    if isinstance(value, str):
        return _words(value, words)
    if isinstance(value, tuple):
        return tuple(_filled(each, words, values) for each in value)
    if isinstance(value, Mapping):
        kept = {}
        for key, each in value.items():
            if isinstance(each, str) and each.startswith("$"):
                if each[1:] in values:
                    chosen = values[each[1:]]
                    kept[key] = chosen.isoformat() if isinstance(chosen, date) else chosen
            else:
                kept[key] = _filled(each, words, values)
        return kept
    if is_dataclass(value) and not isinstance(value, type):
        changed = {each.name: _filled(getattr(value, each.name), words, values) for each in fields(value)}
        return replace(value, **changed)
    return value
