"""What the calendar did and what is late; who keeps their access this quarter."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import connection

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.records import rules
from concord.desk.records.models import AccessReview, Hold, Run
from concord.desk.records.rules import AccessLine, JobLine, RunLine
from concord.desk.sharing import queries as sharing
from concord.desk.sharing.session import as_viewer
from concord.kernel.errors import BadInput
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy.shapes.calendar import Calendar

NEWEST = 100
HELD_LONG = timedelta(days=365)


def calendar() -> Calendar:
    """What is done by the calendar here. Raises BadInput where no file says so."""
    found = accounts.partnership().calendar
    if found is None:
        raise BadInput(
            "The partnership folder has no calendar.toml.",
            why="Nothing can be done by a calendar that is not there.",
            next_step="Extend the national folder, or add the file.",
        )
    return found


def runs(viewer: Viewer, *, at: datetime) -> tuple[RunLine, ...]:
    """The newest runs, at most a hundred. Raises NotAllowed unless the viewer reads the calendar."""
    accounts.require(viewer, "calendar.read")
    with as_viewer(viewer, at=at):
        rows = list(Run.objects.filter(partnership=viewer.partnership).order_by("-began_at")[:NEWEST])
    return tuple(_run(row) for row in rows)


def jobs(viewer: Viewer, *, at: datetime) -> tuple[JobLine, ...]:
    """Each piece of work, how it last went, when it is next due. Raises NotAllowed as `runs` does."""
    accounts.require(viewer, "calendar.read")
    every = calendar().job
    with as_viewer(viewer, at=at):
        newest = Run.objects.filter(partnership=viewer.partnership).order_by("job", "-began_at").distinct("job")
        last = {row.job: _run(row) for row in newest}
        done = {row.job: row.due_at for row in newest.filter(state="done").order_by("job", "-due_at").distinct("job")}
    lines = []
    for job in every:
        must = rules.last_due(job, at - timedelta(hours=job.late_hours))
        lines.append(
            JobLine(
                key=job.key,
                name=job.name,
                does=job.says,
                last=last.get(job.key),
                next_at=rules.next_due(job, at),
                late=job.key not in done or done[job.key] < must,
            )
        )
    return tuple(lines)


def done_until(viewer: Viewer, *, at: datetime) -> dict[str, datetime]:
    """By piece of work, the last moment it was due for which it was done. For the worker."""
    accounts.require(viewer, "calendar.keep")
    with as_viewer(viewer, at=at):
        rows = Run.objects.filter(partnership=viewer.partnership, state="done")
        return dict(rows.order_by("job", "-due_at").distinct("job").values_list("job", "due_at"))


def failed_since(viewer: Viewer, since: datetime, *, at: datetime) -> frozenset[str]:
    """Pieces of work that failed after `since`: the worker lets them rest for a while."""
    accounts.require(viewer, "calendar.keep")
    with as_viewer(viewer, at=at):
        rows = Run.objects.filter(partnership=viewer.partnership, state="failed", ended_at__gt=since)
        return frozenset(rows.values_list("job", flat=True))


def overdue(viewer: Viewer, *, at: datetime) -> dict[str, int]:
    """How many reviews and answers are past their day. Names nobody. For the worker: raises NotAllowed otherwise."""
    accounts.require(viewer, "calendar.keep")
    home, today = accounts.partnership(), at.astimezone(LONDON).date()
    hours = WorkingTime(
        closed_on=frozenset(date.fromisoformat(row["date"]) for row in home.codelists.get("bank_holidays", ()))
    )
    days = sharing.oversight().emergency.review_working_days
    with as_viewer(viewer, at=at), connection.cursor() as cursor:
        cursor.execute("SELECT kind, since FROM records_waits()")
        waits = cursor.fetchall()
        long_held = Hold.objects.filter(lifted_at__isnull=True, at__lt=at - HELD_LONG).count()
    opened = [since for kind, since in waits if kind == "emergency"]
    answers = [since.astimezone(LONDON).date() for kind, since in waits if kind == "request"]
    return {
        "emergency openings whose review is overdue": sum(hours.add_working_days(each, days) < at for each in opened),
        "rights requests whose answer is overdue": sum(each < today for each in answers),
        "agreements whose review is overdue": sum(
            each.review_on is not None and each.review_on < today <= each.expires_on
            for each in home.agreements.values()
        ),
        "holds older than a year": long_held,
    }


def access(viewer: Viewer, *, at: datetime) -> tuple[str, tuple[AccessLine, ...]]:
    """The quarter, and everybody whose access this viewer answers for, with what was said about it: those that wait
    first. Raises NotAllowed unless the viewer reviews access."""
    quarter = rules.quarter_of(at.astimezone(LONDON).date())
    held = accounts.to_review(viewer)
    with as_viewer(viewer, at=at):
        said = {
            (row.user_id, row.part): row
            for row in AccessReview.objects.filter(
                partnership=viewer.partnership, quarter=quarter, user_id__in=[each.user_id for each, _ in held]
            )
        }
    lines = []
    for each, part in held:
        row = said.get((each.user_id, part))
        lines.append(
            AccessLine(
                user_id=each.user_id,
                name=each.display_name,
                agency=each.agency,
                part=part,
                verdict=row.verdict if row else "",
                why=row.why if row else "",
                by=row.by_name if row else "",
                at=row.at if row else None,
                mine=each.user_id == viewer.user_id,
            )
        )
    return quarter, tuple(sorted(lines, key=lambda line: (bool(line.verdict), line.name, line.part)))


def to_end(viewer: Viewer, *, at: datetime) -> tuple[AccessLine, ...]:
    """Access that its manager said must end and that somebody still holds: for the administrator to act on. Raises
    NotAllowed unless the viewer keeps accounts."""
    every = {each.user_id: each for each in accounts.accounts(viewer)}
    with as_viewer(viewer, at=at):
        rows = list(AccessReview.objects.filter(partnership=viewer.partnership, verdict="end").order_by("-at")[:500])
    lines = []
    for row in rows:
        found = every.get(row.user_id)
        if found and found.active and row.part in (*found.roles, *found.forums):
            lines.append(
                AccessLine(
                    row.user_id,
                    found.display_name,
                    found.agency,
                    row.part,
                    row.verdict,
                    row.why,
                    row.by_name,
                    row.at,
                    row.user_id == viewer.user_id,
                )
            )
    return tuple(lines)


def access_waits(viewer: Viewer, *, at: datetime) -> int:
    """How many roles and seats wait for their manager's word this quarter. For the worker."""
    accounts.require(viewer, "calendar.keep")
    quarter = rules.quarter_of(at.astimezone(LONDON).date())
    with as_viewer(viewer, at=at):
        said = AccessReview.objects.filter(partnership=viewer.partnership, quarter=quarter).values_list(
            "user_id", "part"
        )
        return len(set(accounts.every_part()) - set(said))


def _run(row: Run) -> RunLine:
    return RunLine(row.job, row.due_at, row.began_at, row.ended_at, row.state, row.did, row.said)
