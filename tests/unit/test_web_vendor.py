"""What ships for the browser is what was built: every file has its checksum, and nothing of GOV.UK's own is inside."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import concord.web

VENDOR = Path(concord.web.__file__).parent / "static" / "concord" / "vendor"
SUMS = dict(reversed(line.split("  ", 1)) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
FRONTEND = Path(__file__).resolve().parents[2] / "frontend"


@pytest.mark.parametrize("name", sorted(SUMS))
def test_a_built_file_is_as_it_was_built(name: str) -> None:
    found = hashlib.sha256((VENDOR / name).read_bytes()).hexdigest()
    assert found == SUMS[name], f"{name} was changed by hand: change frontend/ and run frontend/build.sh"


def test_no_file_lies_there_unlisted() -> None:
    there = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert there - {"SHA256SUMS"} == set(SUMS)


def test_nothing_that_belongs_to_gov_uk_alone_is_shipped() -> None:
    style = (VENDOR / "concord.css").read_text()
    for banned in ("GDS Transport", "govuk-crest", "govuk-logotype-crown", "@font-face"):
        assert banned not in style
    assert not re.search(r"""(url|@import)\(?\s*["']?(https?:)?//""", style), (
        "the style asks another site for something"
    )
    assert not [path.name for path in VENDOR.rglob("*") if path.suffix in (".woff", ".woff2", ".ttf")]


def test_every_image_the_style_names_is_shipped() -> None:
    style = (VENDOR / "concord.css").read_text()
    named = set(re.findall(r'url\("?\./([^)"]+)"?\)', style))
    assert named
    assert [name for name in named if not (VENDOR / name).is_file()] == []


def test_the_licences_of_what_is_inside_are_shipped() -> None:
    about = (VENDOR / "licences" / "README.txt").read_text()
    for package in ("govuk-frontend", "@ministryofjustice/frontend"):
        assert package in about
        text = (VENDOR / "licences" / f"{package.lstrip('@').replace('/', '-')}.txt").read_text()
        assert "Permission is hereby granted" in text and "Copyright" in text


def test_the_lock_names_no_registry() -> None:
    lock = (FRONTEND / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "registry." not in lock
    assert lock.count('"integrity": "sha512-') > 10
