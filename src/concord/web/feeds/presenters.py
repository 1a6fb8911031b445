"""How feeds stand, in the words of those who send them and those who wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from types import SimpleNamespace

from concord.desk.sharing.rules import AgreementLine, FeedAccess, agreement_state
from concord.evidence.datasets.history import Change, VersionChanges
from concord.evidence.extracts import FeedStatus, Receipt
from concord.evidence.extracts.faults import Fault
from concord.evidence.extracts.uploads import Became, Upload
from concord.kernel.working_time import LONDON
from concord.strategy.loader import Partnership
from concord.strategy.shapes.feed import Feed
from concord.web.feeds import contract, trends
from concord.web.feeds.clock import Item
from concord.web.shared.present import extended
from concord.web.shared.words import counted, listed

STATES = {
    "refused": ("Last file refused", "red"),
    "late": ("Late", "red"),
    "due": ("Due", "amber"),
    "received": ("Up to date", "done"),
    "never received": ("Never received", "grey"),
}
"""In the order in which they need somebody."""

FEW = 4
"""Periods that are missing are named up to this many."""
AGREEMENTS = {
    "in force": ("In force", "green"),
    "ends soon": ("Ends soon", "amber"),
    "ended": ("Not in force", "red"),
    "not begun": ("Not begun", "grey"),
}
RESULTS = {
    "loaded": ("Loaded", "done"),
    "already received": ("Received before", "grey"),
    "refused": ("Refused", "red"),
    "skipped": ("Not data", "grey"),
}
UPLOADS = {
    "waiting": ("Waiting", "grey"),
    "working": ("Being checked", "amber"),
    "done": ("Done", "done"),
    "stopped": ("Stopped", "red"),
}


def status(found: FeedStatus, feed: Feed, home: Partnership) -> SimpleNamespace:
    """`refusal` is the last refusal where nothing was received since; that alone still needs somebody.

    What the law has exchanged is late even where nothing of it ever came.
    """
    refusal = found.last_refusal
    if refusal and found.last_received_at and refusal.when <= found.last_received_at:
        refusal = None
    by_law = {item.feed for item in home.duty.exchange_items.values()} if home.duty else set()
    never_by_law = found.state == "never received" and feed.key in by_law
    state = "refused" if refusal else "late" if never_by_law else found.state
    word, shape = STATES.get(state, (state, "grey"))
    if state == "received" and feed.due.every == "once":
        word = "Received"
    return extended(
        found,
        key=found.feed,
        needs=state in ("refused", "late", "due"),
        order=list(STATES).index(state) if state in STATES else len(STATES),
        word=word,
        shape=shape,
        owner_key=feed.owner or feed.publisher or "",
        owner_name=contract.owner(feed, home),
        cadence=contract.cadence(feed.due),
        refusal=receipt(refusal) if refusal else None,
        never_by_law=never_by_law,
        missing_says=_missing(found.missing),
    )


def _missing(periods: Sequence[str]) -> str:
    """Periods that never came: by name where they are few, else how many and between which."""
    if len(periods) > FEW:
        return f"{len(periods)} periods between {periods[0]} and {periods[-1]}"
    return listed(list(periods))


def reminder(found: SimpleNamespace, feed: Feed, home: Partnership) -> str:
    """A plain message to whoever sends a feed that is late or due."""
    next_period = found.next_period if found.next_period not in found.missing else None
    what = listed([each for each in (found.missing_says, next_period) if each]) or "the next file"
    due = f"It was due on {found.next_due.day} {found.next_due:%B %Y}. " if found.days_late else ""
    rests = f" under “{home.agreements[feed.agreement].name}”" if feed.agreement in home.agreements else ""
    return (
        f"Dear colleague,\n\nWe have not yet received “{feed.title}” for {what}. {due}"
        f"You send it to {home.name}{rests}.\n\n"
        "Please send it, or tell us when it will come. If there was nothing to report, send the file with its headings "
        "and no rows.\n\nThank you."
    )


def agreement(found: AgreementLine, home: Partnership) -> SimpleNamespace:
    """An agreement with its last day as a date, and what stops then by the names people know."""
    feeds = [f"feed “{home.feeds[key].title}”" for key in found.feeds if key in home.feeds]
    forums = [f"cases of {home.forums[key].abbreviation}" for key in found.forums if key in home.forums]
    pathways = [f"pathway “{home.pathways[key].name}”" for key in found.pathways if key in home.pathways]
    word, shape = AGREEMENTS[found.state]
    ends = date.fromisoformat(found.expires_on)
    return extended(found, ends=ends, stopping=[*feeds, *forums, *pathways], word=word, shape=shape)


def rests_on(feed: Feed, home: Partnership, at: datetime) -> SimpleNamespace | None:
    """The agreement a feed rests on, as whoever sends under it should know it; None where it needs none."""
    found = home.agreements.get(feed.agreement or "")
    if found is None:
        return None
    state = agreement_state(found, at)
    word, shape = AGREEMENTS[state]
    return SimpleNamespace(
        name=found.name,
        ends=found.expires_on,
        days_left=(found.expires_on - at.astimezone(LONDON).date()).days,
        in_force=state in ("in force", "ends soon"),
        word=word,
        shape=shape,
        retention=found.retention,
    )


def receipt(found: Receipt, access: FeedAccess | None = None, title: str = "") -> SimpleNamespace:
    """`report` is whether this reader may open the file's error report."""
    word, shape = RESULTS.get(found.status, (found.status, "grey"))
    return extended(
        found,
        at=found.when,
        word=word,
        shape=shape,
        title=title,
        why=[found.refused[key] for key in ("what", "why", "next") if found.refused.get(key)],
        digest=found.sha256[:12],
        report=bool(found.error_report and access and access.reports),
    )


