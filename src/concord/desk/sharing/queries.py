"""The policy as a filter, as a decision, and as a register of agreements."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, Model, OuterRef, Q, QuerySet, Value

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import NotHere, Viewer
from concord.desk.sharing import rules
from concord.desk.sharing.models import Emergency, Grant, Pointer, Restriction
from concord.desk.sharing.rules import (
    AgreementLine,
    AgreementPage,
    Decision,
    EmergencyLine,
    FeedAccess,
    Gateway,
    Level,
    PartyLine,
    Reach,
    Resource,
    RestrictionLine,
    Share,
)
from concord.desk.sharing.session import agreements_of_agency, as_viewer, reading
from concord.kernel.errors import BadInput
from concord.kernel.working_time import LONDON, WorkingTime
from concord.strategy import law
from concord.strategy.shapes.agreement import Agreement
from concord.strategy.shapes.oversight import Oversight

M = TypeVar("M", bound=Model)


def visible(
    viewer: Viewer, queryset: QuerySet[M], kind: str, *, at: datetime, level: Level = "full", key: str = "pk"
) -> QuerySet[M]:
    """Only the rows shared with this viewer at `level` or above. The filter every list, search and page uses.

    `key` is the column of `queryset` that holds the identifier of the `kind`, for example "item_id" for research.
    """
    shared = shares_of(viewer, kind, at=at, level=level, key=key)
    return queryset.filter(shared).exclude(_excluded(kind, F(key), viewer))


def shares_of(viewer: Viewer, kind: str, *, at: datetime, level: Level = "full", key: str = "pk") -> Exists:
    """Whether a row's record is shared with this viewer: the first half of `visible`, for a list that rows reach by
    other roads too. What keeps the viewer out is the other half (`not_kept_out`): use both."""
    wanted = rules.reach(viewer, agreements_with(viewer).values(), at=at, level=level)
    return Exists(_open(wanted).filter(subject_kind=kind, subject_id=OuterRef(key)))


def not_kept_out(viewer: Viewer, queryset: QuerySet[M], kind: str, *, key: str = "pk") -> QuerySet[M]:
    """Without the rows this viewer is kept out of. For what reaches them by another road than a share."""
    return queryset.exclude(_excluded(kind, F(key), viewer))


def decide(viewer: Viewer, action: str, resource: Resource, purpose: str = "", *, at: datetime) -> Decision:
    """May this viewer do this with this? One query. The reason is for the trail and for the viewer's own records:
    do not show a stranger why something is hidden."""
    shares: list[Share] = []
    excluded = False
    if resource.id is not None:
        with as_viewer(viewer, at=at):
            held = Grant.objects.filter(
                partnership=viewer.partnership,
                subject_kind=resource.kind,
                subject_id=resource.id,
                holder__in=viewer.holders,
            )
            shares = [_share(row) for row in held]
            with connection.cursor() as cursor:
                cursor.execute("SELECT sharing_excluded(%s, %s, %s)", [resource.kind, resource.id, viewer.user_id])
                (excluded,) = cursor.fetchone()
    return rules.decide(
        viewer,
        action,
        resource,
        purpose,
        roles=accounts.roles(),
        agreements=agreements_with(viewer),
        shares=shares,
        excluded=excluded,
        sections={key: each.section for key, each in gateways().items()},
        at=at,
    )


def why_visible(viewer: Viewer, kind: str, object_id: UUID, *, at: datetime) -> Decision:
    """ "Why am I seeing this": the share, purpose, gateway and agreement that let this viewer in."""
    with as_viewer(viewer, at=at):
        wanted = rules.reach(viewer, agreements_with(viewer).values(), at=at)
        row = _open(wanted).filter(subject_kind=kind, subject_id=object_id).order_by("-starts_at").first()
    if row is None:
        return Decision(False, "It was not shared with you.")
    agreement, known = accounts.partnership().agreements[row.agreement], gateways()
    section = known[row.gateway].section if row.gateway in known else row.gateway
    with_whom = "you" if row.holder.startswith("user:") else row.holder.partition(":")[2].upper().replace(":", " ")
    said = f"Shared with {with_whom} under “{agreement.name}”."
    return Decision(True, said, gateway=row.gateway, agreement=row.agreement, section=section)


def gateways() -> dict[str, Gateway]:
    """Legal gateways by key, with the legal positions the partnership has recorded."""
    return law.gateways_of(accounts.partnership())


def agreements(viewer: Viewer, *, at: datetime) -> tuple[AgreementLine, ...]:
    """The register of agreements, those that end first on top. Raises NotAllowed unless the role reads it."""
    accounts.require(viewer, "agreement.read")
    return agreement_lines(at)


def agreement_lines(at: datetime) -> tuple[AgreementLine, ...]:
    """Every agreement, those that end first on top. They name no person."""
    known = gateways()
    found = sorted(accounts.partnership().agreements.values(), key=lambda one: one.expires_on)
    return tuple(_agreement_line(each, known, at) for each in found)


def stopped(
    viewer: Viewer, *, at: datetime, forums: Iterable[str] = (), pathways: Iterable[str] = ()
) -> tuple[AgreementLine, ...]:
    """Agreements that ended and carried one of these forums or pathways where the viewer sits or works: why cases are
    not there any more. Told of the forum or pathway as a whole, never of a case."""
    sits, works = {key for key in forums if viewer.parts_in(key)}, set(pathways)
    return tuple(
        each
        for each in agreement_lines(at)
        if each.state == "ended" and (sits & set(each.forums) or works & set(each.pathways))
    )


@reading("agreement.read", "agreement")
def agreement(viewer: Viewer, key: str, *, at: datetime) -> AgreementPage:
    """One agreement: what each party may give under it, by which section. Raises NotAllowed, NotHere."""
    accounts.require(viewer, "agreement.read")
    home, known = accounts.partnership(), gateways()
    held = home.agreements.get(key)
    if held is None:
        raise NotHere("agreement")
    parties = [each for each in held.parties if each in home.agencies]
    return AgreementPage(
        line=_agreement_line(held, known, at),
        information=held.information,
        lawful_basis=held.lawful_basis,
        retention=held.retention,
        controller=held.controller,
        signed_by=held.signed_by,
        review_on=held.review_on,
        parties=tuple(
            PartyLine(
                agency=party,
                name=home.agencies[party].name,
                body=law.BODIES.get(law.body_kind(home, party), ""),
                gives=tuple((each, _carried(held, known, party, parties, each)) for each in held.information),
            )
            for party in parties
        ),
        assumed=held.assumed,
    )


def _carried(
    held: Agreement, known: dict[str, Gateway], party: str, parties: list[str], information: str
) -> tuple[str, ...]:
    """The sections under which a party may give this class to another party, with the conditions recorded."""
    home = accounts.partnership()
    source, others = law.body_kind(home, party), {law.body_kind(home, each) for each in parties if each != party}
    return tuple(
        known[key].section
        for key in held.gateways
        if key in known
        and any(
            law.gateway_allows(
                known[key],
                source_kind=source,
                recipient_kind=other,
                information=information,
                purpose=purpose,
                conditions=law.CONDITIONS,
            ).allow
            for other in others
            for purpose in held.purposes
        )
    )


def _agreement_line(each: Agreement, known: dict[str, Gateway], at: datetime) -> AgreementLine:
    forums = accounts.partnership().forums
    called = [forums[key].abbreviation if key in forums else key.upper() for key in each.forums]
    stops = [f"feed {feed}" for feed in each.feeds] + [f"{name} cases" for name in called]
    stops += [f"pathway {pathway}" for pathway in each.pathways]
    if accounts.partnership().oversight and oversight().emergency.agreement == each.key:
        stops.append("emergency access")
    return AgreementLine(
        key=each.key,
        name=each.name,
        parties=each.parties,
        purposes=each.purposes,
        sections=tuple(known[key].section if key in known else key for key in each.gateways),
        feeds=each.feeds,
        forums=each.forums,
        pathways=each.pathways,
        starts_on=each.starts_on.isoformat(),
        expires_on=each.expires_on.isoformat(),
        days_left=(each.expires_on - at.astimezone(LONDON).date()).days,
        state=rules.agreement_state(each, at),  # type: ignore[arg-type]
        stops=tuple(stops),
    )


def feeds(viewer: Viewer) -> dict[str, FeedAccess]:
    """The feeds that are there for this viewer, by key, with what they may do with each."""
    roles, every = accounts.roles(), accounts.partnership().feeds.values()
    found = {feed.key: rules.feed_access(viewer, feed.owner, roles) for feed in every}
    return {key: access for key, access in found.items() if access.standing}


def oversight() -> Oversight:
    """How emergency access and the reading of the trail are limited here. Raises BadInput where no file says so."""
    found = accounts.partnership().oversight
    if found is None:
        raise BadInput(
            "The partnership folder has no oversight.toml.",
            why="Emergency access and the review of the trail need their limits.",
            next_step="Extend the national folder, or add the file.",
        )
    return found


def pointers(viewer: Viewer, person_id: UUID, *, at: datetime) -> tuple[str, ...]:
    """Forums that hear this person, as far as the viewer may know that and no more. Nothing for a restricted or
    sealed record, nor for one the viewer is kept out of."""
    with as_viewer(viewer, at=at):
        wanted = rules.reach(viewer, agreements_with(viewer).values(), at=at)
        found = Pointer.objects.filter(
            Q(ends_at__gt=at),
            partnership=viewer.partnership,
            person_id=person_id,
            holder__in=wanted.holders,
            purpose__in=wanted.purposes,
            agreement__in=wanted.agreements,
            starts_at__lte=at,
        ).exclude(_excluded("person", F("person_id"), viewer))
        found = found.exclude(Func(F("person_id"), function="sharing_marked", output_field=BooleanField()))
        return tuple(sorted(set(found.values_list("forum", flat=True))))


def restriction(viewer: Viewer, kind: str, object_id: UUID, *, at: datetime) -> RestrictionLine | None:
    """The restriction that stands on a record, for one of the people it names. None for everybody else."""
    with as_viewer(viewer, at=at):
        row = (
            Restriction.objects.filter(
                subject_kind=kind, subject_id=object_id, lifted_at__isnull=True, named__contains=[viewer.user_id]
            )
            .order_by("-set_at")
            .first()
        )
    if row is None:
        return None
    return RestrictionLine(level=row.level, named=tuple(row.named), reason=row.reason, set_at=row.set_at)


def emergencies(viewer: Viewer, *, at: datetime) -> tuple[EmergencyLine, ...]:
    """Emergency openings: those that wait for review first, the oldest on top. The reviewer reads everybody's, anyone
    else their own."""
    rule, home = oversight().emergency, accounts.partnership()
    hours = WorkingTime(
        closed_on=frozenset(date.fromisoformat(row["date"]) for row in home.codelists.get("bank_holidays", ()))
    )
    with as_viewer(viewer, at=at):
        rows = Emergency.objects.filter(partnership=viewer.partnership)
        if not accounts.may(viewer, "glass.review"):
            rows = rows.filter(user_id=viewer.user_id)
        found = list(rows.order_by(F("reviewed_at").desc(nulls_first=True), "opened_at")[:200])
        known = accounts.names(viewer, {row.user_id for row in found})
    lines = []
    for row in found:
        due = hours.add_working_days(row.opened_at, rule.review_working_days)
        lines.append(
            EmergencyLine(
                entry=row.id,
                by=known.get(row.user_id, row.username),
                agency=row.agency,
                reason=row.reason,
                purpose=row.purpose,
                opened_at=row.opened_at,
                ends_at=row.ends_at,
                found=row.person_id is not None,
                person_id=row.person_id,
                review_due=due,
                overdue=row.reviewed_at is None and due < at,
                reviewed_at=row.reviewed_at,
                reviewed_by=row.reviewed_by,
                justified=row.justified,
                note=row.review_note,
                mine=row.user_id == viewer.user_id,
            )
        )
    return tuple(lines)


def opened_under(viewer: Viewer, person_id: UUID, code: str, *, at: datetime) -> bool:
    """Whether the viewer opened this person in an emergency whose entry begins with `code`."""
    with as_viewer(viewer, at=at):
        mine = Emergency.objects.filter(user_id=viewer.user_id, person_id=person_id).order_by("-opened_at")
        return any(str(entry).upper().startswith(code) for entry in mine.values_list("id", flat=True)[:20])


def agreements_with(viewer: Viewer) -> dict[str, Agreement]:
    """The agreements to which the viewer's agency is a party, in force or not. Nobody else's carry anything to them."""
    return agreements_of_agency(viewer.agency)


def agreements_in_force(viewer: Viewer, at: datetime) -> frozenset[str]:
    """Keys of the agreements in force at `at` to which the viewer's agency is a party."""
    return rules.in_force(agreements_with(viewer).values(), at)


def _open(wanted: Reach) -> QuerySet[Grant]:
    """A viewer's reach as a filter of shares: what `Reach.admits` says of one share, said of all of them."""
    return Grant.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=wanted.at),
        partnership=wanted.partnership,
        holder__in=wanted.holders,
        purpose__in=wanted.purposes,
        agreement__in=wanted.agreements,
        level__in=wanted.levels,
        starts_at__lte=wanted.at,
    )


def _excluded(kind: str, key: Any, viewer: Viewer) -> Func:
    return Func(Value(kind), key, Value(viewer.user_id), function="sharing_excluded", output_field=BooleanField())


def _share(row: Grant) -> Share:
    return Share(
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        holder=row.holder,
        level=row.level,  # type: ignore[arg-type]
        purpose=row.purpose,
        gateway=row.gateway,
        agreement=row.agreement,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
