"""The desk's data set at size: what the demonstration's seed made through the real operations, multiplied by SQL.

Each table's rows are inserted in one statement from a template row and a series of numbers, as a superuser with
triggers and references off; the indexes are dropped first and made once at the end, then everything is vacuumed and
analysed. The keys are hashes of numbers, so that an index is met at random as it is in life.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row

Connection = psycopg.Connection[dict[str, Any]]

YEARS = 10
"""The cases came in evenly over this many years up to now; the trail's lines over the last three."""
A_MEETING = 12
"""Cases a meeting hears."""
OPEN_DAYS = 21
"""Actions of the cases heard in the last days are still open, as an action is due within three weeks."""

TEMPLATE = """
SELECT i.id AS item, i.meeting_id AS meeting, i.contact_id AS contact, c.referral_id AS referral, v.person_id AS person
FROM panels_item i JOIN panels_meeting m ON m.id = i.meeting_id JOIN referrals_contact c ON c.id = i.contact_id
  JOIN panels_involvement v ON v.item_id = i.id
WHERE m.forum = 'mace' AND i.state = 'decided' AND m.state = 'signed' AND c.pathway = 'mash_contact'
  AND (SELECT count(*) FROM panels_action a WHERE a.item_id = i.id) >= 2
  AND (SELECT count(*) FROM panels_research r WHERE r.item_id = i.id) >= 2
ORDER BY i.listed_at LIMIT 1
"""

GIVEN = (
    "initcap((ARRAY['ma','jo','sa','ri','le','ka','to','ne','da','yu','zo','a'])[1 + n % 12]"
    " || (ARRAY['ria','nah','lim','din','ko','leen','mas','ra','vid','suf','phie','bel'])[1 + n / 12 % 12])"
)
FAMILY = (
    "initcap((ARRAY['har','ben','ol','tor','wes','mal','cas','dun','fen','gil','hol','kin'])[1 + n * 7 % 12]"
    " || (ARRAY['a','e','i','o','ing','er','en','ar','el','in'])[1 + n / 7 % 10]"
    " || (ARRAY['ton','ley','son','ford','wood','field','ski','man','dal','berg','shaw','gate','well'])"
    "[1 + n / 70 % 13]) || '-SYN'"
)
POSTCODE = "'ZZ' || n % 90 || ' ' || n % 9 || chr(65 + n % 26) || chr(65 + n / 26 % 26)"


def key(what: str, number: str = "n") -> str:
    """SQL for the identifier of the n-th of something."""
    return f"md5('{what}' || ({number}))::uuid"


def identifier(what: str, number: int) -> UUID:
    """The same identifier, here."""
    import hashlib

    return UUID(hashlib.md5(f"{what}{number}".encode(), usedforsecurity=False).hexdigest())


@dataclass(frozen=True, slots=True)
class Size:
    persons: int
    events: int
    cases: int
    """Of the whole run: the n-th case is as old at either size."""

    @property
    def came(self) -> str:
        """SQL for when the n-th case came in."""
        return f"date_trunc('minute', now()) - interval '{YEARS} years' * (1 - n::float8 / {self.cases})"

    def sat(self, n: str) -> str:
        """SQL for when the meeting of the n-th dozen sat."""
        share = f"least(({n}) * {A_MEETING}::float8 / {self.cases}, 1)"
        return f"date_trunc('second', now()) - interval '1 hour' - interval '{YEARS} years' * (1 - {share})"


def persons_and_trail(url: str, size: Size) -> dict[str, UUID]:
    """Persons with their team's share, and the lines of trail. Returns the template case."""
    with connected(url) as database:
        template = database.execute(TEMPLATE).fetchone()
        assert template is not None, "the seed made no decided case with research and actions"
        with said(f"{size.persons:,} persons"), without_indexes(database, "people_person", "sharing_grant"):
            person = {
                "id": key("person"),
                "given_name": GIVEN,
                "family_name": FAMILY,
                "born_on": "date '1950-01-01' + (n % 26000 * 7919 % 26000)",
                "safe_contact": "''",
                "postcode": POSTCODE,
            }
            every = f"generate_series(1, {size.persons}) n"
            multiply(database, "people_person", every, person, "t.id = %(person)s", template)
            multiply(
                database,
                "sharing_grant",
                every,
                {"id": "gen_random_uuid()", "subject_id": key("person")},
                "t.subject_kind = 'person' AND t.subject_id = %(person)s AND t.holder LIKE 'team:%%'",
                template,
            )
        with said(f"{size.events:,} lines of trail"), without_indexes(database, "audit_auditevent"):
            trail(database, size)
        analysed(database, "people_person", "sharing_grant", "audit_auditevent")
    return dict(template)


