"""The receiving team's pages: the tray, one contact, and each step towards its decision."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from concord.desk.accounts import queries as accounts
from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import queries as instruments
from concord.desk.people.rules import TooManySearches
from concord.desk.referrals import operations, queries
from concord.desk.referrals.rules import ContactPage, PartyView
from concord.desk.sharing.session import as_viewer
from concord.strategy.shapes.forum import Forum
from concord.strategy.shapes.pathway import Pathway
from concord.web.people import joining
from concord.web.people.forms import FindForm
from concord.web.referrals import forms, presenters
from concord.web.shared import partnership, restricted, stopped
from concord.web.shared.acts import attempt, posted
from concord.web.shared.guards import may
from concord.web.shared.middleware import Request, viewer_of
from concord.web.shared.navigation import trays_of
from concord.web.shared.pages import number


@require_GET
@may("contact.list")
def contacts(request: Request) -> HttpResponse:
    """The tray of the viewer's team: what is due first on top."""
    viewer = viewer_of(request)
    trays = trays_of(viewer)
    if not trays:
        raise Http404
    # One queue for a team that receives on several pathways; each of them alone at a click.
    chosen = next((each for each in trays if each.key == request.GET.get("pathway")), None)
    one = chosen or (trays[0] if len(trays) == 1 else None)
    keys = [one.key] if one else [each.key for each in trays]
    show, page = request.GET.get("show", ""), number(request)
    groups = [each for each in one.state if each.listed] if one else []
    group = next((each for each in groups if each.key == show), None)
    takes = accounts.may(viewer, "contact.take")
    if group is None and not (show == "decided" or (show == "mine" and takes)):
        show = "open"
    lines = queries.queue(
        viewer,
        keys,
        at=timezone.now(),
        decided=show == "decided",
        state=group.key if group else "",
        mine=show == "mine",
        page=page,
    )
    if "mash" in viewer.teams:
        heading = "MASH queue"
    else:
        heading = one.name if one else "Open referrals"
    balances = accounts.may(viewer, "contact.allocate")
    context = {
        "heading": heading,
        "trays": trays if len(trays) > 1 else (),
        "stopped": stopped.notices(viewer, timezone.now(), pathways=keys),
        "tray": one,
        "key": one.key if one else "",
        "lines": [presenters.line(line) for line in lines],
        "show": show,
        "groups": groups,
        "group": group,
        "takes": takes,
        "decides": accounts.may(viewer, "contact.decide"),
        "balance": queries.balance(viewer, keys, at=timezone.now()) if balances and show != "decided" else None,
        "page_filter": f"&pathway={one.key if one else ''}&show={show}",
        "previous_page": page - 1,
        "next_page": page + 1 if len(lines) == queries.PAGE else 0,
    }
    return render(request, "referrals/queue.html", context)


