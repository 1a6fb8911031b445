"""Where: the national grid, the areas a point lies in, how areas nest, and which points are not places at all."""

from __future__ import annotations

from concord.evidence.geography.areas import Geography
from concord.evidence.geography.boundaries import BoundarySet
from concord.evidence.geography.carrying import carry_forward
from concord.evidence.geography.grid import great_circle, grid_distance, to_degrees, to_grid
from concord.evidence.geography.lookups import Lookup
from concord.evidence.geography.snapped import Points, must_be_places, recognise, recognise_dataset
from concord.evidence.geography.vintages import vintage_of

__all__ = [
    "BoundarySet",
    "Geography",
    "Lookup",
    "Points",
    "carry_forward",
    "great_circle",
    "grid_distance",
    "must_be_places",
    "recognise",
    "recognise_dataset",
    "to_degrees",
    "to_grid",
    "vintage_of",
]