def trail(database: Connection, size: Size) -> None:
    """Lines as the seed's people left them, about other records: opened, listed (ten shown), searched."""
    about = (
        f"CASE t.object_type WHEN 'person' THEN {key('person', f'1 + n % {size.persons}')}"
        f" WHEN 'contact' THEN {key('contact', f'1 + n % {size.cases}')}"
        f" WHEN 'item' THEN {key('item', f'1 + n % {size.cases}')} END"
    )
    shown = (
        f"jsonb_build_object('shown', (SELECT jsonb_agg({key('contact', f'1 + (n::bigint * 11 + k) % {size.cases}')})"
        " FROM generate_series(1, 10) k))"
    )
    values = {
        "id": "gen_random_uuid()",
        "at": f"now() - interval '3 years' * (1 - n::float8 / {size.events})",
        "object_id": f"coalesce({about}::text, '')",
        "subjects": f"CASE WHEN cardinality(t.subjects) = 0 THEN t.subjects ELSE ARRAY[{about}] END",
        "request_id": "md5('request' || n)",
        "detail": f"CASE WHEN t.action LIKE '%%.list' AND n %% 3 = 0 THEN {shown} ELSE '{{}}'::jsonb END".replace(
            "%%", "%"
        ),
    }
    database.execute(
        "CREATE TEMP TABLE example AS SELECT row_number() OVER (ORDER BY at, id) - 1 AS k, e.* FROM audit_auditevent e"
        " WHERE e.object_type IN ('person', 'contact', 'item') AND e.outcome = 'done'"
    )
    into = columns(database, "audit_auditevent")
    picked = ", ".join(values.get(each, f"t.{each}") for each in into)
    database.execute(
        f"INSERT INTO audit_auditevent ({', '.join(into)}) SELECT {picked} FROM generate_series(1, {size.events}) n"
        " JOIN example t ON t.k = n % (SELECT count(*) FROM example)"
    )


def cases(url: str, template: Mapping[str, UUID], size: Size, start: int, end: int) -> int:
    """Cases `start` to `end` whole: referral, contact, steps, hearing, research, decision, actions, meetings, shares.

    Returns how many rows of what happened came with them (steps, research, decisions, actions, attendance).
    """
    these, sittings = f"generate_series({start}, {end}) n", f"generate_series({dozen(start - 1) + 1}, {dozen(end)}) n"
    came, person = size.came, key("person", f"1 + n % {size.persons}")
    of_item, of_contact = {"item_id": key("item")}, {"contact_id": key("contact")}
    heard = size.sat(dozen_of("n"))
    recent = f"n > {size.cases} * (1 - {OPEN_DAYS} / ({YEARS} * 365.0)) AND n % 2 = 0"
    parts: list[tuple[str, str, dict[str, str], str]] = [
        (
            "referrals_referral",
            these,
            {"id": key("referral"), "reference": "'B' || n", "submitted_at": came},
            "t.id = %(referral)s",
        ),
        (
            "referrals_party",
            these,
            {
                "id": "md5('party' || n || '-' || t.position)::uuid",
                "referral_id": key("referral"),
                "given_name": GIVEN,
                "family_name": FAMILY,
            },
            "t.referral_id = %(referral)s",
        ),
        (
            "referrals_contact",
            these,
            {
                "id": key("contact"),
                "referral_id": key("referral"),
                "received_at": came,
                "due_at": f"{came} + interval '1 day'",
                "rag_at": f"{came} + interval '2 hours'",
                "decided_at": f"{came} + interval '1 day'",
            },
            "t.id = %(contact)s",
        ),
        (
            "referrals_step",
            these,
            {"id": "gen_random_uuid()", **of_contact, "at": f"{came} + interval '1 day'"},
            "t.contact_id = %(contact)s",
        ),
        (
            "referrals_identified",
            these,
            {
                "id": "gen_random_uuid()",
                **of_contact,
                "party_id": "md5('party' || n || '-' || (SELECT p.position FROM referrals_party p"
                " WHERE p.id = t.party_id))::uuid",
                "person_id": person,
                "at": came,
            },
            "t.contact_id = %(contact)s",
        ),
        (
            "panels_meeting",
            sittings,
            {
                "id": key("meeting"),
                "starts_at": f"{size.sat('n')} + n * interval '1 microsecond'",
                "cut_off_at": f"{size.sat('n')} - interval '2 days'",
            },
            "t.id = %(meeting)s",
        ),
        (
            "panels_attendance",
            sittings,
            {"id": "gen_random_uuid()", "meeting_id": key("meeting")},
            "t.meeting_id = %(meeting)s",
        ),
        (
            "panels_minutes",
            sittings,
            {"id": "gen_random_uuid()", "meeting_id": key("meeting")},
            "t.meeting_id = %(meeting)s",
        ),
        (
            "panels_item",
            these,
            {
                "id": key("item"),
                **of_contact,
                "meeting_id": key("meeting", dozen_of("n")),
                "about": f"{GIVEN} || ' ' || {FAMILY}",
                "reference": "'C' || n",
                "position": f"n % {A_MEETING} + 1",
                "listed_at": f"{heard} - interval '5 days'",
            },
            "t.id = %(item)s",
        ),
        (
            "panels_involvement",
            these,
            {"id": "gen_random_uuid()", **of_item, "person_id": person},
            "t.item_id = %(item)s",
        ),
        (
            "panels_decision",
            these,
            {"id": "gen_random_uuid()", **of_item, "decided_at": heard},
            "t.item_id = %(item)s",
        ),
        (
            "panels_research",
            these,
            {"id": "gen_random_uuid()", **of_item, "at": f"{heard} - interval '3 days'", "shown_from": f"{heard}"},
            "t.item_id = %(item)s",
        ),
        ("panels_researchgiven", these, {"id": "gen_random_uuid()", **of_item}, "t.item_id = %(item)s"),
        (
            "panels_action",
            these,
            {
                "id": "gen_random_uuid()",
                **of_item,
                "raised_on": f"({heard})::date",
                "due_on": f"({heard})::date + 14 + n % 7",
                "status": f"CASE WHEN {recent} THEN 'open' ELSE t.status END",
                "completed_at": f"CASE WHEN {recent} THEN NULL ELSE {heard} + interval '10 days' END",
                "closed_by_id": f"CASE WHEN {recent} THEN NULL ELSE t.closed_by_id END",
            },
            "t.item_id = %(item)s AND t.status <> 'open'",
        ),
        (
            "sharing_grant",
            these,
            {
                "id": "gen_random_uuid()",
                "subject_id": f"CASE t.subject_kind WHEN 'person' THEN {person}"
                " ELSE md5(t.subject_kind || n)::uuid END",
                "starts_at": came,
                "ends_at": f"CASE WHEN t.ends_at IS NOT NULL THEN {heard} + interval '90 days' END",
            },
            "t.subject_id IN (%(referral)s, %(contact)s, %(item)s)"
            " OR (t.subject_id = %(person)s AND t.holder LIKE 'forum:%%')",
        ),
    ]
    rows = 0
    with connected(url) as database, said(f"{end:,} cases"):
        many = end - start > 20_000
        with without_indexes(database, *(table for table, *_ in parts) if many else ()):
            for table, series, values, where in parts:
                made = multiply(database, table, series, values, where, template)
                rows += made * (table in HAPPENED)
        analysed(database, *(table for table, *_ in parts))
    return rows