@require_GET
@may("contact.read")
def contact(request: Request, contact_id: UUID) -> HttpResponse:
    viewer, found = viewer_of(request), opened(request, contact_id)
    on = queries.pathway(found.pathway)
    mine = on.received_by in viewer.holders

    def can(verb: str, needs: str) -> bool:
        return mine and not found.decided and needs in found.allowed and accounts.may(viewer, verb)

    stepping = bool(found.moves) and not found.decided and accounts.may(viewer, "contact.move")
    ruled = queries.rules_before(viewer, contact_id, at=timezone.now()) if stepping and on.rule else {}
    moves = [
        {
            "verb": each.verb,
            "name": presenters.step_name(each),
            "rules": [presenters.rule(one) for one in ruled.get(each.verb, ())],
        }
        for each in on.transition
        if stepping and each.verb in found.moves and found.state in each.sources
    ]
    people = {each.role for each in on.party if each.kind == "person"}
    things = {each.role for each in on.party if each.kind != "person"}
    blocked = {each["verb"] for each in moves if any(one.stops and one.met != "met" for one in each["rules"])}
    # The first step that can be taken is the one to offer.
    following = next((each["verb"] for each in moves if each["verb"] not in blocked), "")
    for each in moves:
        each["first"] = each["verb"] == following
    context = presenters.contact(found, on) | {
        "parties": [
            presenters.party(each, instruments.usable_about(viewer, each.age, each.role) if each.role in people else ())
            for each in found.parties
        ],
        "moves": moves,
        "rated": bool(on.rag),
        "blocked": blocked,
        "milestones": [presenters.milestone(each) for each in found.milestones],
        "things": things,
        "has_age": bool(found.parties) and found.parties[0].role not in {*things, "reporter"},
        "all_things": all(each.role in things for each in found.parties),
        "nobody_to_contact": found.open_form and not found.decided and not found.safe_contact,
        # Whoever belongs to a group or was seen at a place: by a contact about them, not about the place itself.
        "linked": found.subjects if on.subject in ("child", "adult") else (),
        "can_link": on.subject in ("child", "adult")
        and mine
        and accounts.may(viewer, "contact.identify")
        and accounts.may(viewer, "subject.read"),
        "can_triage": can("contact.triage", "triage"),
        "can_decide": can("contact.decide", "decide"),
        "can_check": mine and not found.decided and bool(on.check_agencies) and accounts.may(viewer, "contact.check"),
        "can_declare": mine and accounts.may(viewer, "connection.declare"),
        "can_restrict": mine and accounts.may(viewer, "contact.restrict", queries.receiving_forum(on) or ""),
        "can_identify": mine and not found.decided and accounts.may(viewer, "contact.identify"),
        "can_take": mine and not found.decided and accounts.may(viewer, "contact.take"),
        "can_allocate": mine and not found.decided and accounts.may(viewer, "contact.allocate"),
        "holds_it": found.held_by_id == viewer.user_id,
        "to_list": _to_list(viewer, on, found),
    }
    named = {each.person_id: each.person_name for each in found.parties if each.person_id is not None}
    with as_viewer(viewer, at=(now := timezone.now())):
        context["results"] = instruments.enclosed(viewer, contact_id, at=now)
        context |= restricted.notice(viewer, named, at=now)
    return render(request, "referrals/contact.html", context)


def _to_list(viewer: Viewer, on: Pathway, found: ContactPage) -> Forum | None:
    """The forum whose coordinator this is, where the decision sent the case there: listing it is the next step."""
    led_to = next((each.forum for each in on.route if found.decided and each.key == found.route), None)
    return partnership.current().forums[led_to] if led_to and accounts.may(viewer, "item.list", led_to) else None


