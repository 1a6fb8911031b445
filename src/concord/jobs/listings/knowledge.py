"""What is known and what is not: causes with their reasons, data that did not come, questions nobody has answered."""

from __future__ import annotations

from concord.evidence.extracts import calendar
from concord.evidence.publications.listings import Listing
from concord.jobs.listings import About, day_words

LEVELS = {
    "person": "The person",
    "family": "Family",
    "friends": "Friends",
    "school": "School and work",
    "place": "Place",
    "society": "Society",
}


def causes(about: About, *, kind: str = "", levels: tuple[str, ...] | list[str] = ()) -> Listing:
    """Risk or protective factors, with what research says and what is measured here, or why nothing can be."""
    held = about.partnership.causes
    rows = []
    for factor in held.factors.values() if held else ():
        if (kind and factor.kind != kind) or (levels and factor.level not in levels):
            continue
        rows.append(
            (factor.name, LEVELS[factor.level], factor.evidence, _here(about, factor.measured_by, factor.not_possible))
        )
    return Listing("", ("Factor", "Acts through", "What research says", "What is measured here"), tuple(rows))


def _here(about: About, keys: tuple[str, ...], reason: str | None) -> str:
    told, waiting = [], []
    for key in keys:
        indicator = about.partnership.indicators.get(key)
        if indicator is None:
            continue
        reading = about.readings.get(key, {})
        value = reading.get("value")
        if value:
            told.append(f"{indicator.title}: {value} ({reading['code']})")
        else:
            waiting.append(indicator.title)
    if waiting:
        told.append(f"Not yet: {', '.join(waiting)}")
    if reason:
        told.append(f"What that leaves out: {reason}" if told else f"Not possible: {reason}")
    return "; ".join(told)


def gaps(about: About, *, feeds: bool = True, indicators: bool = True) -> Listing:
    """What this document could not say: figures without a release, feeds that never came, measures nothing counts."""
    rows = []
    specs = {spec.cited_as: spec for section in about.publication.sections for spec in section.figures}
    for heading, missing in about.dropped.items():
        waits = ", ".join(name.replace("_", " ") for name in missing)
        rows.append((heading, "Section", f"Nothing was received of: {waits}"))
    for name, why in about.withheld.items():
        rows.append(
            (specs[name].subject[:1].upper() + specs[name].subject[1:] if name in specs else name, "Figure", why)
        )
    if feeds:
        for feed in about.partnership.feeds.values():
            if feed.due.every == "once":
                continue
            kept = calendar.standing(feed, about.receipts.get(feed.key, ()), about.day, last=1)
            if kept.never_received:
                rows.append((feed.title, "Data", f"{about.agency(feed.owner)} has not sent it"))
            elif kept.overdue:
                rows.append((feed.title, "Data", f"Overdue since {day_words(kept.overdue[-1].due_on)}"))
    if indicators:
        silent = [
            each for key, each in about.partnership.indicators.items() if not about.readings.get(key, {}).get("value")
        ]
        rows += [(each.title, "Measure", f"Needs: {each.data}") for each in sorted(silent, key=lambda each: each.code)]
    told = tuple((name, kind, why[:1].upper() + why[1:]) for name, kind, why in rows)
    return Listing(
        "", ("What is missing", "Kind", "Why"), told,
        empty="Nothing that was asked for is missing.",
    )  # fmt: skip


def questions(about: About) -> Listing:
    """Questions that the strategy leaves open, and how each is read until the boards answer."""
    own = {str(file) for file, path in about.partnership.files.items() if path.is_relative_to(about.partnership.folder)}
    rows = [
        (question.text, question.read_as)
        for file, held in sorted(about.partnership.open_questions.items())
        if file in own
        for question in held
    ]
    return Listing("", ("Question for the boards", "Read until then as"), tuple(rows), empty="No question is open.")


def services(about: About) -> Listing:
    """What people can be offered here: for whom, by whom, and whether it is in place."""
    status = {"in_place": "In place", "planned": "Planned", "bid": "Waits for money", "draft": "Being written"}
    rows = []
    for group in about.partnership.services.values():
        for service in group.services.values():
            ages = ""
            if service.from_age is not None or service.to_age is not None:
                ages = (
                    f", aged {service.from_age or 0} to {service.to_age}"
                    if service.to_age
                    else f", aged {service.from_age} and over"
                )
            rows.append(
                (
                    service.name,
                    f"{service.for_whom or service.purpose}{ages}",
                    about.agency(service.provider),
                    status[service.status],
                )
            )
    return Listing("", ("Service", "For whom", "Provided by", "Standing"), tuple(rows))
