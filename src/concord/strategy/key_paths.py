"""Key paths as people write them (`clocks.red`, `actions.*.owner`), found in the data of a TOML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord.strategy.toml_lines import Path

NAMES = ("key", "code", "role", "name")
"""The keys by which an item of a list of tables may be called in a path."""


def written(path: Path) -> str:
    """The path as a reader writes it: `actions[3].owner`, positions counting from 1."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else str(part)
    return text


def find(data: Any, path: str) -> Iterator[tuple[Path, Any]]:
    """Every place in `data` that `path` names, with its value.

    `*` stands for every item. An item of a list is named by its position from 1 (`[3]` or `.3`) or by its own
    `key`, `code`, `role` or `name`, which may itself contain dots.
    """
    parts = path.replace("[", ".").replace("]", "").split(".")
    yield from _find(data, parts, ())


def _find(data: Any, parts: Sequence[str], so_far: Path) -> Iterator[tuple[Path, Any]]:
    if not parts:
        yield so_far, data
        return
    for length in range(1, len(parts) + 1):
        name, rest = ".".join(parts[:length]), parts[length:]
        for part, value in _children(data, name):
            yield from _find(value, rest, (*so_far, part))


def _children(data: Any, name: str) -> Iterator[tuple[str | int, Any]]:
    if isinstance(data, Mapping):
        if name == "*":
            yield from data.items()
        elif name in data:
            yield name, data[name]
    elif isinstance(data, list | tuple):
        for position, item in enumerate(data):
            called = [item.get(each) for each in NAMES] if isinstance(item, Mapping) else [item]
            if name == "*" or name == str(position + 1) or name in called:
                yield position, item


def walk(data: Any, so_far: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every key path in `data` with its value, tables and lists before what they hold."""
    items: Any = ()
    if isinstance(data, Mapping):
        items = data.items()
    elif isinstance(data, list | tuple):
        items = enumerate(data)
    for part, value in items:
        path = (*so_far, part)
        yield path, value
        if isinstance(value, Mapping | list | tuple):
            yield from walk(value, path)
