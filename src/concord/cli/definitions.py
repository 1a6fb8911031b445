"""Which definition a word on the command line means, and how two of them are told apart on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from concord.cli import options
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean

if TYPE_CHECKING:
    from concord.definition.compare import Difference
    from concord.evidence.datasets.definition_diff import Diff, Moved
    from concord.strategy import Partnership
    from concord.strategy.shapes.definition import DefinitionFile

UNSAFE = (
    "These are raw counts and some are small. Two totals that differ by a few crimes tell about those few: they are "
    "for the analyst who asked, and nothing here may be published or passed on."
)


@dataclass(frozen=True, slots=True)
class Named:
    """A definition and the word it was asked for by."""

    name: str
    file: DefinitionFile


def find(word: str) -> Named:
    """The definition that is meant: a partnership (`harbourside`), a further definition or an earlier edition that it
    keeps (`harbourside:serious_youth_violence`), or a definition file anywhere (`old/definition.toml`).

    Raises Usage where there is none, with the nearest name, and BadInput where the file is not what it should be.
    """
    from concord.strategy.loader import load_file

    path = Path(word)
    if path.suffix == ".toml":
        if not path.is_file():
            raise Usage(f"There is no definition file {path}.", next_step="Name a file, or a partnership.")
        return Named(word, load_file(path, "definition"))
    folder, _, further = word.partition(":")
    partnership = options.load_partnership(options.find_partnership(folder))
    return Named(word, of(partnership, further or None))


def of(partnership: Partnership, further: str | None) -> DefinitionFile:
    """The definition that decides in a partnership, or a further one that it keeps. Raises Usage where it has none."""
    if further:
        if further not in partnership.definitions:
            raise Usage(
                f"{partnership.name} keeps no further definition “{further}”.",
                why=f"Its further definitions and earlier editions are files in {partnership.folder / 'definitions'}.",
                next_step=did_you_mean(further, partnership.definitions) if partnership.definitions else None,
            )
        return partnership.definitions[further]
    if partnership.definition is None:
        raise Usage(
            f"{partnership.name} has not said what serious violence is here.",
            next_step=f"Write {partnership.folder / 'definition.toml'}, or extend `national`, which has one.",
        )
    return partnership.definition


def rule_lines(before: Named, after: Named, found: Sequence[Difference]) -> Iterator[str]:
    """What the two say differently."""
    if not found:
        yield "Both say the same."
    for each in found:
        yield f"{each.part}:"
        yield from (f"  only in {before.name}: {line}" for line in each.before)
        yield from (f"  only in {after.name}: {line}" for line in each.after)


def diff_lines(before: Named, after: Named, found: Diff) -> Iterator[str]:
    """What enters and what leaves, for a terminal."""
    yield f"{'':14}{before.name:>24}{after.name:>24}"
    for verdict in found.before:
        yield f"{verdict:14}{found.before[verdict]:>24,}{found.after[verdict]:>24,}"
    yield ""
    if not found.moved:
        yield "No loaded crime changes its verdict."
    for each in found.moved:
        yield from _moved_lines(each)
    yield f"{found.decided:,} crimes that were undetermined no longer are."


def _moved_lines(each: Moved) -> Iterator[str]:
    yield f"{each.count:,} from {each.before} to {each.after}"
    for heading, counts in (("by offence", each.groups), ("by limb", each.limbs), ("by year recorded", each.years)):
        yield f"  {heading}: " + "; ".join(f"{name} {count:,}" for name, count in counts.items())
    yield "  why:"
    listed = list(each.reasons.items())
    for (was, now), count in listed[:MOST_REASONS]:
        yield f"    {count:,} × before: {' '.join(was) or 'no reason'}"
        yield f"    {' ' * len(f'{count:,}')}   now: {' '.join(now) or 'no reason'}"
    if len(listed) > MOST_REASONS:
        rest = sum(count for _, count in listed[MOST_REASONS:])
        yield f"    and {rest:,} for {len(listed) - MOST_REASONS} further pairs of reasons: --json lists them all"


MOST_REASONS = 8


def as_json(before: Named, after: Named, rule: Sequence[Difference], found: Diff | None) -> Mapping[str, object]:
    """The same for a machine."""
    said: dict[str, object] = {
        "before": before.name,
        "after": after.name,
        "rule": [{"part": each.part, "before": each.before, "after": each.after} for each in rule],
    }
    if found is not None:
        said |= {
            "unsafe": UNSAFE,
            "synthetic": found.synthetic,
            "totals": {"before": found.before, "after": found.after},
            "no_longer_undetermined": found.decided,
            "moved": [
                {
                    "before": each.before, "after": each.after, "count": each.count, "by_offence": each.groups,
                    "by_limb": each.limbs, "by_year_recorded": each.years,
                    "reasons": [{"before": w, "after": n, "count": c} for (w, n), c in each.reasons.items()],
                }
                for each in found.moved
            ],
        }  # fmt: skip
    return said
