"""The demonstration's oversight: an emergency that waits for its review, requests of people, a record that is held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concord.desk.accounts.rules import Viewer
    from concord.desk.referrals.rules import PartyDetails


def oversee(
    who: Mapping[str, Viewer], child: PartyDetails, now: datetime, in_hours: Callable[[datetime, int], datetime]
) -> None:
    """What the data protection officer finds on their desk about one child that MASH knows."""
    from concord.desk.people import operations as people
    from concord.desk.people.rules import Details
    from concord.desk.records import operations

    details = Details(child.given_name, child.family_name, child.born_on)
    officer, yesterday = who["dpo"], in_hours(now - timedelta(days=1), 16)
    people.open_in_emergency(
        viewer=who["mash-manager"],
        details=details,
        purpose="child_safeguarding",
        reason="The school rang at four: not home since morning, and a message about the river.",
        at=yesterday,
    )
    for kind, days in (("access", 12), ("rectification", 3)):
        came = in_hours(now - timedelta(days=days), 11)
        operations.enter_request(
            viewer=officer,
            kind=kind,
            details=details,
            identity="Passport and birth certificate seen at the counter, with the parent.",
            received_on=came.date(),
            at=came,
        )
