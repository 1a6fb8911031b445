"""Which file of a partnership folder is of which kind, and which module holds its shape.

Adding a kind of file is one line here and one module in `concord.strategy.shapes` with a `SHAPE`. A shape module is
imported when the first file of its kind is read, so that reading one file does not load the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import PurePosixPath
from typing import Any

SHAPES = "concord.strategy.shapes"
_ORDER = re.compile(r"^\d+-")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. `path` is a folder (one file each, keyed by stem), the one file's own name, or a folder in each
    folder of another kind (`publications/*`, keyed by folder and stem).

    A file replaces the one it inherits; in the table named `merges` it only adds and replaces entries.
    """

    name: str
    path: str
    attribute: str
    merges: str = ""

    @property
    def single(self) -> bool:
        return self.path.endswith(".toml")

    @property
    def nested(self) -> bool:
        return self.path.endswith("/*")

    def key_of(self, relative: PurePosixPath) -> str:
        """What other files know the file by: its stem, after its folder's name where the kind is nested."""
        return f"{relative.parent.name}/{relative.stem}" if self.nested else relative.stem

    def own_name(self, file: str) -> str:
        """The `key` that a file with this stem has by its name: without the number that orders nested files."""
        return _ORDER.sub("", file) if self.nested else file

    @property
    def module(self) -> str:
        return f"{SHAPES}.{self.name}"

    @property
    def landed(self) -> bool:
        """Whether the module that holds the shape exists in this installation."""
        return find_spec(self.module) is not None

    def shape(self) -> type:
        """The dataclass of one file of this kind. Raises ImportError where the module has none."""
        shape: type = import_module(self.module).SHAPE
        return shape

    def prepared(self, data: dict[str, Any]) -> dict[str, Any]:
        """The data of a file with its own shorthand written out, where the kind has one (`PREPARE`).

        Raises ValueError, in words, where the shorthand cannot be.
        """
        prepare: Callable[[dict[str, Any]], dict[str, Any]] | None
        prepare = getattr(import_module(self.module), "PREPARE", None)
        return prepare(data) if prepare else data


KINDS = (
    Kind("partnership", "partnership.toml", "partnership"),
    Kind("duty", "duty.toml", "duty"),
    Kind("definition", "definition.toml", "definition"),
    Kind("disclosure", "disclosure.toml", "disclosure"),
    Kind("linkage", "linkage.toml", "linkage"),
    Kind("measurement", "measurement.toml", "measurement"),
    Kind("role", "roles.toml", "roles"),
    Kind("oversight", "oversight.toml", "oversight"),
    Kind("retention", "retention.toml", "retention"),
    Kind("signin", "signin.toml", "sign_in"),
    Kind("calendar", "calendar.toml", "calendar"),
    Kind("demo", "demo_people.toml", "demo_people"),
    Kind("funding", "funding.toml", "funding"),
    Kind("causes", "causes.toml", "causes"),
    Kind("recommendations", "recommendations.toml", "recommendations"),
    Kind("duty_evidence", "duty_evidence.toml", "duty_evidence"),
    Kind("columns", "codelists/columns.toml", "columns", merges="lists"),
    Kind("rule_set", "definitions", "definitions"),
    Kind("board", "boards", "boards"),
    Kind("plan", "plan", "themes"),
    Kind("forum", "forums", "forums"),
    Kind("help", "help.toml", "help"),
    Kind("sitting", "sittings.toml", "sittings"),
    Kind("pathway", "pathways", "pathways"),
    Kind("instrument", "instruments", "instruments"),
    Kind("agreement", "sharing", "agreements"),
    Kind("feed", "feeds", "feeds"),
    Kind("indicator", "indicators", "indicators"),
    Kind("publication", "publications", "publications"),
    Kind("section", "publications/*", "publications"),
    Kind("phrases", "phrases", "phrases"),
    Kind("service", "services", "services"),
    Kind("register", "registers", "registers"),
    Kind("kept", "registers/kept", "kept_registers"),
    Kind("statement", "statements", "statements"),
)

CODELISTS = "codelists"
PROSE = "prose"
IGNORED = ("README.md",)


@cache
def kind(name: str) -> Kind:
    """The kind called `name`. Raises KeyError where there is none."""
    return {each.name: each for each in KINDS}[name]


def kind_of(relative: PurePosixPath) -> Kind | None:
    """The kind of the TOML file at `relative` to the folder, or None where no kind lives there."""
    for each in KINDS:
        if each.single and str(relative) == each.path:
            return each
        if each.nested and relative.suffix == ".toml" and str(relative.parent.parent) == each.path[:-2]:
            return each
        if not each.single and relative.suffix == ".toml" and str(relative.parent) == each.path:
            return each
    return None


def places() -> tuple[str, ...]:
    """Every file and folder a partnership folder may hold at its top, for messages."""
    return (*sorted(each.path for each in KINDS if not each.nested), CODELISTS, PROSE, *IGNORED)
