"""Which area lies in which: lookups between levels and between vintages, and counts carried up them.

A lookup between levels is exact where every small area lies wholly in one large one, and best fit where the office
put each into the one that holds most of its people. A table whose codes come from two vintages is refused: it has
areas twice, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from concord.evidence.datasets.store import DatasetVersion
from concord.evidence.geography.boundaries import heading
from concord.evidence.geography.tables import counted, keys_of, read_csv
from concord.evidence.geography.vintages import vintage_of
from concord.kernel.errors import BadInput, Refused, Where

Fit = Literal["exact", "best"]


@dataclass(frozen=True, eq=False)
class Lookup:
    """Codes of `lower` areas with the `upper` area of each: `pairs` has the columns lower, upper, change.

    `change` is the office's mark between vintages (U unchanged, S split, M merged, X irregular); null between levels.
    """

    lower: str
    lower_vintage: str
    upper: str
    upper_vintage: str
    fit: Fit
    pairs: pa.Table
    source: str

    @property
    def between_vintages(self) -> bool:
        return self.lower == self.upper

    @cached_property
    def lower_codes(self) -> frozenset[str]:
        return frozenset(self.pairs["lower"].to_pylist())

    @cached_property
    def upper_codes(self) -> frozenset[str]:
        return frozenset(self.pairs["upper"].to_pylist())

    @property
    def note(self) -> str:
        """What must be said of counts that went over it."""
        if self.between_vintages:
            how = "unchanged and merged areas exactly, split and redrawn ones only by share of residents"
        elif self.fit == "exact":
            how = "each lies wholly within one"
        else:
            how = "each put where most of its residents live"
        return (
            f"{self.lower} {self.lower_vintage} to {self.upper} {self.upper_vintage} by {self.fit} fit: {how} "
            f"({self.source})."
        )

    @classmethod
    def from_file(cls, file: Path | str, lower: str, upper: str, *, fit: Fit, change: str | None = None) -> Lookup:
        """A lookup as the statistics office publishes it (CSV); `lower` and `upper` are its headings (LSOA21CD)."""
        path = Path(file)
        return cls.from_table(read_csv(path), lower, upper, fit=fit, change=change, source=path.name)

    @classmethod
    def from_dataset(
        cls, version: DatasetVersion, lower: str, upper: str, *, fit: Fit, change: str | None = None
    ) -> Lookup:
        """A loaded lookup, by its columns (lsoa11_code, lsoa21_code, change)."""
        with duckdb.connect() as connection:
            table = connection.sql(f"FROM {version.scan}").to_arrow_table()
        source = f"{version.dataset}, version {version.version}"
        return cls.from_table(table, lower, upper, fit=fit, change=change, source=source)

    @classmethod
    def from_table(
        cls, table: pa.Table, lower: str, upper: str, *, fit: Fit, source: str, change: str | None = None
    ) -> Lookup:
        """A lookup from a loaded dataset. Raises BadInput where a heading is missing or an area lies in two others."""
        for named in (lower, upper, *([change] if change else [])):
            if named not in table.column_names:
                raise BadInput(
                    f"The lookup has no column “{named}”.",
                    where=Where(file=source, field=named),
                    why=f"Its columns are {', '.join(table.column_names)}.",
                    next_step="Name the headings of the small and of the large area.",
                )
        with duckdb.connect() as connection:
            connection.register("given", table)
            mark = f"nullif(trim(\"{change}\"), '')" if change else "NULL::VARCHAR"
            pairs = connection.sql(
                f'SELECT DISTINCT trim("{lower}") AS lower, trim("{upper}") AS upper, {mark} AS change FROM given '
                f"WHERE trim(\"{lower}\") <> '' AND trim(\"{upper}\") <> '' ORDER BY ALL"
            ).to_arrow_table()
        (low, low_year), (high, high_year) = _level(lower), _level(upper)
        made = cls(low, low_year, high, high_year, fit, pairs, source)
        if not made.between_vintages:
            made._one_upper_each()
        return made

    def _one_upper_each(self) -> None:
        seen: dict[str, str] = {}
        for low, high in zip(self.pairs["lower"].to_pylist(), self.pairs["upper"].to_pylist(), strict=True):
            if seen.setdefault(low, high) != high:
                raise BadInput(
                    f"{low} lies in {seen[low]} and in {high}.",
                    where=Where(file=self.source, field=low),
                    why="Counts could not be carried up: it must be one or the other.",
                    next_step="Use the best-fit lookup, which puts each area into one.",
                )

    def vintage_of(self, codes: Iterable[str | None]) -> str | None:
        """The vintage all `codes` belong to, None where they are the same in both (or there are none).

        Only for a lookup between vintages. Raises Refused where some belong to one and some to the other alone.
        """
        if not self.between_vintages:
            raise ValueError("only a lookup between vintages tells one vintage from another")
        editions = {self.lower_vintage: self.lower_codes, self.upper_vintage: self.upper_codes}
        return vintage_of(codes, editions, kind=self.lower)

    def separated(self, counts: pa.Table) -> tuple[pa.Table, pa.Table]:
        """A table that mixes vintages, row by row: those of the older alone, and all others (unchanged areas too).

        Some months are published so. Carry the first part forward, then add the second.
        """
        older = pc.and_(
            pc.is_valid(counts["code"]), pc.invert(pc.is_in(counts["code"], pa.array(sorted(self.upper_codes))))
        )
        return counts.filter(older), counts.filter(pc.invert(older))


def roll_up(counts: pa.Table, lookup: Lookup) -> pa.Table:
    """Counts of small areas summed to the large ones: columns code, count, and whatever else the table is kept by.

    Rows without a code stay without one, so that nothing is lost. Raises Refused where a code is not in the lookup:
    counts of another vintage do not nest in these areas.
    """
    if lookup.between_vintages:
        raise ValueError("between vintages counts are carried forward, not rolled up")
    counted(counts)
    unknown = sorted({code for code in counts["code"].unique().to_pylist() if code} - lookup.lower_codes)
    if unknown:
        raise Refused(
            f"{len(unknown)} codes are not {lookup.lower} areas of {lookup.lower_vintage}, the first {unknown[0]}.",
            why=f"They are not in {lookup.source}, so nobody can say which {lookup.upper} they lie in.",
            next_step="Carry the counts to the lookup's vintage first, or use the lookup of their own.",
        )
    keys = keys_of(counts)
    also = "".join(f', "{key}"' for key in keys)
    with duckdb.connect() as connection:
        connection.register("counts", counts)
        connection.register("pairs", lookup.pairs)
        return connection.sql(
            f"SELECT p.upper AS code{also}, sum(c.count) AS count FROM counts c "
            f"LEFT JOIN pairs p ON p.lower = c.code GROUP BY ALL ORDER BY code NULLS LAST{also}"
        ).to_arrow_table()


def _level(name: str) -> tuple[str, str]:
    """Level and vintage of a heading such as WD24CD; a heading of the partnership's own is its own level."""
    return heading(name) or (name, "")
