"""That the use of somebody's record is restricted, said wherever they are met: their page, a contact, a case, an entry.

Who asked and why is the data protection officer's; whoever meets the record reads that it stands, since when, and what
it means for them (UK GDPR Article 18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from concord.desk.accounts.rules import Viewer
from concord.desk.records import queries
from concord.desk.records.rules import MEANS


def notice(viewer: Viewer, named: Mapping[UUID, str], *, at: datetime, entry_id: UUID | None = None) -> dict[str, Any]:
    """What `records/restricted.html` reads. `named` are the people of the page; where there are several, it is said
    whose use is restricted. With `entry_id` a restriction of that entry alone counts too."""
    found = [each for each in queries.standing(viewer, named, at=at) if each.entry_id in (None, entry_id)]
    whose = dict.fromkeys(named[each.person_id] for each in found)
    return {"restricted": found[0] if found else None, "whose": list(whose) if len(named) > 1 else [], "means": MEANS}


def entries_marked(viewer: Viewer, about: Iterable[tuple[UUID, UUID | None]], *, at: datetime) -> frozenset[UUID]:
    """Of the entries of a list, with whom each is about, those whose use is restricted."""
    lines = [(entry_id, person_id) for entry_id, person_id in about if person_id is not None]
    found = queries.standing(viewer, [person_id for _, person_id in lines], at=at)
    stands = {(each.person_id, each.entry_id) for each in found}
    return frozenset(one for one, who in lines if not stands.isdisjoint({(who, None), (who, one)}))