HAPPENED = {"referrals_step", "panels_research", "panels_decision", "panels_action", "panels_attendance"}
"""Besides the trail: rows that each say that somebody did something on a day."""


def dozen(number: int) -> int:
    return (number - 1) // A_MEETING + 1


def dozen_of(n: str) -> str:
    return f"({n} - 1) / {A_MEETING} + 1"


# --- how rows are multiplied -------------------------------------------------------------------------------------


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as database:
        # Only here: a server that dies in the middle leaves a home that is thrown away.
        for setting in ("max_wal_size = '24GB'", "full_page_writes = off", "checkpoint_timeout = '30min'"):
            database.execute(f"ALTER SYSTEM SET {setting}")
        database.execute("SELECT pg_reload_conf()")
        for setting in (
            "session_replication_role = replica",
            "synchronous_commit = off",
            "maintenance_work_mem = '1GB'",
            "max_parallel_maintenance_workers = 2",
            "work_mem = '256MB'",
        ):
            database.execute(f"SET {setting}")
        yield database


def columns(database: Connection, table: str) -> list[str]:
    found = database.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return [f'"{row["attname"]}"' if row["attname"] == "where" else row["attname"] for row in found]


def multiply(
    database: Connection,
    table: str,
    series: str,
    values: Mapping[str, str],
    where: str,
    template: Mapping[str, UUID],
) -> int:
    """Insert each row of `table` that `where` finds for every n of `series`, with `values` (SQL by column) anew."""
    into = columns(database, table)
    unknown = set(values) - set(into)
    assert not unknown, f"{table} has no {unknown}"
    picked = ", ".join(values.get(each, f"t.{each}") for each in into)
    chosen = [row["id"] for row in database.execute(f"SELECT t.id FROM {table} t WHERE {where}", template)]
    listed = ", ".join(f"'{each}'" for each in chosen)
    if not chosen:
        return 0
    done = database.execute(
        f"INSERT INTO {table} ({', '.join(into)}) SELECT {picked} FROM {series}"
        f" CROSS JOIN (SELECT * FROM {table} WHERE id IN ({listed})) t"
    )
    return done.rowcount


@contextmanager
def without_indexes(database: Connection, *tables: str) -> Iterator[None]:
    """Drops the tables' indexes but those of keys, and makes them again at the end."""
    held = database.execute(
        "SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i"
        " WHERE i.indrelid = ANY (%s::regclass[]) AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(tables)],
    ).fetchall()
    for each in held:
        database.execute(f"DROP INDEX {each['name']}")
    yield
    for each in held:
        database.execute(each["definition"])


def analysed(database: Connection, *tables: str) -> None:
    for each in tables:
        database.execute(f"VACUUM (ANALYZE) {each}")


_quiet: list[bool] = []


@contextmanager
def quiet() -> Iterator[None]:
    """Says nothing, for a test."""
    _quiet.append(True)
    yield
    _quiet.pop()


@contextmanager
def said(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    if not _quiet:
        print(f"  {what}: {time.perf_counter() - began:.0f} s", flush=True)
