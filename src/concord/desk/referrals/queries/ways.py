"""The pathways themselves: which there are, the hours of their teams, what is shared and who receives."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer, known_as
from concord.desk.referrals import rules
from concord.desk.referrals.rules import SharingNotice
from concord.desk.sharing import queries as sharing
from concord.kernel.working_time import WorkingTime
from concord.strategy.shapes.pathway import Pathway


def pathway(key: str) -> Pathway:
    """One pathway of the partnership. Raises NotThatWay naming the nearest where there is none of that key."""
    return known_as(key, "pathway", accounts.partnership().pathways, rules.NotThatWay)


def pathways(viewer: Viewer) -> tuple[Pathway, ...]:
    """Pathways on which this viewer may refer."""
    if not accounts.may(viewer, "referral.submit"):
        return ()
    home = accounts.partnership()
    agency = home.agencies.get(viewer.agency)
    sector = agency.sector if agency else ""
    return tuple(
        each
        for each in home.pathways.values()
        if each.purpose in viewer.purposes and (not each.from_sectors or sector in each.from_sectors)
    )


def working(of: Pathway) -> WorkingTime:
    """The working hours of the team that receives on this pathway, bank holidays included."""
    return rules.working_time(of.hours, _closed(Path(settings.CONCORD_PARTNERSHIP), of.hours.holidays))


@lru_cache(maxsize=8)
def _closed(folder: Path, codelist: str | None) -> frozenset[date]:
    if codelist is None:
        return frozenset()
    return frozenset(date.fromisoformat(str(row["date"])) for row in accounts.partnership().codelists[codelist])


def sharing_notice(viewer: Viewer, pathway_key: str, *, at: datetime) -> SharingNotice:
    """What will be shared with whom and on what basis, to read before sending. Raises NotAllowed, NotThatWay."""
    accounts.require(viewer, "referral.submit")
    on = pathway(pathway_key)
    agreement = accounts.partnership().agreements[on.agreement]
    gateway = sharing.gateways()[on.gateway]
    statutory = rules.clock_named(on, None)
    return SharingNotice(
        pathway=on.name,
        receiver=on.receiver_name,
        shared_with=on.shared_with,
        purpose=on.purpose,
        gateway=gateway.name,
        section=gateway.section,
        agreement=agreement.name,
        agreement_ends=agreement.expires_on,
        decision_due=rules.due(statutory, at, working(on)) if statutory else at,
    )


def receiving_forum(on: Pathway) -> str | None:
    """The forum whose coordinator receives on this pathway, if a forum does."""
    kind, _, rest = on.received_by.partition(":")
    return rest.partition(":")[0] if kind == "forum" else None
