"""`measurement.toml`: how places and times are read: the school day, default times, map points, late reports."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from concord.strategy.shapes.common import FORBID, Common, Key, Text


@dataclass(frozen=True, kw_only=True, config=FORBID)
class DayPart:
    """A named stretch of a school day, from the first minute to before the last, in local time."""

    name: Text
    from_: dt.time = Field(alias="from")
    to: dt.time


@dataclass(frozen=True, kw_only=True, config=FORBID)
class SchoolDay:
    """When schools are open, and the parts of a school day that figures tell apart.

    `other` names the rest of a school day, `no_school` weekdays in holidays and training days, `weekend` weekends.
    """

    opens: dt.time
    closes: dt.time
    parts: tuple[DayPart, ...]
    other: Text
    no_school: Text
    weekend: Text

    @property
    def names(self) -> tuple[str, ...]:
        """Every part a moment may fall in, in order."""
        return (*(part.name for part in self.parts), self.other, self.no_school, self.weekend)

    @model_validator(mode="after")
    def _in_order(self) -> SchoolDay:
        bounds = [moment for part in self.parts for moment in (part.from_, part.to)]
        if bounds != sorted(bounds) or any(part.from_ == part.to for part in self.parts):
            raise ValueError("the parts of the school day overlap or do not stand in order")
        if self.opens >= self.closes:
            raise ValueError("schools close before they open")
        return self


@dataclass(frozen=True, kw_only=True, config=FORBID)
class DefaultTimes:
    """Which clock times a form fills in when nobody knows better, and when they are called suspect.

    `marks` are the minutes looked at. A mark is suspect where more events carry it than the habit of rounding in
    other hours explains (`confidence` two-sided), in at least `at_least_events` events of its hour. `years` are
    years that a system puts where it has none.
    """

    marks: tuple[dt.time, ...]
    years: tuple[int, ...] = ()
    confidence: float = Field(gt=0.5, lt=1)
    at_least_events: int = Field(ge=1)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class SnapPoints:
    """When coordinates are taken for map points that a publisher moved events to.

    `shared_from`: share of events at a coordinate that another has, from which they are. `places_below`: the part of
    the share expected of map points below which they are places. `declared`: datasets whose publisher says that it
    moves points. `places`: datasets whose supplier says that points are where things happened, which is believed
    where homes, shops and stations are shared by many events, up to `not_believed_from`.
    """

    shared_from: float = Field(gt=0, lt=1)
    places_below: float = Field(gt=0, lt=1)
    map_points_per_km2: float = Field(gt=0)
    at_least_events: int = Field(ge=1)
    not_believed_from: float = Field(gt=0, lt=1)
    declared: dict[Key, Text] = Field(default_factory=dict)
    places: dict[Key, Text] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Arrival:
    """When a month is called complete: `share` of what is expected in the end, learnt over `within_months`."""

    share: float = Field(gt=0, lt=1)
    within_months: int = Field(ge=1)


@dataclass(frozen=True, kw_only=True, config=FORBID)
class Measurement(Common):
    """The one file of its kind."""

    school_day: SchoolDay
    default_times: DefaultTimes
    snap_points: SnapPoints
    arrival: Arrival


SHAPE = Measurement
