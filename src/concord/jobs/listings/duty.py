"""The duty, obligation by obligation, with what shows that it is met or who closes the gap by when."""

from __future__ import annotations

from datetime import timedelta

from concord import codelists
from concord.evidence.extracts import calendar
from concord.evidence.publications.listings import Listing
from concord.jobs.duty import Shown, shown
from concord.jobs.listings import About, day_words
from concord.strategy.shapes.duty import DutyFile, Requirement


def obligations(about: About, *, law: str = "", kinds: tuple[str, ...] | list[str] = ("obligation",)) -> Listing:
    """Every requirement of `duty.toml` whose law begins with `law` and whose kind is among `kinds`."""
    duty = _duty(about)
    rows = []
    for key, each in duty.requirements.items():
        if each.law.startswith(law) and each.kind in kinds:
            rows.append((each.law, each.name, *_answer(about, duty, key, each)))
    return Listing("", ("Provision", "What it asks", "What shows it", "Standing"), tuple(rows))


def _answer(about: About, duty: DutyFile, key: str, requirement: Requirement) -> tuple[str, str]:
    found = shown(about, key, requirement)
    met = [each for each in found if each.met]
    missing = [each for each in found if not each.met]
    wanted = f"Nothing is recorded. Wanted: {requirement.evidence[:1].lower()}{requirement.evidence[1:]}."
    words = " ".join(_sentence(each) for each in (*met, *missing)) or wanted
    if requirement.kind == "power":
        return words, "Used" if met else "A power: not used"
    if found and not missing:
        return words, "Shown"
    return words, _gap(about, duty, key)


def _sentence(each: Shown) -> str:
    return each.words if each.words.endswith(".") else f"{each.words}."


def _gap(about: About, duty: DutyFile, key: str) -> str:
    """Who closes it by when: as the partnership says, else the lead within the time that the duty file gives."""
    held = about.partnership.duty_evidence
    stated = next((gap for gap in held.gap if gap.requirement == key), None) if held else None
    if stated is not None:
        late = " (overdue)" if stated.by < about.day else ""
        return f"Gap: {about.agency(stated.owner)}, by {day_words(stated.by)}{late}. {stated.why}"
    by = about.day + timedelta(days=duty.close_gaps_within_days)
    return f"Gap: {about.agency(None)}, by {day_words(by)}. Nobody has dated it yet."


def exchange(about: About, *, last: int = 4) -> Listing:
    """The items of the quarterly exchange, and how the last quarters came."""
    rows = []
    for item in _duty(about).exchange_items.values():
        feed = about.partnership.feeds.get(item.feed or "")
        if feed is None:
            rows.append((item.law, item.item, "No feed is declared", "Gap"))
            continue
        kept = calendar.standing(feed, about.receipts.get(feed.key, ()), about.day, last=last)
        newest = next((each for each in reversed(kept.periods) if each.received_on), None)
        came = (
            f"{newest.period.label}, received {day_words(newest.received_on)}" if newest and newest.received_on else ""
        )
        rows.append((item.law, item.item, about.agency(feed.owner), came or "Never received", _kept(kept)))
    return Listing("", ("Provision", "What is shared", "Who holds it", "Newest received", "Last quarters"), tuple(rows))


def _kept(kept: calendar.Standing) -> str:
    if kept.never_received:
        return "Gap: nothing has come"
    late = [each for each in kept.periods if each.state in (calendar.OVERDUE, calendar.RECEIVED_LATE)]
    if not late:
        return "On time"
    return "; ".join(
        f"{each.period.label}: {'overdue since' if each.state == calendar.OVERDUE else 'late, due'} "
        f"{day_words(each.due_on)}"
        for each in late
    )


def consulted(about: About) -> Listing:
    """Each educational, prison and youth custody authority, and how its consultation stands (s8(4))."""
    duty, held = _duty(about), about.partnership.duty_evidence
    asked = {each.authority: each for each in held.consulted} if held else {}
    rows = []
    for key, agency in about.partnership.agencies.items():
        sector = duty.sectors.get(agency.sector)
        if sector is None or sector.duty != "relevant":
            continue
        found = asked.get(key)
        if found is None:
            rows.append((agency.name, sector.name, "Not recorded", "Not recorded", "Gap"))
            continue
        rows.append(
            (
                agency.name,
                sector.name,
                day_words(found.asked),
                day_words(found.replied) if found.replied else "No reply yet",
                found.changed or ("Nothing was asked to change" if found.replied else "Gap"),
            )
        )
    return Listing(
        "", ("Authority", "Kind", "Asked", "Replied", "What changed"), tuple(rows),
        empty="The partnership folder names no educational, prison or youth custody authority.",
    )  # fmt: skip


def agreements(about: About) -> Listing:
    """Every sharing agreement that is signed here: who, through which gateway, until when."""
    rows = []
    for agreement in about.partnership.agreements.values():
        if not agreement.signed_by:
            continue
        standing = "In force" if agreement.in_force(about.day) else "Out of force"
        if agreement.review_on and agreement.review_on < about.day:
            standing += f"; review was due {day_words(agreement.review_on)}"
        parties = ", ".join(about.agency(party) for party in agreement.parties)
        rows.append(
            (agreement.name, parties, _gateways(about, agreement.gateways), day_words(agreement.expires_on), standing)
        )
    return Listing(
        "", ("Agreement", "Parties", "Gateway", "Ends", "Standing"), tuple(rows),
        empty="No signed agreement is in the partnership folder, so no record about a person may be received.",
    )  # fmt: skip


def _gateways(about: About, keys: tuple[str, ...]) -> str:
    named = {row["key"]: row.get("name", row["key"]) for row in about.partnership.codelists.get("legal_gateways", ())}
    return "; ".join(named.get(key, key) for key in keys)


def holders(about: About) -> Listing:
    """Who holds the duty here, and who must be consulted."""
    duty = _duty(about)
    words = {
        "specified": "Specified authority: must collaborate and plan",
        "relevant": "Relevant authority: must be consulted",
        "local_policing_body": "Local policing body: may assist and monitor",
    }
    rows = [
        (
            agency.name,
            duty.sectors[agency.sector].name,
            words[duty.sectors[agency.sector].duty],
            duty.sectors[agency.sector].note or "",
        )
        for agency in about.partnership.agencies.values()
        if agency.sector in duty.sectors and duty.sectors[agency.sector].duty in words and agency.part_of is None
    ]
    return Listing(
        "",
        ("Agency", "Kind", "Duty", "Note"),
        tuple(sorted(rows, key=lambda row: (list(words.values()).index(row[2]), row[0]))),
    )


def seriousness(about: About) -> Listing:
    """The factors of section 13(6) for each group of offences in the definition."""
    definition = about.partnership.definition
    labels = codelists.get("offence_group_names")
    open_ = "Not weighed yet"
    rows = [
        (
            labels.label(each.group) if each.group in labels.codes else each.group.replace("_", " "),
            each.impact_on_victims or open_,
            each.prevalence or open_,
            each.impact_on_community or open_,
        )
        for each in (definition.offence if definition else ())
    ]
    return Listing(
        "", ("Offences", "Impact on victims", "How common here", "Impact on the community"), tuple(rows),
        empty="The definition does not say yet why each offence is serious here.",
    )  # fmt: skip


def _duty(about: About) -> DutyFile:
    from concord.kernel.errors import BadInput, Where

    if about.partnership.duty is None:
        raise BadInput(
            f"{about.partnership.name} has no duty.toml, so nothing can be shown against it",
            where=Where(about.partnership.folder / "duty.toml"),
            next_step="Extend `national`, which has one.",
        )
    return about.partnership.duty
