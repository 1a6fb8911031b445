"""Wording that a borough holds a licence for: loaded into its home, never shipped, and put in place of the examples.

A file of wording is a CSV with the columns question, option, text and points. A line with a blank option is the text of
a question; a line with an option is one answer of a choice, with its points.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean
from concord.strategy.shapes.instrument import Instrument, Option, Question

COLUMNS = ("question", "option", "text", "points")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The wording of one instrument as it was loaded: whose, under which licence, when."""

    source: str
    licence: str
    loaded_at: str
    texts: dict[str, str]
    options: dict[str, list[tuple[str, str, float]]]

    @property
    def digest(self) -> str:
        """Which wording it is: the same words have the same digest, whoever loaded them and when."""
        return hashlib.sha256(json.dumps([self.texts, self.options], sort_keys=True).encode()).hexdigest()


def place(home: Path, key: str) -> Path:
    """Where the wording of an instrument is kept in a home."""
    return home / "instruments" / f"{key}.json"


def held(home: Path, key: str) -> Loaded | None:
    """The wording loaded for an instrument; None where there is none. Raises BadInput for a file that was damaged."""
    path = place(home, key)
    if not path.is_file():
        return None
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        options = {name: [(str(k), str(t), float(p)) for k, t, p in rows] for name, rows in data["options"].items()}
        return Loaded(data["source"], data["licence"], data["loaded_at"], dict(data["texts"]), options)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise BadInput(
            f"The wording loaded for “{key}” cannot be read.",
            where=Where(file=path),
            why=str(wrong),
            next_step=f"Load it again: concord instruments load {key} FILE --source … --licence …",
        ) from None


def load(home: Path, instrument: Instrument, file: Path, *, source: str, licence: str, at: datetime) -> Loaded:
    """Read a file of wording and keep it in the home, whole or not at all.

    Raises Refused without a source and a licence, BadInput with the row for a question or option that is not known,
    a text or points that are missing, and for wording that leaves a question of the instrument without its own.
    """
    if not (source.strip() and licence.strip()):
        raise Refused(
            "Wording is not loaded without its source and its licence.",
            why="It belongs to somebody, who says who may use it and how.",
            next_step='Add --source "who published it, which edition" and --licence "what you hold, from when".',
        )
    if not instrument.takes_wording:
        raise Refused(f"“{instrument.name}” takes no wording: its own is free to use.")
    texts, options = _read(instrument, file)
    made = Loaded(source.strip(), licence.strip(), at.isoformat(), texts, options)
    path = place(home, instrument.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {
        "source": made.source,
        "licence": made.licence,
        "loaded_at": made.loaded_at,
        "texts": texts,
        "options": options,
    }
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
    aside.replace(path)
    return made


def _read(instrument: Instrument, file: Path) -> tuple[dict[str, str], dict[str, list[tuple[str, str, float]]]]:
    wanted = {each.key: each for each in instrument.questions() if each.loaded}
    try:
        reader = csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError) as wrong:
        raise BadInput(f"{file.name} cannot be read.", where=Where(file=file), why=str(wrong),
                       next_step="Save it as CSV in UTF-8.") from None  # fmt: skip
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise BadInput(
            f"{file.name} does not have the columns of a file of wording.",
            where=Where(file=file, row=1),
            why=f"It has {', '.join(reader.fieldnames or ()) or 'none'}.",
            next_step=f"The columns are {', '.join(COLUMNS)}.",
        )
    texts: dict[str, str] = {}
    options: dict[str, list[tuple[str, str, float]]] = {}
    for number, row in enumerate(reader, start=2):
        key, option, text = ((row[name] or "").strip() for name in COLUMNS[:3])
        here = Where(file=file, row=number)
        if key not in wanted:
            raise BadInput(
                f"“{key}” is no question whose wording is loaded.", where=here, next_step=did_you_mean(key, wanted)
            )
        if not text:
            raise BadInput(f"The text for “{key}” is blank.", where=here, next_step="Write it, or leave the line out.")
        if not option:
            texts[key] = text
            continue
        if not wanted[key].option:
            raise BadInput(f"“{key}” has no options of its own.", where=here, next_step="Leave the option blank.")
        try:
            points = float(row["points"] or 0)
        except ValueError:
            raise BadInput(
                f"“{row['points']}” is no number of points.", where=here, next_step="Write it in figures."
            ) from None
        options.setdefault(key, []).append((option, text, points))
    lacking = [key for key, each in wanted.items() if key not in (options if each.option else texts)]
    if lacking:
        raise BadInput(
            f"{file.name} leaves {len(lacking)} questions without wording: {', '.join(lacking[:5])}.",
            where=Where(file=file),
            why="Licensed and example wording must not be mixed: the result would be neither.",
            next_step="Add the missing lines and load the file again.",
        )
    short = [key for key, rows in options.items() if len(rows) < 2 or len({one for one, *_ in rows}) < len(rows)]
    if short:
        raise BadInput(
            f"The options of “{short[0]}” are fewer than two, or one stands twice.",
            where=Where(file=file),
            next_step="Give each option a key of its own.",
        )
    return texts, options


def worded(instrument: Instrument, loaded: Loaded | None) -> Instrument:
    """The instrument with the borough's wording in place of the examples; itself where nothing is loaded."""
    if loaded is None:
        return instrument

    def own(question: Question) -> Question:
        if not question.loaded:
            return question
        rows = loaded.options.get(question.key)
        option = (
            tuple(Option(key=key, name=text, points=points) for key, text, points in rows) if rows else question.option
        )
        return replace(question, text=loaded.texts.get(question.key, question.text), option=option, loaded=False)

    sections = tuple(
        replace(section, question=tuple(own(each) for each in section.question)) for section in instrument.section
    )
    return replace(instrument, section=sections, example="")
