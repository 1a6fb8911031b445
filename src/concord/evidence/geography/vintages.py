"""Which edition of a map codes belong to. A table that mixes two has places twice, or not at all, and is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from concord.kernel.errors import Refused


def vintage_of(codes: Iterable[str | None], editions: Mapping[str, Collection[str]], *, kind: str) -> str | None:
    """The one vintage of `editions` (codes by vintage, oldest first) that has every code; None where several have.

    Blank codes say nothing. Raises Refused where a code is in no edition, or where no edition has all of them.
    """
    given = {code for code in codes if code}
    known = {vintage: given & set(members) for vintage, members in editions.items()}
    unknown = given - set().union(*known.values())
    if unknown:
        raise Refused(
            f"{len(unknown)} codes are of no {kind} of {' or '.join(editions)}, the first {min(unknown)}.",
            why="They are in none of the editions that were looked in.",
            next_step="Check the kind of area and the year of the file the codes came from.",
        )
    whole = [vintage for vintage, found in known.items() if found == given]
    if whole:
        return whole[0] if len(whole) == 1 else None
    alone = {
        vintage: found - set().union(*(other for year, other in known.items() if year != vintage))
        for vintage, found in known.items()
    }
    parts = [f"{len(found)} are only of {vintage} (such as {min(found)})" for vintage, found in alone.items() if found]
    raise Refused(
        f"The table mixes {kind} areas of {' and of '.join(vintage for vintage, found in alone.items() if found)}.",
        why=f"Of its {len(given)} codes {' and '.join(parts)}: parts of the map would be counted twice or not at all.",
        next_step="Carry the rows of the older over to the newer first, or load every period from one download.",
    )
