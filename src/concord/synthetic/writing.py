"""Writes tables as CSV the way partners do: one file a month, header row, UTF-8, blanks for nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

Table = dict[str, np.ndarray]
_OPTIONS = pyarrow.csv.WriteOptions(quoting_style="needed", quoting_header="none")


def as_arrow(table: Table) -> pa.Table:
    return pa.table({name: pa.array(column.tolist()) for name, column in table.items()})


def write_csv(table: Table, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.csv.write_csv(as_arrow(table), path, _OPTIONS)
    return path


def write_months(table: Table, month: np.ndarray, months: list[date], folder: Path, feed: str) -> list[Path]:
    """One file for each month, empty months included: a partner who had nothing says so with a header."""
    order = np.argsort(month, kind="stable")
    arrow = as_arrow({name: column[order] for name, column in table.items()})
    bounds = np.searchsorted(month[order], np.arange(len(months) + 1))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for i, first in enumerate(months):
        path = folder / f"{feed}_{first:%Y-%m}.csv"
        pyarrow.csv.write_csv(arrow.slice(bounds[i], bounds[i + 1] - bounds[i]), path, _OPTIONS)
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
