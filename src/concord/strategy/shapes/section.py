"""The shape of `publications/<publication>/NN-<key>.toml`: one section of a publication in a file of its own."""

from __future__ import annotations

from concord.strategy.shapes.publication import SectionFile

SHAPE = SectionFile
