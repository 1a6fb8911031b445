"""A staged file of any kind, opened as frames."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from concord.evidence.extracts import formats
from concord.evidence.extracts.arrivals import Arrival, Limits
from concord.evidence.extracts.formats import Kind
from concord.evidence.extracts.frames import Frame
from concord.evidence.extracts.staging import Profile
from concord.evidence.extracts.texts import as_text


@dataclass(frozen=True, slots=True)
class Opened:
    """What a file is, where its bytes lie (renamed as its kind is), and its frames."""

    kind: Kind
    path: Path
    frames: tuple[Frame, ...]
    notes: tuple[str, ...] = ()


def open_staged(
    con: duckdb.DuckDBPyConnection, arrival: Arrival, profile: Profile, staged: Path, work: Path, limits: Limits
) -> Opened:
    """Opens a file by what its bytes say it is. Raises BadInput where it is no data, damaged or locked."""
    kind = formats.kind_of(arrival, profile, staged, limits)
    if kind is formats.TEXT:
        frame, notes = as_text(arrival, profile, staged, work)
        return Opened(kind, staged, (frame,), tuple(notes))
    path = staged.rename(staged.with_suffix(kind.suffix))
    # The readers below are large libraries, loaded only for the files that need them.
    from concord.evidence.extracts import tables

    if kind.reader == "workbook":
        from concord.evidence.extracts import workbooks

        return Opened(kind, path, tuple(workbooks.sheets(arrival, path, kind)))
    if kind.reader == "parquet":
        return Opened(kind, path, (tables.parquet(con, path, arrival),))
    if kind.reader == "r":
        return Opened(kind, path, tuple(tables.r_frames(con, arrival, path, work)))
    return Opened(kind, path, tuple(tables.map_layers(con, arrival, path, work)))
