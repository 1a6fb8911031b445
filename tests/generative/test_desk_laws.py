"""Laws of the desk's rules, hunted by Hypothesis."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from concord.desk.accounts.rules import Viewer
from concord.desk.people.rules import Details, age_on, compare, is_candidate, marked
from concord.desk.referrals.rules import AGE_BANDS, Past, add_months, age_band, due, is_repeat
from concord.desk.sharing.rules import LEVELS, Resource, Share, covers, decide
from concord.kernel.working_time import WorkingTime
from concord.strategy.shapes.agreement import Agreement
from concord.strategy.shapes.forum import RepeatRule
from concord.strategy.shapes.pathway import Clock
from concord.strategy.shapes.role import Role

START = datetime(2026, 1, 1, tzinfo=UTC)
ids = st.integers(1, 4).map(lambda number: UUID(int=number))
moments = st.integers(0, 24 * 400).map(lambda hours: START + timedelta(hours=hours))
holders = st.sampled_from(["team:t", "team:x", "forum:mace", "forum:mace:chair", f"user:{UUID(int=9)}"])
shares = st.builds(
    Share,
    subject_kind=st.sampled_from(["item", "person"]),
    subject_id=ids,
    holder=holders,
    level=st.sampled_from(LEVELS),
    purpose=st.sampled_from(["care", "debt"]),
    gateway=st.just("g"),
    agreement=st.sampled_from(["isa", "gone"]),
    starts_at=moments,
    ends_at=st.none() | moments,
)
roles = {"worker": Role(key="worker", name="W", does="d", sees="s", never_sees="n", may=("item.read",))}
viewer = Viewer(
    user_id=UUID(int=9),
    username="me",
    display_name="Me",
    agency="a",
    roles=frozenset({"worker"}),
    forums=frozenset({"mace:chair"}),
    partnership="p",
    purposes=frozenset({"care"}),
    teams=frozenset({"t"}),
)
agreements = {
    "isa": Agreement(
        key="isa",
        name="I",
        parties=(),
        purposes=("care",),
        gateways=("g",),
        information=("personal",),
        starts_on=date(2026, 1, 1),
        expires_on=date(2026, 9, 30),
        lawful_basis="l",
        retention="r",
    )
}


def asked(shared, at, who=viewer, **more):
    resource = Resource("item", UUID(int=1))
    return decide(who, "item.read", resource, roles=roles, agreements=agreements, shares=shared, at=at, **more)


@given(st.lists(shares, max_size=6), shares, moments)
def test_one_more_share_never_takes_access_away(shared, another, at):
    if asked(shared, at).allow:
        assert asked([*shared, another], at).allow


@given(st.lists(shares, max_size=6), moments)
def test_the_order_of_shares_does_not_matter(shared, at):
    assert asked(shared, at).allow == asked(shared[::-1], at).allow


@given(st.lists(shares, max_size=6), moments)
def test_access_needs_one_share_that_allows_by_itself(shared, at):
    assert asked(shared, at).allow == any(asked([each], at).allow for each in shared)


@given(st.lists(shares, max_size=6), moments)
def test_whoever_is_kept_out_is_kept_out_whatever_is_shared(shared, at):
    assert not asked(shared, at, excluded=True).allow


@given(st.lists(shares, max_size=6), moments)
def test_no_role_no_access_and_a_narrower_purpose_never_widens(shared, at):
    assert not asked(shared, at, who=replace(viewer, roles=frozenset())).allow
    if asked(shared, at, who=replace(viewer, purpose="care")).allow:
        assert asked(shared, at).allow
    assert not asked(shared, at, who=replace(viewer, purpose="curiosity")).allow


@given(st.lists(shares, max_size=6), moments)
def test_after_the_agreement_ends_nothing_is_there(shared, at):
    if at.date() > agreements["isa"].expires_on + timedelta(days=1):
        assert not asked(shared, at).allow


@given(st.sampled_from(LEVELS), st.sampled_from(LEVELS), st.sampled_from(LEVELS))
def test_levels_are_an_order(low, middle, high):
    assert covers(low, low)
    if covers(high, middle) and covers(middle, low):
        assert covers(high, low)


days = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@given(days, st.integers(0, 60))
def test_add_months_lands_in_the_right_month_and_never_overshoots(day, months):
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


RULE = RepeatRule(months=12, perpetrators="any", incidents=("violence",))
STRICT = RepeatRule(months=12, perpetrators="all", incidents=("violence",))
earlier = st.lists(
    st.builds(Past, victim=ids, perpetrators=st.frozensets(ids, min_size=1), referred_on=days), max_size=5
)


@given(earlier, ids, st.frozensets(ids), days, days)
def test_a_strict_repeat_has_the_same_last_referral_or_an_older_one(past, victim, named, incident, referred):
    strict, loose = (
        is_repeat(
            rule,
            victim=victim,
            perpetrators=named,
            incident_on=incident,
            incident_kind="violence",
            referred_on=referred,
            past=past,
        )
        for rule in (STRICT, RULE)
    )
    if strict.last_referred_on is not None:
        assert loose.last_referred_on is not None and loose.last_referred_on >= strict.last_referred_on
    if loose.is_repeat:
        assert loose.last_referred_on <= incident <= add_months(loose.last_referred_on, 12)
        assert any(each.victim == victim and each.perpetrators & named for each in past)


@given(earlier, ids, st.frozensets(ids), days)
def test_a_repeat_does_not_depend_on_the_order_of_the_past(past, victim, named, incident):
    def found(history):
        return is_repeat(
            RULE,
            victim=victim,
            perpetrators=named,
            incident_on=incident,
            incident_kind="violence",
            referred_on=incident,
            past=history,
        )

    assert found(past) == found(past[::-1])


HOURS = WorkingTime(closed_on=frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4)}))
clocks = st.one_of(
    st.integers(1, 5).map(lambda n: Clock(key="c", name="c", working_days=n)),
    st.integers(1, 30).map(lambda n: Clock(key="c", name="c", working_hours=n)),
    st.integers(1, 72).map(lambda n: Clock(key="c", name="c", hours=n)),
)


@given(clocks, moments, moments)
def test_what_comes_later_is_never_due_earlier(clock, one, other):
    first, second = sorted((one, other))
    assert due(clock, first, HOURS) <= due(clock, second, HOURS)
    assert due(clock, first, HOURS) > first


names = st.text(st.characters(whitelist_categories=("Lu", "Ll"), max_codepoint=0x24F), min_size=1, max_size=12)
details = st.builds(
    Details,
    given_name=names,
    family_name=names,
    born_on=st.none() | st.dates(date(1940, 1, 1), date(2025, 1, 1)),
    postcode=st.sampled_from(["", "ZZ1 1AA", "zz11aa", "ZZ1 1AB", "YY9 9YY"]),
)


@given(details)
def test_everybody_is_their_own_candidate_marked_or_not(person):
    same = compare(person, replace(person, family_name=marked(person.family_name, synthetic=True)))
    assert {reason.agreement for reason in same} <= {"same", "unknown"}
    assert is_candidate(same)


@given(details, details)
def test_what_agrees_one_way_agrees_the_other(one, other):
    for there, back in zip(compare(one, other), compare(other, one), strict=True):
        assert (there.agreement in ("same", "unknown")) == (back.agreement in ("same", "unknown"))
        if there.agreement in ("same", "unknown"):
            assert there.agreement == back.agreement


@given(details, details)
def test_two_fields_must_be_close_and_one_a_name(one, other):
    reasons = compare(one, other)
    close = [reason.field for reason in reasons if reason.agreement in ("same", "near")]
    assert is_candidate(reasons) == (len(close) >= 2 and ("family name" in close or "given name" in close))


@given(st.dates(date(1900, 1, 1), date(2026, 1, 1)), st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_age_is_whole_years_lived(born, day):
    if day < born:
        return
    age = age_on(born, day)
    assert age is not None and age >= 0
    assert (day - born).days >= age * 365
    assert (day - born).days < (age + 1) * 366


@given(st.integers(0, 110))
def test_every_age_has_one_band(age):
    fits = [name for low, high, name in AGE_BANDS if low <= age <= high]
    assert age_band(age) == (fits[0] if fits else "65+") and len(fits) <= 1


def test_an_unknown_age_has_no_band():
    assert age_band(None) == ""
