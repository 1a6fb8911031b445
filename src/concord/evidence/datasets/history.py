"""What each version of a dataset changed: the months it brought, and those it put in the place of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from concord.evidence.extracts.versions import Manifest, read_manifest, version_numbers


@dataclass(frozen=True, slots=True)
class Change:
    """One partition of a new version: rows in the version before (None: it was not there) and now (None: it left)."""

    partition: str
    before: int | None
    now: int | None

    @property
    def difference(self) -> int:
        return (self.now or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class VersionChanges:
    """One version and what it changed. `made_at` is ISO 8601 with its offset."""

    version: int
    made_at: str
    rows: int
    parts: int
    brought: tuple[Change, ...]
    replaced: tuple[Change, ...]
    removed: tuple[Change, ...]


def changes(before: Manifest | None, after: Manifest) -> VersionChanges:
    """What `after` has that `before` had not, or had otherwise. Pure."""
    old = {part.partition: part for part in before.parts} if before else {}
    new = {part.partition: part for part in after.parts}
    return VersionChanges(
        version=after.version,
        made_at=after.made_at,
        rows=after.rows,
        parts=len(after.parts),
        brought=tuple(Change(name, None, part.rows) for name, part in new.items() if name not in old),
        replaced=tuple(
            Change(name, old[name].rows, part.rows)
            for name, part in new.items()
            if name in old and old[name].sha256 != part.sha256
        ),
        removed=tuple(Change(name, part.rows, None) for name, part in old.items() if name not in new),
    )


def history(home: Path, dataset: str, *, last: int = 12) -> Sequence[VersionChanges]:
    """The newest `last` versions, newest first, each against the one before it. Empty where never loaded."""
    numbers = version_numbers(home, dataset)[-(last + 1) :]
    manifests = [read_manifest(home, dataset, number) for number in numbers]
    found = [changes(before, after) for before, after in zip([None, *manifests], manifests, strict=False)]
    # One more than asked was read, to compare the oldest of those asked with.
    return found[::-1][:last]


def of_version(home: Path, dataset: str, version: int) -> VersionChanges:
    """What one version changed against the one before it. Raises FileNotFoundError where there is no such version."""
    before = read_manifest(home, dataset, version - 1) if version - 1 in version_numbers(home, dataset) else None
    return changes(before, read_manifest(home, dataset, version))
