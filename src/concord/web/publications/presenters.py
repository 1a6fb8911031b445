"""A released table and its story in words. Takes releases only: a finding cannot be shown."""

from __future__ import annotations

from dataclasses import dataclass

from concord.evidence.disclosure.model import Release, ReleasedCell, ReleasedTable
from concord.evidence.publications import words

AUDIENCES = {"public": "Everyone", "board": "The partnership’s board", "restricted": "A named, restricted meeting"}


@dataclass(frozen=True, slots=True)
class Row:
    labels: tuple[str, ...]
    count: str
    base: str
    rate: str
    interval: str


@dataclass(frozen=True, slots=True)
class FigurePage:
    code: str
    title: str
    question: str
    unit: str
    period: str
    synthetic: bool
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    rate_heading: str
    has_base: bool
    notes: tuple[str, ...]
    notice: str
    rounded_to: int
    base: str
    source: str
    method: str
    cannot_say: tuple[str, ...]
    audience: str
    rule: str
    audit: str
    requested_by: str
    approved_by: str
    released: str
    definition: str
    datasets: tuple[tuple[str, int, str, str], ...]
    parameters: tuple[tuple[str, str], ...]
    query: str
    release_id: str


def figure(release: Release, table: ReleasedTable) -> FigurePage:
    rows = tuple(_row(cell) for cell in table.cells)
    shown = {mark for row in rows for mark in words.MARKS if mark in (row.count, row.rate)}
    rated = next((cell.estimate for cell in table.cells if cell.estimate), None)
    lineage = release.lineage
    return FigurePage(
        code=table.code,
        title=table.title,
        question=release.question,
        unit=table.unit,
        period=release.period.label,
        synthetic=release.synthetic,
        headings=tuple(dimension.label for dimension in table.dimensions),
        rows=rows,
        rate_heading="Rate or share" if rated else "",
        has_base=any(row.base for row in rows),
        notes=tuple(f"{mark} {words.MARKS[mark]}" for mark in sorted(shown)),
        notice=release.notice,
        rounded_to=release.rounded_to,
        base=release.base,
        source=release.source,
        method=release.method,
        cannot_say=release.cannot_say,
        audience=AUDIENCES.get(release.audience, release.audience),
        rule=release.rule,
        audit=_audit(release),
        requested_by=release.requested_by,
        approved_by=release.approved_by,
        released=f"{release.released_at.day} {release.released_at:%B %Y}",
        definition=lineage.definition_version or "",
        datasets=tuple((ref.dataset, ref.version, f"{ref.rows:,}", ref.sha256) for ref in lineage.datasets),
        parameters=tuple((name.replace("_", " "), str(value)) for name, value in sorted(lineage.parameters.items())),
        query=lineage.query,
        release_id=release.id,
    )


def _row(cell: ReleasedCell) -> Row:
    """What the release does not hold stands as the same mark as in every publication."""
    if cell.hidden is not None:
        mark = words.mark(cell.hidden)
        return Row(cell.key, mark, "", mark, "")
    return Row(
        cell.key,
        "" if cell.count is None else words.number(cell.count),
        "" if cell.base is None else words.number(cell.base),
        words.measured_plainly(cell.estimate) if cell.estimate else "",
        words.interval(cell.estimate) if cell.estimate else "",
    )


def _audit(release: Release) -> str:
    audit = release.audit
    if not audit.hidden_cells:
        return "Nothing had to be withheld."
    narrowest = (
        f" The narrowest guess left open spans {audit.narrowest_interval:g}." if audit.narrowest_interval else ""
    )
    cells = f"{audit.hidden_cells} cell{'s were' if audit.hidden_cells != 1 else ' was'} withheld."
    return f"{cells} Somebody with everything ever released cannot work any of them out.{narrowest}"
