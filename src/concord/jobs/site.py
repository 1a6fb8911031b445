"""Where readers find what was given out: one site for everybody, a folder of papers for each other audience.

The newest edition of a publication stands under the publication's key; the ones before it stay beside it, under the key
and their own names. The whole is made new beside the old and takes its place in one step.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from concord.desk.editions.rules import EditionLine
from concord.evidence.publications import html, words
from concord.jobs import assessment
from concord.strategy import Partnership

LIST = "publications.json"
"""What the site holds, for its index: an entry an edition, the newest first."""


@dataclass(frozen=True, slots=True)
class Given:
    """An edition that was given out. `folder` holds `public/` and, where they differ, `restricted/`."""

    edition_id: UUID
    key: str
    edition: str
    title: str
    summary: str
    audience: str
    restricted_audience: str
    at: datetime
    folder: Path
    period: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    readings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the strategy page prints beside its indicators; empty for a publication that says nothing of them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One edition on the index. `address` is the folder its page stands in."""

    key: str
    edition: str
    title: str
    summary: str
    period: str
    made_on: str
    address: str
    figures: Mapping[str, str] = field(default_factory=dict)
    withdrawn: str = ""


def address_of(key: str, edition: str) -> str:
    """The folder of one edition of a publication, newest or not."""
    plain = re.sub(r"[^a-z0-9]+", "-", edition.casefold()).strip("-")
    return f"{key}-{plain}"


def place(home: Path, partnership: Partnership, given: Given) -> list[Path]:
    """Put an edition where its readers look. Returns the folders that they read it in."""
    public = given.audience == "public"
    placed = [_into(_target(home, given.audience, public), partnership, given, given.folder / "public")]
    if (given.folder / "restricted").is_dir():
        target = _target(home, given.restricted_audience, False)
        placed.append(_into(target, partnership, given, given.folder / "restricted"))
    return placed


def take_down(home: Path, partnership: Partnership, line: EditionLine, *, reason: str, at: datetime) -> None:
    """Put a notice in the place of an edition's pages, wherever they stand, and take its figures' pages away."""
    folders = [home / "site", *sorted((home / "papers").glob("*"))]
    for target in folders:
        entries = _entries(target)
        mine = [each for each in entries if each.key == line.publication and each.edition == line.name]
        if not mine:
            continue
        with assessment._new_folder(target, keep=True) as fresh:
            _copy(target, fresh)
            said = f"Withdrawn on {words.day(at.date())}: {reason.strip()}"
            kept = [
                Entry(**{**asdict(each), "withdrawn": said, "figures": {}}) if each in mine else each
                for each in entries
            ]
            still = {code for each in kept for code in each.figures}
            for each in mine:
                for code in set(each.figures) - still:
                    (fresh / "figures" / f"{code}.html").unlink(missing_ok=True)
                for name in {each.address, address_of(each.key, each.edition)}:
                    if (fresh / name).is_dir():
                        shutil.rmtree(fresh / name)
                        (fresh / name).mkdir()
                        page = html.notice_page(
                            title=f"{each.title}: withdrawn",
                            partnership=partnership.name,
                            synthetic=partnership.synthetic,
                            made_on=words.day(at.date()),
                            sentences=[said, "Its figures should not be used."],
                        )
                        (fresh / name / "index.html").write_text(page, "utf-8")
            _write_index(fresh, partnership, kept, words.day(at.date()))


def _target(home: Path, audience: str, public: bool) -> Path:
    return home / "site" if public else home / "papers" / audience


def _into(target: Path, partnership: Partnership, given: Given, source: Path) -> Path:
    own = address_of(given.key, given.edition)
    with assessment._new_folder(target, keep=True) as fresh:
        _copy(target, fresh)
        for name in (given.key, own):
            shutil.rmtree(fresh / name, ignore_errors=True)
        for path in source.iterdir():
            # The index is of all that stands here; it is written last.
            if path.name != "index.html":
                _copy(path, fresh / path.name)
        # Its own address stays when the next edition takes the publication's.
        _copy(source / given.key, fresh / own)
        titles = {code: title for code, title in given.titles.items() if (source / "figures" / f"{code}.html").exists()}
        entry = Entry(
            given.key,
            given.edition,
            given.title,
            given.summary,
            given.period,
            words.day(given.at.date()),
            given.key,
            titles,
        )
        before = [
            Entry(**{**asdict(each), "address": address_of(each.key, each.edition)}) if each.key == given.key else each
            for each in _entries(target)
            if (each.key, each.edition) != (given.key, given.edition)
        ]
        entries = [entry, *(each for each in before if (fresh / each.address).is_dir())]
        if given.readings:
            measured: dict[str, Any] = {"made_at": given.at.isoformat(), "readings": given.readings}
            (fresh / "indicators.json").write_text(json.dumps(measured, indent=2, ensure_ascii=False), "utf-8")
        _write_index(fresh, partnership, entries, words.day(given.at.date()))
    return target / given.key


def _entries(target: Path) -> list[Entry]:
    """What stands there. Publications that no edition made are known by their pages alone."""
    try:
        listed = [Entry(**each) for each in json.loads((target / LIST).read_text("utf-8"))]
    except FileNotFoundError:
        listed = []
    known = {each.address for each in listed} | {address_of(each.key, each.edition) for each in listed}
    for page in sorted(target.glob("*/index.html")):
        if page.parent.name not in known and not page.parent.name.startswith("."):
            listed.append(Entry(page.parent.name, "", _title(page), "", "", "", page.parent.name))
    return listed


def _title(page: Path) -> str:
    found = re.search(r"<title>(.*?)( – [^<]*)?</title>", page.read_text("utf-8", "replace")[:4000], re.S)
    return found[1].strip() if found else page.parent.name.replace("_", " ").capitalize()


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    elif source.is_file():
        shutil.copyfile(source, target)


def _write_index(folder: Path, partnership: Partnership, entries: list[Entry], made_on: str) -> None:
    (folder / LIST).write_text(json.dumps([asdict(each) for each in entries], indent=2, ensure_ascii=False), "utf-8")
    titles = {code: title for each in reversed(entries) for code, title in each.figures.items()}
    page = html.site_page(
        partnership=partnership.name,
        synthetic=partnership.synthetic,
        made_on=made_on,
        publications=[
            {
                "key": each.address,
                "title": f"{each.title}, {each.edition}" if each.edition else each.title,
                "summary": each.withdrawn or each.summary,
                "period": each.period,
                "made_on": each.made_on,
                "pdf": next((path.name for path in sorted((folder / each.address).glob("*.pdf"))), ""),
            }
            for each in entries
        ],
        figures=[{"code": code, "title": title} for code, title in sorted(titles.items())],
    )
    (folder / "index.html").write_text(page, "utf-8")
