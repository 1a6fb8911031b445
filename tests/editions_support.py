"""An edition on its way, for tests: the cast who work on publications, and the steps they take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from concord.desk.accounts import operations as accounts_operations
from concord.desk.accounts import queries as accounts
from concord.desk.accounts.models import User
from concord.desk.accounts.rules import Viewer
from concord.desk.editions import operations, queries
from concord.desk.editions.rules import Cited, EditionPage, Passage, SectionNow, Standing
from concord.kernel.working_time import LONDON
from concord.strategy import passages

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=LONDON)
SNA = "strategic_needs_assessment"


def later(minutes: int) -> datetime:
    return MONDAY + timedelta(minutes=minutes)


def cast() -> dict[str, Viewer]:
    """The demo people who touch publications, and a second analyst, so that two can write at once."""
    admin = accounts.service("installation")
    wanted = ("analyst", "editor", "approver", "board", "dpo", "mash")
    for person in accounts.partnership().demo_people.person:
        if person.username in wanted:
            accounts_operations.add_user(
                viewer=admin,
                username=person.username,
                display_name=person.name,
                agency=person.agency,
                roles=person.roles,
                at=MONDAY,
            )
    for username, name, roles in (
        ("analyst-2", "Petra Vance SYN", ["analyst"]),
        ("both", "Noor Adeyemi SYN", ["analyst"]),
    ):
        accounts_operations.add_user(
            viewer=admin, username=username, display_name=name, agency="community_safety", roles=roles, at=MONDAY
        )
    # No administrator may give both roles to one account; one from before that rule shows that the second wall holds.
    User.objects.filter(username="both").update(roles=["analyst", "release_approver"])
    return {name: accounts.viewer_named(name) for name in (*wanted, "analyst-2", "both")}


def sections() -> list[str]:
    return [each.key for each in accounts.partnership().publications[SNA].sections]


def standing_of(page: EditionPage, cited: dict[str, tuple[Cited, ...]] | None = None) -> Standing:
    """What evidence would say of an edition whose texts cite nothing but `cited`."""
    grounds = {"safety", "crime", "institution"}
    made = []
    for section in accounts.partnership().publications[SNA].sections:
        text = page.blocks[section.key].text if section.key in page.blocks else ""
        found = passages.passages(text, grounds, file=section.key)
        made.append(
            SectionNow(
                section.key,
                section.heading,
                (cited or {}).get(section.key, ()),
                tuple(Passage(each.digest, each.ground) for each in found),
                passages.digest(each.text for each in found),
            )
        )
    return Standing(tuple(made))


def go_through(viewer: Viewer, edition_id: UUID, standing: Standing, at: datetime) -> None:
    for section in standing.sections:
        operations.nothing_more(viewer=viewer, edition_id=edition_id, section=section.key, digest=section.digest, at=at)


def settled(people: dict[str, Viewer], *, name: str = "2026", at: datetime = MONDAY) -> UUID:
    """An edition that waits for approval, asked for by the analyst; without a figure behind it."""
    analyst = people["analyst"]
    edition_id = operations.begin(viewer=analyst, publication=SNA, name=name, at=at)
    standing = standing_of(queries.edition(analyst, edition_id, at=at))
    go_through(analyst, edition_id, standing, at)
    version = queries.edition(analyst, edition_id, at=at).line.version
    operations.send_for_review(viewer=analyst, edition_id=edition_id, version=version, at=at)
    operations.freeze(
        viewer=analyst,
        edition_id=edition_id,
        standing=standing,
        frozen="f" * 64,
        reason="The annual assessment.",
        version=version + 1,
        at=at,
    )
    return edition_id


def quiet(_words: str) -> None:
    pass


def at_clock(at: datetime) -> Callable[[], datetime]:
    return lambda: at


def home_folder() -> Path:
    from django.conf import settings

    return Path(settings.CONCORD_HOME)
