"""Writes tables the way partners do: one file a month or quarter, header row, UTF-8, blanks for nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from concord.synthetic import workbooks

Table = dict[str, np.ndarray]
_OPTIONS = pyarrow.csv.WriteOptions(quoting_style="needed", quoting_header="none")


def as_arrow(table: Table) -> pa.Table:
    return pa.table({name: pa.array(column.tolist()) for name, column in table.items()})


def write_csv(table: Table, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.csv.write_csv(as_arrow(table), path, _OPTIONS)
    return path


def write_periods(
    table: Table, index: np.ndarray, names: Sequence[str], folder: Path, feed: str, *, kind: str = "csv"
) -> list[Path]:
    """One file for each period, empty ones included: a partner who had nothing says so with a header.

    `index` is the position in `names` of each row's period; `kind` is csv, parquet, xlsx or ods.
    """
    order = np.argsort(index, kind="stable")
    ordered = {name: column[order] for name, column in table.items()}
    bounds = np.searchsorted(index[order], np.arange(len(names) + 1))
    arrow = as_arrow(ordered) if kind in ("csv", "parquet") else None
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for i, name in enumerate(names):
        path = folder / f"{feed}_{name}.{kind}"
        if arrow is not None:
            rows = arrow.slice(bounds[i], bounds[i + 1] - bounds[i])
            if kind == "csv":
                pyarrow.csv.write_csv(rows, path, _OPTIONS)
            else:
                pyarrow.parquet.write_table(rows, path)
        else:
            rows_of = {column: values[bounds[i] : bounds[i + 1]] for column, values in ordered.items()}
            (workbooks.write_xlsx if kind == "xlsx" else workbooks.write_ods)(rows_of, path, feed[:31])
        written.append(path)
    return written


def write_json(content: object, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return path


def days(numbers: np.ndarray) -> np.ndarray:
    """Days since 1970 as `YYYY-MM-DD`; "not a time" as None."""
    return np.array([None if text == "NaT" else text for text in _text(numbers, "D")], dtype=object)


def instants(minutes: np.ndarray) -> np.ndarray:
    """Minutes since 1970, local time, as `YYYY-MM-DD HH:MM`; "not a time" as None."""
    return np.array([None if t == "NaT" else t.replace("T", " ") for t in _text(minutes, "m")], dtype=object)


def _text(numbers: np.ndarray, unit: str) -> list[str]:
    texts: list[str] = np.datetime_as_string(numbers.astype(f"datetime64[{unit}]"), unit=unit).tolist()
    return texts
