"""`definitions/*.toml`: definitions beside the one that decides here: a measure others use, or an earlier edition."""

from __future__ import annotations

from concord.strategy.shapes.definition import DefinitionFile

SHAPE = DefinitionFile
