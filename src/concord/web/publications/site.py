"""Finds a published file under `home/site`, and nothing outside it."""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".zip": "application/zip",
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A published document: its page, and the same in other forms beside it."""

    address: str
    title: str
    forms: tuple[tuple[str, str], ...]
    made_on: date | None = None


def find(site: Path, wanted: str) -> Path | None:
    """The file at `wanted`, or the index page of the folder there. None for what is missing or lies outside."""
    root = site.resolve()
    path = (root / wanted).resolve()
    if not path.is_relative_to(root):
        return None
    if path.is_dir():
        path = path / "index.html"
    return path if path.is_file() and not path.name.startswith(".") else None


def content_type(path: Path) -> str:
    return TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


LISTED = "site.json"
"""What says which editions stand in the folder, where jobs wrote it."""


def documents(site: Path) -> list[Document]:
    """Every publication of the site, newest first. An edition that stands under two addresses, because it is the
    newest and keeps its own, is listed once, under the publication's."""
    try:
        listed: dict[str, dict[str, str]] = json.loads((site / LISTED).read_text("utf-8")).get("publications", {})
    except FileNotFoundError:
        listed = {}
    own = {f"{each['of']}-{_slug(each['edition'])}" for each in listed.values() if each.get("edition")}
    pages = sorted(site.glob("*/index.html"), key=lambda path: path.stat().st_mtime, reverse=True)
    pages = [page for page in pages if page.parent.name in listed or page.parent.name not in own]
    pages.sort(key=lambda page: listed.get(page.parent.name, {}).get("made_on", ""), reverse=True)
    return [_document(site, page, listed.get(page.parent.name, {})) for page in pages]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _document(site: Path, page: Path, entry: Mapping[str, str]) -> Document:
    beside = sorted(
        other for other in page.parent.iterdir() if other.suffix in (".pdf", ".docx", ".ods", ".xlsx", ".csv", ".zip")
    )
    forms = tuple((f"{other.suffix[1:].upper()}, {_size(other)}", _address(site, other)) for other in beside)
    title = _title(page)
    if entry.get("edition"):
        title = f"{entry['title']}, {entry['edition']}"
        if entry["of"] != page.parent.name:
            title += " (an earlier edition)"
    made_on = date.fromisoformat(entry["made_on"]) if entry.get("made_on") else None
    return Document(_address(site, page), title, forms, made_on)


def _address(site: Path, path: Path) -> str:
    return path.relative_to(site).as_posix()


def _title(page: Path) -> str:
    start = page.read_text(encoding="utf-8", errors="replace")[:4000]
    _, found, rest = start.partition("<title>")
    return rest.partition("</title>")[0].strip() if found else page.stem.replace("-", " ")


def _size(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{max(1, round(size / 1e3))} kB"
