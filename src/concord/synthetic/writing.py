"""Writes tables the way partners do: one file a month or quarter, header row, UTF-8, blanks for nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.csv
import pyarrow.parquet

from concord.synthetic import workbooks

Table = dict[str, np.ndarray]


def as_csv(table: Table) -> str:
    """A heading row and the rows, quoted where they must be. Plain text, because building Arrow costs pandas."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    writer.writerows(zip(*(column.tolist() for column in table.values()), strict=True))
    return text.getvalue()


def write_csv(table: Table, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(as_csv(table), encoding="utf-8", newline="")
    return path


def write_parquet(table: Table, path: Path) -> Path:
    """Columns typed as their content is: whole numbers, dates, else text."""
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(io.BytesIO(as_csv(table).encode())), path)
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
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for i, name in enumerate(names):
        path = folder / f"{feed}_{name}.{kind}"
        rows = {column: values[bounds[i] : bounds[i + 1]] for column, values in ordered.items()}
        match kind:
            case "csv":
                write_csv(rows, path)
            case "parquet":
                write_parquet(rows, path)
            case "xlsx":
                workbooks.write_xlsx(rows, path, feed[:31])
            case _:
                workbooks.write_ods(rows, path, feed[:31])
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
