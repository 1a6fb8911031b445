"""The floor under the desk's pages: the rows each shows, read by bare SQL through psycopg.

As the tables' owner, so without row-level security, shares, policy, audit, ORM or template; statements prepared; one
connection. What a page takes beyond this is what the desk adds.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import psycopg

Run = Callable[..., list[tuple[Any, ...]]]
USER = "(SELECT display_name FROM accounts_user u WHERE u.id = {})"


def case(run: Run, n: int) -> None:
    key = ("item", n)
    ((meeting,),) = run("SELECT meeting_id FROM panels_item WHERE id = %s", key)
    run("SELECT i.*, m.*, d.* FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id"
        " LEFT JOIN panels_decision d ON d.item_id = i.id WHERE i.id = %s", key)  # fmt: skip
    run(
        "SELECT p.*, v.role FROM panels_involvement v JOIN people_person p ON p.id = v.person_id WHERE v.item_id = %s",
        key,
    )
    run(f"SELECT r.*, {USER.format('r.by_id')} FROM panels_research r WHERE r.item_id = %s", key)
    run("SELECT a.* FROM panels_action a WHERE a.item_id = %s ORDER BY due_on", key)
    run("SELECT agency FROM panels_researchgiven WHERE item_id = %s", key)
    run("SELECT id FROM panels_item WHERE meeting_id = %s ORDER BY position", meeting)
    run("SELECT seat FROM panels_attendance WHERE meeting_id = %s AND present", meeting)
    run("SELECT a.* FROM panels_involvement v"
        " JOIN panels_involvement o ON o.person_id = v.person_id AND o.item_id <> v.item_id"
        " JOIN panels_action a ON a.item_id = o.item_id"
            " WHERE v.item_id = %s ORDER BY raised_on DESC LIMIT 20", key)  # fmt: skip


def contact(run: Run, n: int) -> None:
    key = ("contact", n)
    run(f"SELECT c.*, r.*, {USER.format('c.decided_by_id')} FROM referrals_contact c"
        " JOIN referrals_referral r ON r.id = c.referral_id WHERE c.id = %s", key)  # fmt: skip
    run("SELECT * FROM referrals_party WHERE referral_id = %s ORDER BY position", ("referral", n))
    run("SELECT * FROM referrals_check WHERE contact_id = %s", key)
    run("SELECT * FROM referrals_step WHERE contact_id = %s ORDER BY at", key)
    run(
        "SELECT p.*, i.role FROM referrals_identified i"
        " JOIN people_person p ON p.id = i.person_id WHERE i.contact_id = %s",
        key,
    )
    run("SELECT c.id, c.received_at, c.route FROM referrals_identified i"
        " JOIN referrals_identified o ON o.person_id = i.person_id"
        " JOIN referrals_contact c ON c.id = o.contact_id"
            " WHERE i.contact_id = %s ORDER BY c.received_at DESC LIMIT 10", key)  # fmt: skip


def person(run: Run, n: int) -> None:
    key = ("person", n)
    run("SELECT * FROM people_person WHERE id = %s", key)
    for table in ("alias", "personidentifier", "ethnicity"):
        run(f"SELECT * FROM people_{table} WHERE person_id = %s", key)
    run("SELECT * FROM people_relationship WHERE person_id = %s", key)
    run("SELECT * FROM people_relationship WHERE other_id = %s", key)
    run("SELECT i.*, m.* FROM panels_involvement v JOIN panels_item i ON i.id = v.item_id"
        " JOIN panels_meeting m ON m.id = i.meeting_id"
            " WHERE v.person_id = %s ORDER BY m.starts_at DESC LIMIT 50", key)  # fmt: skip
    run("SELECT a.* FROM panels_involvement v JOIN panels_action a ON a.item_id = v.item_id"
        " WHERE v.person_id = %s AND a.status = 'open' ORDER BY due_on LIMIT 50", key)  # fmt: skip


def tray(run: Run, where: str, order: str) -> None:
    run(f"WITH page AS (SELECT id FROM referrals_contact"
        f" WHERE pathway = 'mash_contact' AND {where} ORDER BY {order} LIMIT 50)"
        " SELECT c.*, r.*, p.* FROM page JOIN referrals_contact c USING (id)"
            " JOIN referrals_referral r ON r.id = c.referral_id"
        f" JOIN referrals_party p ON p.referral_id = r.id ORDER BY c.{order}")  # fmt: skip


def queue(run: Run, n: int) -> None:
    tray(run, "decided_at IS NULL", "due_at")


def decided(run: Run, n: int) -> None:
    tray(run, "decided_at IS NOT NULL", "decided_at DESC")


def to_come(run: Run, forum: str = "mace") -> None:
    run("SELECT m.*, (SELECT count(*) FROM panels_item i WHERE i.meeting_id = m.id) FROM panels_meeting m"
        " WHERE forum = %s AND state NOT IN ('closed', 'signed') ORDER BY starts_at LIMIT 20", forum)  # fmt: skip


def agency_actions(run: Run, n: int = 0) -> None:
    run("SELECT a.*, i.about FROM panels_action a JOIN panels_item i ON i.id = a.item_id"
        " WHERE a.agency = 'childrens_services' AND a.status = 'open' ORDER BY due_on, a.id LIMIT 50")  # fmt: skip


def my_day(run: Run, n: int) -> None:
    agency_actions(run)
    to_come(run)


def forum(run: Run, n: int) -> None:
    to_come(run)
    run("SELECT count(*) FROM referrals_contact WHERE waits_for = 'mace'")
    run("SELECT i.*, v.* FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id JOIN panels_involvement v ON"
        " v.item_id = i.id WHERE m.forum = 'mace'"
            " AND m.state NOT IN ('closed', 'signed') ORDER BY position")  # fmt: skip
    run("SELECT count(*) FROM panels_action WHERE forum = 'mace' AND status = 'open'")


def past(run: Run, n: int) -> None:
    run("SELECT m.*, (SELECT count(*) FROM panels_item i WHERE i.meeting_id = m.id) FROM panels_meeting m"
        " WHERE forum = 'mace' AND state IN ('closed', 'signed') ORDER BY starts_at DESC LIMIT 50")  # fmt: skip


def agenda(run: Run, n: int) -> None:
    key = ("meeting", (n - 1) // 12 + 1)
    run("SELECT * FROM panels_meeting WHERE id = %s", key)
    run("SELECT i.*, (SELECT count(*) FROM panels_researchgiven g WHERE g.item_id = i.id) FROM panels_item i"
        " WHERE meeting_id = %s ORDER BY position", key)  # fmt: skip
    run("SELECT p.* FROM panels_item i JOIN panels_involvement v ON v.item_id = i.id"
        " JOIN people_person p ON p.id = v.person_id"
        " WHERE i.meeting_id = %s", key)  # fmt: skip
    run("SELECT * FROM panels_attendance WHERE meeting_id = %s", key)


def search(run: Run, n: int) -> None:
    run("SELECT * FROM people_person WHERE people_sound(family_name) = people_sound('Harington')"
        " AND people_sound(given_name) = people_sound('Mario') LIMIT 10")  # fmt: skip


PAGES: dict[str, Callable[[Run, int], None]] = {
    "open a case": case,
    "open a contact": contact,
    "open a person": person,
    "my day, coordinator": my_day,
    "the queue": queue,
    "what was decided": decided,
    "the forum": forum,
    "an agenda": agenda,
    "its past meetings": past,
    "actions": agency_actions,
    "search": search,
}


def floor(url: str, cases: int, times: int) -> dict[str, list[float]]:
    """Seconds of each page's rows by bare SQL, `times` over, by name of page."""
    from desk_data import identifier

    found: dict[str, list[float]] = {name: [] for name in PAGES}
    pick = random.Random(1)  # noqa: S311
    with psycopg.connect(url, autocommit=True, prepare_threshold=0) as database:

        def run(text: str, *values: Any) -> list[tuple[Any, ...]]:
            keys = [identifier(*each) if isinstance(each, tuple) else each for each in values]
            return database.execute(text, keys or None).fetchall()

        for turn in range(times + 1):
            for name, page in PAGES.items():
                number = pick.randint(1, cases)
                began = time.perf_counter()
                page(run, number)
                if turn:
                    found[name].append(time.perf_counter() - began)
    return found
