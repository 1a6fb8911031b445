"""The declared tables of references, dates and ids speak of keys that the shapes really have."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from concord.strategy import references
from concord.strategy.registry import KINDS, kind, kind_of, places
from concord.strategy.shape_errors import _alternatives, keys_at
from concord.strategy.shapes.common import Common

LANDED = [each for each in KINDS if each.landed]


def inside(shape: Any, parts: list[str]) -> Iterator[Any]:
    """The types found at a key path of a shape, `*` stepping into a list or a table."""
    for each in _alternatives(shape):
        if not parts:
            yield each
        elif parts[0] == "*" and get_args(each):
            yield from inside(get_args(each)[1 if get_origin(each) is dict else 0], parts[1:])
        elif dataclasses.is_dataclass(each) and parts[0] in get_type_hints(each):
            yield from inside(get_type_hints(each)[parts[0]], parts[1:])


PATHS = (
    [(each.kind, each.key) for each in references.REFERENCES]
    + [(each.kind, each.path) for each in references.TARGETS if each.path]
    + list(references.UNIQUE)
    + list(references.EXPIRES)
)


@pytest.mark.parametrize(("name", "path"), PATHS)
def test_every_declared_path_exists_in_its_shape(name: str, path: str) -> None:
    if not kind(name).landed:
        pytest.skip(f"the shape of {name} is not in this installation")
    assert list(inside(kind(name).shape(), path.split("."))), f"{name} has no {path}"


@pytest.mark.parametrize(
    "target", sorted({each.target for each in references.REFERENCES} | set(references.CITED.values()))
)
def test_every_target_is_declared(target: str) -> None:
    assert target in {each.name for each in references.TARGETS}


@pytest.mark.parametrize("each", LANDED, ids=lambda each: each.name)
def test_every_shape_is_frozen_carries_the_common_fields(each: Any) -> None:
    shape = each.shape()
    assert issubclass(shape, Common)
    assert shape.__dataclass_params__.frozen
    assert {"assumed", "expected", "source", "open_question"} <= set(keys_at(shape, ()))


def test_kinds_and_places_are_unambiguous() -> None:
    assert len({each.name for each in KINDS}) == len({each.path for each in KINDS}) == len(KINDS)
    whole = [each for each in KINDS if not each.nested]  # a nested file is part of what its folder is named for
    assert len({each.attribute for each in whole}) == len(whole)
    from pathlib import PurePosixPath

    for each in KINDS:
        file = PurePosixPath(each.path if each.single else f"{each.path}/some.toml")
        assert kind_of(file) == each
    assert kind_of(PurePosixPath("boards/deep/some.toml")) is None
    assert kind_of(PurePosixPath("some/boards.toml")) is None
    assert "boards" in places()


def test_every_kind_with_a_shape_is_an_attribute_of_a_partnership() -> None:
    from concord.strategy import Partnership

    held = {field.name for field in dataclasses.fields(Partnership)}
    assert {each.attribute for each in KINDS} <= held


def test_ordered_pairs_are_pairs_of_different_keys() -> None:
    pairs: Mapping[str, str] = dict(references.ORDERED)
    assert all(first != second for first, second in pairs.items())
