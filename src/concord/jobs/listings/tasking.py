"""Where a named meeting is asked to look: places that a released table marks, each with what to consider there."""

from __future__ import annotations

from collections.abc import Mapping

from concord.evidence.publications.listings import Listing
from concord.jobs.listings import About
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean


def places(
    about: About, *, figure: str, responses: Mapping[str, str], table: str = "", most: int = 12, owner: str = ""
) -> Listing:
    """The categories of a released table whose word begins with a key of `responses`, in the order of those keys.

    A cell that is not shown is not named either. Raises BadInput where the figure has no such table.
    """
    release = about.releases.get(figure)
    columns = ("Place", "What the data say", "Consider", "Who answers")
    if release is None:
        why = about.withheld.get(figure, "the figure it rests on was not made")
        return Listing("", columns, (), empty=f"Nothing can be recommended: {why}.")
    named = {each.name: each for each in release.tables}
    if table and table not in named:
        raise BadInput(
            f"Figure “{figure}” has no table “{table}”",
            where=Where(f"publications/{about.publication.key}.toml", key="listings.parameters.table"),
            next_step=did_you_mean(table, named),
        )
    chosen = named[table] if table else release.tables[0]
    rows = []
    for word, response in responses.items():
        marked = [cell for cell in chosen.cells if cell.hidden is None and cell.label.lower().startswith(word.lower())]
        for cell in marked:
            rows.append(
                (", ".join(part for part in cell.key if part != "Total"), cell.label, response, about.agency(owner))
            )
    return Listing(
        "", columns, tuple(rows[:most]),
        empty="No place stands out from the others by more than chance, so none is recommended for tasking.",
    )  # fmt: skip
