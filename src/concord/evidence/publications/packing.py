"""Archives whose bytes depend on nothing but what is in them and the moment they are given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime

_FIRST = 1980
"""The first year that an archive can say."""


def packed(files: Iterable[tuple[str, bytes]], at: datetime) -> bytes:
    """A zip of `files` (name, bytes) in the order given, each dated `at`.

    An entry called `mimetype` is stored as it is: office formats want to be told apart by their first bytes.
    """
    made = io.BytesIO()
    moment = (max(at.year, _FIRST), at.month, at.day, at.hour, at.minute, at.second)
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name, moment)
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)
    return made.getvalue()


def repacked(archive: bytes, at: datetime) -> bytes:
    """The same archive with every entry dated `at`, in its order."""
    with zipfile.ZipFile(io.BytesIO(archive)) as old:
        return packed([(name, old.read(name)) for name in old.namelist() if not name.endswith("/")], at)