def version(found: VersionChanges) -> SimpleNamespace:
    return extended(
        found,
        at=datetime.fromisoformat(found.made_at),
        brought_says=_partitions(found.brought),
        replaced_says=[replaced(change) for change in found.replaced[:12]],
        replaced_more=max(0, len(found.replaced) - 12),
        removed_says=_partitions(found.removed),
    )


def partition(name: str) -> str:
    """“month=2026-10/force=city” as “October 2026, city”."""
    pieces = [piece.partition("=") for piece in name.split("/")]
    return ", ".join(trends.period(value) if key == "month" else value or key for key, _, value in pieces)


def _partitions(found: Sequence[Change]) -> str:
    if not found:
        return ""
    names = [partition(change.partition) for change in found]
    if len(names) > 3:
        return f"{names[0]} to {names[-1]} ({len(names)} parts)"
    return ", ".join(names)


def replaced(change: Change) -> str:
    """A restated month: the rows it has now, those it had, and the difference."""
    more = change.difference
    difference = (
        f"{counted(abs(more), 'row')} {'more' if more > 0 else 'fewer'}" if more else "as many rows, other values"
    )
    return f"{partition(change.partition)}: {change.now:,} rows took the place of {change.before:,} ({difference})"


def faults(found: Iterable[Fault], *, examples: bool) -> list[SimpleNamespace]:
    """The same thing wrong in several files as one line, the most frequent first."""
    kinds: dict[tuple[str, str, str, str], list[Fault]] = {}
    for each in found:
        kinds.setdefault((each.field, each.rule, each.problem, each.fix), []).append(each)
    lines = [
        SimpleNamespace(
            field=field,
            rule=rule.partition(":")[0].replace("_", " "),
            problem=problem,
            fix=fix,
            rows=sum(each.rows for each in same),
            files=len(same),
            first=list(same[0].first) if len(same) == 1 else [],
            more=len(same) == 1 and same[0].rows > len(same[0].first),
            examples=sorted({value for each in same for value in each.examples})[:3] if examples else [],
        )
        for (field, rule, problem, fix), same in kinds.items()
    ]
    return sorted(lines, key=lambda line: (-line.rows, line.field, line.problem))


def by_supplier(items: Sequence[Item], quarters: int) -> list[SimpleNamespace]:
    """Items under their supplier, whoever owes most first."""
    names = dict.fromkeys(item.supplier for item in items)
    found = [group(name, [item for item in items if item.supplier == name], quarters) for name in names]
    return sorted(found, key=lambda one: (-sum(line.overdue for line in one.lines), one.supplier.casefold()))


def group(supplier: str, items: Sequence[Item], quarters: int) -> SimpleNamespace:
    """Items of one table, each with the quarters before it was owed (`before`)."""
    lines = [extended(item, before=range(quarters - len(item.squares))) for item in items]
    return SimpleNamespace(supplier=supplier, lines=lines)


def upload(found: Upload, home: Partnership) -> SimpleNamespace:
    word, shape = UPLOADS[found.state]
    feed = home.feeds.get(found.feed)
    return extended(
        found,
        at=found.when,
        ended=found.ended,
        word=word,
        shape=shape,
        title=feed.title if feed else "To be told from the files",
        agency_name=home.agencies[found.agency].name if found.agency in home.agencies else found.agency,
        loaded=sum(each.status == "loaded" for each in found.became),
        refused_files=sum(each.status == "refused" for each in found.became),
        bytes=sum(each.bytes for each in found.files),
    )


def result(found: Became, access: FeedAccess | None, lines: list[SimpleNamespace], title: str) -> SimpleNamespace:
    word, shape = RESULTS.get(found.status, (found.status, "grey"))
    return extended(
        found,
        word=word,
        shape=shape,
        title=title,
        why=[found.refused[key] for key in ("what", "why", "next") if found.refused.get(key)],
        faults=lines,
        replaced=[],
        report=bool(found.quarantined and found.receipt and access and access.reports),
    )
