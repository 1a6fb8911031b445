"""Where readers find what was given out: one site for everybody, a folder of papers for each other audience.

The newest edition of a publication stands under the publication's key; the ones before it stay beside it, under the key
and their own names, and so do all other publications there. The whole is made new beside the old and takes its place in
one step. `site.json` says what stands in a folder, by the name of the folder inside it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from concord.evidence.publications import html, words
from concord.jobs import folders
from concord.jobs.choosing import slug
from concord.strategy import Partnership


@dataclass(frozen=True, slots=True)
class Given:
    """An edition that was given out. `folder` holds `public/` and, where they differ, `restricted/`."""

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


def own_address(key: str, edition: str) -> str:
    """The folder of one edition of a publication, newest or not."""
    return f"{key}-{slug(edition)}"


def place(home: Path, partnership: Partnership, given: Given) -> list[Path]:
    """Put an edition where its readers look. Returns the folders that they read it in."""
    placed = [_into(target_of(home, given.audience), partnership, given, given.audience, given.folder / "public")]
    restricted = given.folder / "restricted"
    if restricted.is_dir():
        audience = given.restricted_audience
        placed.append(_into(target_of(home, audience), partnership, given, audience, restricted))
    return placed


def target_of(home: Path, audience: str) -> Path:
    """Where an audience looks: the site, which anyone may read, or its own papers, which only it may."""
    return home / "site" if audience == "public" else home / "papers" / audience


def take_down(home: Path, partnership: Partnership, key: str, edition: str, *, reason: str, at: datetime) -> None:
    """Put a notice in the place of an edition's pages, wherever they stand, and take its figures' pages away."""
    said = f"Withdrawn on {words.day(at.date())}: {reason.strip()}"
    for target in (home / "site", *sorted((home / "papers").glob("*"))):
        held = folders.contents(target)
        entries: dict[str, Any] = held.get("publications", {})
        own = own_address(key, edition)
        mine = [address for address, each in entries.items() if address == own or _is(each, key, edition)]
        if not mine:
            continue
        still = {code for address, each in entries.items() if address not in mine for code in each["figures"]}
        gone = {code for address in mine for code in entries[address]["figures"]} - still
        with folders.new_folder(target, keep=True) as fresh:
            shutil.copytree(target, fresh, dirs_exist_ok=True)
            for code in gone:
                (fresh / "figures" / f"{code}.html").unlink(missing_ok=True)
            for address in {own, *mine}:
                shutil.rmtree(fresh / address, ignore_errors=True)
                (fresh / address).mkdir()
                page = html.notice_page(
                    title=f"{entries[mine[0]]['title']}: withdrawn",
                    partnership=partnership.name,
                    synthetic=partnership.synthetic,
                    made_on=words.day(at.date()),
                    sentences=[said, "Its figures should not be used."],
                )
                (fresh / address / "index.html").write_text(page, "utf-8")
            for address in mine:
                entries[address] = {**entries[address], "summary": said, "period": "", "figures": {}}
            write(fresh, partnership, {**held, "publications": entries})


def _is(entry: Mapping[str, Any], key: str, edition: str) -> bool:
    return entry.get("of") == key and entry.get("edition") == edition


def _into(target: Path, partnership: Partnership, given: Given, audience: str, source: Path) -> Path:
    held = folders.contents(target)
    own = own_address(given.key, given.edition)
    with folders.new_folder(target, keep=True) as fresh:
        for path in source.iterdir():
            # The index is of all that stands here; it is written last.
            if path.name != "index.html":
                (shutil.copytree if path.is_dir() else shutil.copyfile)(path, fresh / path.name)
        # Its own address stays when the next edition takes the publication's.
        shutil.copytree(source / given.key, fresh / own)
        folders.carry(target, fresh, but=given.key)
        entries: dict[str, Any] = {}
        for address, each in held.get("publications", {}).items():
            if address == given.key and each.get("edition") and each["edition"] != given.edition:
                address = own_address(given.key, each["edition"])
            if address not in (given.key, own):
                entries[address] = each
        entries[given.key] = {
            "of": given.key,
            "edition": given.edition,
            "title": given.title,
            "summary": given.summary,
            "period": given.period,
            "made_on": given.at.date().isoformat(),
            "figures": {
                code: title for code, title in given.titles.items() if (source / "figures" / f"{code}.html").exists()
            },
        }
        if given.readings:
            measured: dict[str, Any] = {"made_at": given.at.isoformat(), "readings": given.readings}
            (fresh / "indicators.json").unlink(missing_ok=True)  # a link to the bytes that are still being read
            (fresh / "indicators.json").write_text(json.dumps(measured, indent=2, ensure_ascii=False), "utf-8")
        held = {"partnership": partnership.key, "audience": audience, "publications": entries}
        write(fresh, partnership, held)
    return target / given.key


def write(folder: Path, partnership: Partnership, held: Mapping[str, Any]) -> None:
    """What stands there, for the next time and for readers: an index of everything, newest first."""
    for name in (folders.MARK, "index.html"):
        (folder / name).unlink(missing_ok=True)
    text = json.dumps(held, indent=2, ensure_ascii=False, sort_keys=True)
    (folder / folders.MARK).write_text(text, "utf-8")
    newest = sorted(held["publications"].items(), key=lambda each: (each[1]["made_on"], each[0]), reverse=True)
    titles = {code: title for _, each in reversed(newest) for code, title in each["figures"].items()}
    page = html.site_page(
        partnership=partnership.name,
        synthetic=partnership.synthetic,
        made_on=words.day(date.fromisoformat(newest[0][1]["made_on"])),
        publications=[
            {
                "key": address,
                "title": _titled(each),
                "summary": each["summary"],
                "period": each.get("period", ""),
                "made_on": words.day(date.fromisoformat(each["made_on"])),
                "downloads": html.downloads_in(folder / address),
                "earlier": [
                    (other, _titled(old), words.day(date.fromisoformat(old["made_on"])))
                    for other, old in newest
                    if old.get("of") == address and other != address
                ],
            }
            for address, each in newest
            if each.get("of", address) not in held["publications"] or each.get("of", address) == address
        ],
        figures=[{"code": code, "title": title} for code, title in sorted(titles.items())],
    )
    (folder / "index.html").write_text(page, "utf-8")


def _titled(entry: Mapping[str, Any]) -> str:
    """A publication's title with the name of its edition, where it has one."""
    return f"{entry['title']}, {entry['edition']}" if entry.get("edition") else str(entry["title"])
