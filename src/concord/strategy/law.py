"""Whether the law lets one body tell another: legal gateways as data, their exclusions looked at first. Pure.

A gateway is a row of `codelists/legal_gateways.csv`, a class of information a row of `information_classes.csv`, and
the kind of body an agency is follows from its sector in `duty.toml`. Everything that moves between organisations asks
here: agreements, feeds, forums, shares and requests, so that none of them can read the law differently.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concord.strategy.loader import Partnership
    from concord.strategy.shapes.agreement import Agreement
    from concord.strategy.shapes.partnership import Position

PERSONAL = frozenset({"personal", "criminal_offence", "special_category", "patient"})
"""Classes of information about somebody who can be identified."""

ANY = "*"

BODIES = {
    "specified_authority": "a specified authority",
    "health": "a health authority",
    "social_care": "a social care authority",
    "childrens_services": "a council’s children’s services",
    "local_policing_body": "a local policing body",
    "educational": "an educational body",
    "prison": "a prison",
    "youth_custody": "a youth custody authority",
    "voluntary": "a voluntary body",
    "housing": "a housing body",
    "government": "a government body",
}
"""Kinds of body the law tells apart, and what each is called. A sector of `duty.toml` names one."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Allow or deny, with the reason in words, and what it rests on where it is allowed.

    `gateway` and `agreement` are keys, `section` is the law as it is cited.
    """

    allow: bool
    reason: str
    gateway: str = ""
    agreement: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class Gateway:
    """One legal gateway. "*" stands for any.

    `never_information` are classes it never authorises, nor anything derived from them; `never_personal_from` are
    kinds of body whose personal information it never authorises. `needs` are conditions that a named person must have
    recorded for the disclosure ("consent", "life_at_risk"). `locks_purpose`: what came through it may be used for its
    own purposes only.
    """

    key: str
    name: str
    section: str
    purposes: frozenset[str]
    from_kinds: frozenset[str]
    to_kinds: frozenset[str]
    information: frozenset[str]
    never_information: frozenset[str]
    never_personal_from: frozenset[str]
    needs: frozenset[str] = frozenset()
    locks_purpose: bool = False


CONDITIONS = {
    "consent": "the recorded consent of the person",
    "family_agreement": "the recorded agreement of the family",
    "life_at_risk": "a record that a life is at risk",
}
"""What a condition is called. A gateway may need no other."""


def gateway_from_row(row: Mapping[str, str]) -> Gateway:
    """Raises KeyError where a column is missing, ValueError for a condition that nobody could record."""

    def several(column: str) -> frozenset[str]:
        return frozenset(filter(None, row.get(column, "").split(";")))

    unknown = several("needs") - set(CONDITIONS)
    if unknown:
        raise ValueError(f"{row['key']} needs {', '.join(sorted(unknown))}, which is not a condition we record")
    return Gateway(
        key=row["key"],
        name=row["name"],
        section=row["section"],
        purposes=several("purposes"),
        from_kinds=several("from_kinds"),
        to_kinds=several("to_kinds"),
        information=several("information"),
        never_information=several("never_information"),
        never_personal_from=several("never_personal_from"),
        needs=several("needs"),
        locks_purpose=row.get("locks_purpose") == "yes",
    )


def gateways_from_rows(
    rows: Iterable[Mapping[str, str]], positions: Mapping[str, Position] | None = None
) -> dict[str, Gateway]:
    """Gateways by key. A recorded legal position lifts one exclusion of one gateway for one kind of body."""
    found = {row["key"]: gateway_from_row(row) for row in rows}
    for position in (positions or {}).values():
        gateway = found.get(position.gateway)
        if gateway is not None:
            kept = gateway.never_personal_from - {position.body}
            found[gateway.key] = replace(gateway, never_personal_from=kept)
    return found


def gateways_of(partnership: Partnership) -> dict[str, Gateway]:
    """The gateways as this partnership holds them, with the legal positions it has recorded."""
    return gateways_from_rows(partnership.codelists["legal_gateways"], partnership.partnership.positions)


def body_kind(partnership: Partnership, agency: str) -> str:
    """What the law takes an agency for; "" for one that is unknown, which no gateway covers."""
    found = partnership.agencies.get(agency)
    if found is None or partnership.duty is None or found.sector not in partnership.duty.sectors:
        return ""
    return partnership.duty.sectors[found.sector].body


def party_to(partnership: Partnership, agreement: Agreement, agency: str) -> bool:
    """Whether the agency signed, itself or as a unit of an agency of the same kind of body that did.

    A council's signature does not bind its children's services, which stand under other sections.
    """
    unit: str | None = agency
    while unit is not None and unit in partnership.agencies:
        if unit in agreement.parties and body_kind(partnership, unit) == body_kind(partnership, agency):
            return True
        unit = partnership.agencies[unit].part_of
    return False


def gateway_allows(
    gateway: Gateway,
    *,
    source_kind: str,
    recipient_kind: str,
    information: str,
    purpose: str,
    derived_from: Collection[str] = (),
    conditions: Collection[str] = (),
) -> Decision:
    """Whether the law lets `source_kind` tell `recipient_kind` this class of information for this purpose.

    `derived_from` are the classes of what the information was made from: a score or a count that rests on patient
    information is excluded with it. `conditions` are those that a named person has recorded.

    The exclusions are looked at first, so that the refusal names them: under the Police, Crime, Sentencing and
    Courts Act 2022 section 16 no patient information nor anything derived from it, and no personal information from
    a health or social care authority, whatever else holds.
    """
    section = gateway.section

    def no(reason: str) -> Decision:
        return Decision(False, reason)

    def fits(value: str, allowed: frozenset[str]) -> bool:
        return bool(value) and (ANY in allowed or value in allowed)

    if information in gateway.never_information:
        return no(f"{section} does not authorise {information} information.")
    tainted = sorted(gateway.never_information & set(derived_from))
    if tainted:
        return no(f"{section} does not authorise what is derived from {tainted[0]} information.")
    if information in PERSONAL and (barred := bars_personal(gateway, source_kind)):
        return no(barred)
    if not fits(purpose, gateway.purposes):
        return no(f"{section} is not for the purpose “{purpose}”.")
    if not fits(source_kind, gateway.from_kinds):
        return no(f"{section} does not cover disclosure by {_body(source_kind)}.")
    if not fits(recipient_kind, gateway.to_kinds):
        return no(f"{section} does not cover disclosure to {_body(recipient_kind)}.")
    if not fits(information, gateway.information):
        return no(f"{section} does not cover {information} information.")
    lacking = sorted(gateway.needs - set(conditions))
    if lacking:
        return no(f"{section} needs {CONDITIONS[lacking[0]]}.")
    return Decision(True, gateway.name, gateway=gateway.key, section=section)


def _body(kind: str) -> str:
    return BODIES.get(kind, "an unknown body")


def bars_personal(gateway: Gateway, source_kind: str) -> str:
    """Why a gateway never authorises personal information from this kind of body, whatever else holds; "" where it may.
    The exclusion alone: whether the rest of the gateway holds, an agreement says."""
    if source_kind in gateway.never_personal_from:
        return f"{gateway.section} does not authorise personal information from {_body(source_kind)}."
    return ""


def onward(received: Gateway, onward_by: Gateway, purpose: str) -> Decision:
    """Whether what came through `received` may go on through `onward_by` for `purpose`.

    A gateway that locks its purpose lets nothing go on for another: under section 17 a local policing body uses what
    it was sent to monitor the duty, and for nothing else.
    """
    if received.locks_purpose and purpose not in received.purposes:
        return Decision(False, f"What came under {received.section} may not be used for “{purpose}”.")
    return Decision(True, f"{received.section} does not lock the purpose.", gateway=onward_by.key)


def may_disclose(
    partnership: Partnership,
    agreement: Agreement | None,
    *,
    sender: str,
    recipient: str,
    information: str,
    purpose: str,
    day: date,
    gateway: str = "",
    derived_from: Collection[str] = (),
    conditions: Collection[str] = (),
) -> Decision:
    """Whether agency `sender` may tell agency `recipient` this, on `day`: agreement first, then the law.

    With `gateway` only that one is asked, else each of the agreement's. Two teams of one organisation are two
    agencies here: a council's housing service and its children's services stand under different sections.
    """
    if agreement is None:
        return Decision(False, "No agreement covers it.")
    if not agreement.in_force(day):
        return Decision(False, f"“{agreement.name}” is not in force (it ends on {agreement.expires_on}).")
    for agency in (sender, recipient):
        if not party_to(partnership, agreement, agency):
            known = partnership.agencies.get(agency)
            return Decision(False, f"{known.name if known else agency} is not a party to “{agreement.name}”.")
    if purpose not in agreement.purposes:
        return Decision(False, f"“{agreement.name}” is not for the purpose “{purpose}”.")
    if information not in agreement.information:
        return Decision(False, f"“{agreement.name}” does not cover {information} information.")
    if gateway and gateway not in agreement.gateways:
        return Decision(False, f"“{agreement.name}” does not rest on “{gateway}”.")
    held = gateways_of(partnership)
    asked: dict[str, Any] = {
        "source_kind": body_kind(partnership, sender),
        "recipient_kind": body_kind(partnership, recipient),
        "information": information,
        "purpose": purpose,
        "derived_from": derived_from,
        "conditions": conditions,
    }
    said = [gateway_allows(held[key], **asked) for key in ([gateway] if gateway else agreement.gateways) if key in held]
    allowed = next((each for each in said if each.allow), None)
    if allowed is not None:
        return replace(allowed, agreement=agreement.key)
    return Decision(False, " ".join(each.reason for each in said) or "The agreement names no gateway that is known.")
