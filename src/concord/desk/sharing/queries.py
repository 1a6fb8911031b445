"""The policy as a filter, as a decision, and as a register of agreements."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Exists, F, Func, Model, OuterRef, Q, QuerySet, Value

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.sharing import rules
from concord.desk.sharing.models import Grant
from concord.desk.sharing.rules import AgreementLine, Decision, FeedAccess, Gateway, Level, Reach, Resource, Share
from concord.desk.sharing.session import agreements_of_agency, as_viewer
from concord.kernel.working_time import LONDON
from concord.strategy import law
from concord.strategy.shapes.agreement import Agreement

M = TypeVar("M", bound=Model)


def visible(
    viewer: Viewer, queryset: QuerySet[M], kind: str, *, at: datetime, level: Level = "full", key: str = "pk"
) -> QuerySet[M]:
    """Only the rows shared with this viewer at `level` or above. The filter every list, search and page uses.

    `key` is the column of `queryset` that holds the identifier of the `kind`, for example "item_id" for research.
    """
    wanted = rules.reach(viewer, agreements_with(viewer).values(), at=at, level=level)
    shares = _open(wanted).filter(subject_kind=kind, subject_id=OuterRef(key))
    return queryset.filter(Exists(shares)).exclude(_excluded(kind, F(key), viewer))


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
    known, day = gateways(), at.astimezone(LONDON).date()
    lines = []
    for each in sorted(accounts.partnership().agreements.values(), key=lambda one: one.expires_on):
        stops = [f"feed {feed}" for feed in each.feeds] + [f"{forum.upper()} cases" for forum in each.forums]
        lines.append(
            AgreementLine(
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
                days_left=(each.expires_on - day).days,
                state=rules.agreement_state(each, at),  # type: ignore[arg-type]
                stops=tuple(stops + [f"pathway {pathway}" for pathway in each.pathways]),
            )
        )
    return tuple(lines)


def feeds(viewer: Viewer) -> dict[str, FeedAccess]:
    """The feeds that are there for this viewer, by key, with what they may do with each."""
    roles, every = accounts.roles(), accounts.partnership().feeds.values()
    found = {feed.key: rules.feed_access(viewer, feed.owner, roles) for feed in every}
    return {key: access for key, access in found.items() if access.standing}


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
