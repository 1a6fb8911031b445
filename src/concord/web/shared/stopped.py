"""Why nothing is there: an agreement ended, said on the pages of what rested on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from types import SimpleNamespace

from django.urls import reverse

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.sharing import queries as sharing
from concord.web.shared import partnership


def notices(
    viewer: Viewer, now: datetime, *, forums: Iterable[str] = (), pathways: Iterable[str] = ()
) -> list[SimpleNamespace]:
    """For the template of the same name: each agreement that ended, and which of these it carried, by name."""
    forums, pathways, home = list(forums), list(pathways), partnership.current()
    reads = accounts.may(viewer, "agreement.read")
    return [
        SimpleNamespace(
            name=each.name,
            ends=date.fromisoformat(each.expires_on),
            carried=[home.forums[key].abbreviation for key in each.forums if key in forums]
            + [home.pathways[key].name for key in each.pathways if key in pathways],
            href=reverse("agreement", args=[each.key]) if reads else "",
        )
        for each in sharing.stopped(viewer, at=now, forums=forums, pathways=pathways)
    ]