@require_http_methods(["GET", "POST"])
@may("contact.triage")
def rate(request: Request, contact_id: UUID) -> HttpResponse:
    found = opened(request, contact_id)
    on = queries.pathway(found.pathway)
    form = forms.rate(on, posted(request), {"rag": found.rag})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.triage(
                viewer=viewer_of(request),
                contact_id=contact_id,
                rag=given["rag"],
                reason=given["reason"],
                version=given["version"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, f"Rated {given['rag']}. Its clock counts from when the referral came in.")
            return redirect("contact", contact_id)
    return form_page(request, found, form, heading="Rate this contact", button="Save the rating")


@require_http_methods(["GET", "POST"])
@may("contact.check")
def ask(request: Request, contact_id: UUID) -> HttpResponse:
    found = opened(request, contact_id)
    form = forms.ask(queries.pathway(found.pathway), posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.ask(
                viewer=viewer_of(request),
                contact_id=contact_id,
                agency=given["agency"],
                basis=given["basis"],
                question=given["question"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(
                request, f"Recorded: {partnership.agency(given['agency'])} was asked. Record the answer when it comes."
            )
            return redirect("contact", contact_id)
    return form_page(
        request,
        found,
        form,
        heading="Ask an agency",
        button="Record that you asked",
        lede="Each agency is asked one thing at a time, and only what this decision needs.",
    )


@require_http_methods(["GET", "POST"])
@may("contact.check")
def answer(request: Request, contact_id: UUID, check_id: UUID) -> HttpResponse:
    found = opened(request, contact_id)
    asked = next((each for each in found.checks if each.check_id == check_id), None)
    if asked is None:
        raise Http404
    form = forms.answer(posted(request))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        done, _ = attempt(
            form,
            lambda: operations.answer(
                viewer=viewer_of(request),
                contact_id=contact_id,
                check_id=check_id,
                outcome=given["outcome"],
                answer=given["answer"],
                at=timezone.now(),
            ),
        )
        if done:
            messages.success(request, "The answer is recorded.")
            return redirect("contact", contact_id)
    return form_page(
        request,
        found,
        form,
        heading=f"What did {partnership.agency(asked.agency)} say?",
        button="Save the answer",
        lede=f"They were asked: {asked.question}",
    )


@require_http_methods(["GET", "POST"])
@may("contact.identify")
def identify(request: Request, contact_id: UUID, party_id: UUID) -> HttpResponse:
    """Possible matches with a reason for each field. A person decides."""
    viewer, found = viewer_of(request), opened(request, contact_id)
    party = next((each for each in found.parties if each.party_id == party_id), None)
    if party is None:
        raise Http404
    looks = request.method == "POST" and "look" in request.POST
    if request.method == "POST" and not looks:
        chosen = request.POST.get("person", "")
        if not chosen:
            messages.info(request, "Choose who it is, or that it is somebody new.")
            return redirect("contact-identify", contact_id, party_id)
        person_id = None if chosen == "new" else _uuid(chosen)
        operations.identify(
            viewer=viewer,
            contact_id=contact_id,
            party_id=party_id,
            person_id=person_id,
            version=found.version,
            at=timezone.now(),
        )
        messages.success(request, f"Saved who the {party.role_name.lower()} is.")
        return redirect("contact", contact_id)
    if party.role in {each.role for each in queries.pathway(found.pathway).party if each.kind != "person"}:
        return redirect("contact-name", contact_id, party_id)
    matches = accounts.may(viewer, "person.match")
    form, candidates = _who_it_may_be(request, contact_id, party, looks) if matches else (None, [])
    context = {
        "contact": found,
        "party": presenters.party(party),
        "form": form,
        "candidates": candidates,
        "warnings": presenters.warnings(found),
    }
    return render(request, "referrals/identify.html", context)


def _who_it_may_be(request: Request, contact_id: UUID, party: PartyView, looks: bool) -> tuple[Any, list[Any]]:
    """The form to look again with other details, and who it may be: by those details, or by the referral's own."""
    said = party.details
    own = {"given_name": said.given_name, "family_name": said.family_name, "born_on": said.born_on}
    if looks:
        form, found = joining.searched(request)
        return form, found or []
    form = FindForm(initial={**own, "postcode": said.postcode})
    try:
        matched = queries.possible_matches(viewer_of(request), contact_id, party.party_id, at=timezone.now())
    except TooManySearches as problem:
        messages.info(request, f"{problem.what} {problem.next_step}")
        return form, []
    return form, [presenters.candidate(each) for each in matched]


@require_http_methods(["GET", "POST"])
@may("contact.decide")
def decide(request: Request, contact_id: UUID) -> HttpResponse:
    """Threshold, route, reason and what the referrer will be told, on one page."""
    viewer, found = viewer_of(request), opened(request, contact_id)
    on = queries.pathway(found.pathway)
    form = forms.decide(on, posted(request), {})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        level = int(given["level"]) if given.get("level") else None
        done, _ = attempt(
            form,
            lambda: operations.decide(
                viewer=viewer,
                contact_id=contact_id,
                level=level,
                route=given["route"],
                rationale=given["rationale"],
                feedback=given["feedback"],
                version=given["version"],
                at=timezone.now(),
            ),
        )
        if done:
            route = next(each.name for each in on.route if each.key == given["route"])
            messages.success(request, f"Decided: {route}. The referrer can now read what you told them.")
            return redirect("contact", contact_id)
    ruled = queries.rules_before(viewer, contact_id, at=timezone.now())
    more: dict[str, Any] = {
        "after": "Your name and the time go with this decision. It cannot be taken back, only "
        "followed by another referral.",
        "rules": [presenters.rule(each) for each in ruled.get("decide", ()) if each.met == "not_met"],
        "deciding": presenters.before_deciding(found, on),
    }
    if any(route.forum and partnership.current().forums[route.forum].repeat for route in on.route):
        finding = queries.repeat(viewer, contact_id, at=timezone.now())
        known = all(each.person_id for each in found.parties)
        word, shape = ("Repeat", "red") if finding.is_repeat else ("Not a repeat" if known else "Not known yet", "grey")
        more |= {"repeat_note": finding.why, "repeat_word": word, "repeat_shape": shape}
    return form_page(request, found, form, heading="Decide", button="Decide", **more)


def form_page(
    request: Request, found: ContactPage, form: Any, *, heading: str, button: str, **more: Any
) -> HttpResponse:
    context = {
        "contact": found,
        "who": presenters.who(found),
        "form": form,
        "heading": heading,
        "button": button,
    } | more
    return render(request, "referrals/contact_form.html", context)


def opened(request: Request, contact_id: UUID) -> ContactPage:
    return queries.contact(viewer_of(request), contact_id, at=timezone.now())


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
