"""Points that are not places: coordinates moved to the nearest of a list of map points before publication.

data.police.uk does so with every point it publishes (Tompson and others 2015). A point method (kernel density, Knox,
nearest neighbour, any cell smaller than an LSOA) on such points finds the publisher's list, not where crime is. Here
such data is recognised, marked, and kept from point methods; counts by area remain sound.

Two marks tell: events stand at coordinates that other events have, and the same coordinates come back month after
month. Too few events tell nothing either way: whether they are enough is worked out from how many map points there
are to share. True points are shared too, at homes, shops and stations: where they are shared so much that they look
like map points, the supplier has to say that they are not. Thresholds are data (`measurement.toml`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import duckdb
import pyarrow as pa

from concord.evidence.datasets.store import DatasetVersion
from concord.evidence.geography.grid import to_grid
from concord.kernel.errors import Refused
from concord.strategy.shapes.measurement import SnapPoints


class Verdict(StrEnum):
    """What the coordinates of a dataset are."""

    SNAPPED = "snapped"
    PLACES = "places"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True)
class Points:
    """What was seen of a dataset's coordinates, and what follows. Shares are of events or of coordinates, 0 to 1."""

    dataset: str
    verdict: Verdict
    events: int
    coordinates: int
    shared: float
    """Share of events at a coordinate that another event has too."""
    returning: float
    """Share of coordinates met in more than one month; 0 where there is one month only."""
    expected: float
    """The share of events that would share a coordinate if these had been moved to map points."""
    why: str

    @property
    def snapped(self) -> bool:
        return self.verdict is Verdict.SNAPPED


def recognise(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    rule: SnapPoints,
    *,
    dataset: str,
    easting: str = "easting",
    northing: str = "northing",
    month: str | None = None,
) -> Points:
    """Looks at the coordinates (grid metres) of `relation`, a table or view of `connection`.

    `month` names a column that tells months apart. A dataset that its publisher says is moved to map points is
    marked without looking at how many events there are.
    """
    months = f"count(DISTINCT {month})" if month else "1"
    spots = (
        f"SELECT {easting} AS x, {northing} AS y, count(*) AS n, {months} AS months FROM {relation} "
        f"WHERE isfinite({easting}) AND isfinite({northing}) GROUP BY ALL"
    )
    return _seen(connection, f"({spots})", rule, dataset)


def recognise_dataset(version: DatasetVersion, rule: SnapPoints, *, month: str = "month") -> Points | None:
    """Looks at a loaded dataset's own coordinates: easting and northing, or longitude and latitude.

    None where it has neither. Degrees become metres once for each coordinate, not for each event.
    """
    columns = version.columns
    months = f'count(DISTINCT "{month}")' if month in columns else "1"
    with duckdb.connect() as connection:
        if {"easting", "northing"} <= set(columns):
            x, y = "easting", "northing"
        elif {"longitude", "latitude"} <= set(columns):
            x, y = "longitude", "latitude"
        else:
            return None
        spots = connection.sql(
            f"SELECT {x}::DOUBLE AS x, {y}::DOUBLE AS y, count(*) AS n, {months} AS months FROM {version.scan} "
            f"WHERE {x} IS NOT NULL AND {y} IS NOT NULL GROUP BY ALL"
        ).to_arrow_table()
        if x == "longitude":
            placed = to_grid(spots["x"], spots["y"])
            spots = pa.table(
                {"x": placed.easting, "y": placed.northing, "n": spots["n"], "months": spots["months"]}
            ).filter(pa.array(placed.placed))
        connection.register("spots", spots)
        return _seen(connection, "spots", rule, version.dataset)


def _seen(connection: duckdb.DuckDBPyConnection, spots: str, rule: SnapPoints, dataset: str) -> Points:
    """`spots`: a row a coordinate, with x and y in metres, its n events and the number of months they are of."""
    events, coordinates, alone, returning, cells = connection.execute(
        f"""
        SELECT coalesce(sum(n), 0)::BIGINT, count(*), count(*) FILTER (n = 1), count(*) FILTER (months > 1),
            count(DISTINCT (floor(x / 1000), floor(y / 1000)))
        FROM {spots}
        """
    ).fetchall()[0]
    shared = 1 - alone / events if events else 0.0
    back = returning / coordinates if coordinates else 0.0
    on_list = rule.map_points_per_km2 * max(cells, 1)
    expected = 1 - math.exp(-max(events - 1, 0) / on_list)
    verdict, why = _judged(rule, dataset, events, coordinates, shared, back, expected)
    return Points(dataset, verdict, events, coordinates, shared, back, expected, why)


def _judged(
    rule: SnapPoints, dataset: str, events: int, coordinates: int, shared: float, back: float, expected: float
) -> tuple[Verdict, str]:
    seen = (
        f"{events:,} events stand at {coordinates:,} coordinates: {shared:.0%} share theirs with another event"
        + (f", and {back:.0%} of the coordinates come back in another month" if back else "")
        + "."
    )
    if said := rule.declared.get(dataset):
        return Verdict.SNAPPED, f"{said} {seen}" if events else said
    if (said := rule.places.get(dataset)) and shared < rule.not_believed_from:
        return Verdict.PLACES, f"{said} {seen}"
    if events < rule.at_least_events:
        return Verdict.CANNOT_TELL, f"{seen} Fewer than {rule.at_least_events} events tell nothing."
    if shared >= rule.shared_from:
        return Verdict.SNAPPED, f"{seen} Places themselves are shared by fewer than {rule.shared_from:.0%}."
    if expected >= rule.shared_from and shared <= expected * rule.places_below:
        return Verdict.PLACES, f"{seen} Map points would be shared by about {expected:.0%}."
    return Verdict.CANNOT_TELL, f"{seen} Map points would be shared by about {expected:.0%}: too close to tell."


def must_be_places(points: Points, method: str) -> None:
    """Raises Refused where `method` needs to know where things happened and these points do not say."""
    if points.snapped:
        raise Refused(
            f"{method} is not done on “{points.dataset}”: its points are not where things happened.",
            why=points.why,
            next_step="Count by area instead (LSOA or ward), or use a record-level extract whose points are true.",
        )
    if points.verdict is Verdict.CANNOT_TELL:
        raise Refused(
            f"{method} is not done on “{points.dataset}”: nothing shows that its points are where things happened.",
            why=points.why,
            next_step="Ask the supplier whether points were moved, and write the answer into measurement.toml "
            "(snap_points.places or snap_points.declared); or count by area.",
        )
