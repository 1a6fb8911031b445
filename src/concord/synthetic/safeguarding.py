"""What safeguarding agencies write: missing episodes, interviews, exploitation, social care, modern slavery."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from concord.synthetic import calendar, writing
from concord.synthetic.cast import Draft
from concord.synthetic.children import Notifications, missing_overlaps_school
from concord.synthetic.crimes import Crimes
from concord.synthetic.population import MALE, Population
from concord.synthetic.records import NO_DATE, Records, Table, identities, write_down
from concord.synthetic.sampling import apportion, count, dealt, exactly, flags, objects, references, residents
from concord.synthetic.span import Span
from concord.synthetic.tables import Written

SEXUALLY_EXPLOITED_A_YEAR, SEXUALLY_EXPLOITED_FEMALE = 40, 0.8
VULNERABLE = 0.75
VULNERABILITIES = ("poor_mental_health", "learning_difficulty", "past_abuse", "speech_language", "special_needs")
CATEGORIES = ("online", "peer", "inappropriate_relationship", "group", "party", "older_partner", "trafficking",
              "not_known")  # fmt: skip
CATEGORY_SHARES = (0.34, 0.17, 0.14, 0.06, 0.05, 0.10, 0.04, 0.10)
INTERVIEWED, INTERVIEWED_IN_72_HOURS = 0.74, 0.68
ABUSED_CHILDREN_A_YEAR = 246  # 1,230 children identified as victims of domestic abuse in five years
EPISODES_A_YEAR = 850
CONCERNS_A_YEAR = 300
EXPLOITED_ADULTS = {"sexual_exploitation": 18 / 4, "modern_slavery": 13 / 4}  # a year, of concerns about 18 to 25
NRM_A_YEAR = 62
NEEDS = ("abuse_or_neglect", "family_dysfunction", "family_in_stress", "parental_illness", "behaviour", "disability",
         "absent_parenting", "other")  # fmt: skip


@dataclass
class Safeguarding:
    """Tables by feed, and what is true about them."""

    written: dict[str, Written] = field(default_factory=dict)
    truth: dict[str, Table] = field(default_factory=dict)


def safeguard(
    rng: np.random.Generator, people: Population, crimes: Crimes, notified: Notifications, notices: Written,
    drafts: list[Draft], *, span: Span, size: float, clean: frozenset[int],
) -> Safeguarding:  # fmt: skip
    """All feeds of this room. Quarterly ones only where a whole quarter has passed."""
    made = Safeguarding()
    _missing(rng, people, notified, notices, span, clean, made)
    if not span.quarters:
        return made
    _interviews(rng, made, span)
    told = {d.key: d.people for d in drafts}
    boy, girl = told["child_at_risk"]["child"], told["child_victim"]["child"]
    cases = _cases(rng, people, notified, boy, girl, span, size)
    adults, adult_day = _enslaved_adults(rng, people, span, size)
    # the exploitation team has one record of each person, in whichever of its files they stand
    everyone = np.unique(np.concatenate([cases.child, adults]))
    team = write_down(rng, people, everyone, prefix="EXP", clean=clean)
    _exploitation(rng, people, cases, team, span, made)
    _slavery(rng, people, cases, adults, adult_day, team, span, size, made)
    _social_care(rng, people, crimes, cases, span, size, clean, made)
    _adults(rng, people, span, size, clean, made)
    return made


def _missing(
    rng: np.random.Generator, people: Population, notified: Notifications, notices: Written, span: Span,
    clean: frozenset[int], made: Safeguarding,
) -> None:  # fmt: skip
    """The police open an episode for every notification that a child is missing: the two feeds tell one story."""
    at = np.flatnonzero(notified.reason == 0)
    child, left = notified.child[at], notified.missing_from[at]
    found = np.minimum(notified.found_at[at], span.end * 1440 - 1)
    found = np.where(found <= left, left + 1, found)
    left, found = (calendar.without_clock_change(each).astype(np.int64) for each in (left, found))
    found = np.maximum(found, left)
    known, number = np.unique(child, return_inverse=True)
    records = write_down(rng, people, known, prefix="MIS", clean=clean)
    exploited = np.isin(child, notified.exploited)
    still = (found // 1440 >= span.end - 2) & ~exploited & (rng.random(len(at)) < 0.3)
    risk = np.where(
        exploited, objects(("medium", "high"))[(rng.random(len(at)) < 0.45).astype(int)],
        objects(("low", "medium", "high", "no_apparent_risk"))[
            calendar.draw(rng, np.array([0.34, 0.46, 0.12, 0.08]), len(at))],
    )  # fmt: skip
    place = objects(("home", "care_here", "care_elsewhere", "other"))[
        calendar.draw(rng, np.array([0.62, 0.22, 0.12, 0.04]), len(at))
    ]
    ward = objects([f"SYN{n:02d}" for n in range(1, 21)])[rng.integers(0, 20, len(at))]
    ward[rng.random(len(at)) < 0.35] = None
    refs = references("MP", len(at))
    made.written["missing_episodes"] = Written(
        {
            "episode_ref": refs, **identities(records, number), "missing_from": writing.instants(left),
            "found_at": writing.instants(np.where(still, NO_DATE, found)), "risk": risk,
            "missing_from_place": place, "found_ward": ward,
        },
        span.month_of(left // 1440), records, number,
    )  # fmt: skip
    made.truth["missing_truth"] = {
        "episode_ref": refs, "notification_ref": notices.table["notification_ref"][at],
        "true_person": objects([f"T{n:07d}" for n in child.tolist()]), "exploited": flags(exploited),
        "overlaps_school_hours": flags(missing_overlaps_school(left, found)),
    }  # fmt: skip


def _interviews(rng: np.random.Generator, made: Safeguarding, span: Span) -> None:
    """An interview is offered for each episode that has ended, within a day or two."""
    table = made.written["missing_episodes"].table
    ended = np.flatnonzero(table["found_at"] != None)  # noqa: E711 - an array of objects compares by element
    found = np.array(table["found_at"][ended], dtype="datetime64[m]").astype(np.int64)
    offered = found // 1440 + rng.integers(0, 3, len(ended))
    kept = offered < span.until
    ended, found, offered = ended[kept], found[kept], offered[kept]
    held = exactly(rng, INTERVIEWED, len(ended))
    soon = exactly(rng, INTERVIEWED_IN_72_HOURS, int(held.sum()))
    wait = np.zeros(len(ended), dtype=np.int64)
    wait[held] = np.where(soon, rng.integers(60, 72 * 60, len(soon)), rng.integers(72 * 60 + 1, 240 * 60, len(soon)))
    when = np.maximum(found + wait, offered * 1440 + 9 * 60)
    late = held.copy()
    late[held] = ~soon
    when = np.where(late, np.maximum(when, found + 72 * 60 + 1), np.minimum(when, found + 72 * 60))
    when = calendar.without_clock_change(when).astype(np.int64)
    unheld = objects(("declined", "not_possible"))[(rng.random(len(ended)) < 0.35).astype(int)]
    concern = objects(("none", "criminal_exploitation", "sexual_exploitation", "home", "school", "other"))[
        calendar.draw(rng, np.array([0.34, 0.19, 0.06, 0.22, 0.11, 0.08]), len(ended))
    ]
    concern[~held] = None
    made.written["return_home_interviews"] = Written(
        {
            "episode_ref": table["episode_ref"][ended], "offered_on": writing.days(offered),
            "held_at": writing.instants(np.where(held, when, NO_DATE)), "result": np.where(held, "held", unheld),
            "concern": concern,
        },
        span.quarter_of(offered),
    )  # fmt: skip


@dataclass
class _Cases:
    child: np.ndarray
    day: np.ndarray
    kind: np.ndarray
    category: np.ndarray


def _cases(
    rng: np.random.Generator, people: Population, notified: Notifications, boy: int, girl: int, span: Span, size: float
) -> _Cases:
    """One case for each exploited child: criminally, mostly boys; sexually, mostly girls; the told children too."""
    total = max(2, count(SEXUALLY_EXPLOITED_A_YEAR, size, span.quarterly_years))
    middle = np.full(total, (span.start + span.until) // 2)
    sexual = np.setdiff1d(residents(rng, people, middle, 13, 18, 1 - SEXUALLY_EXPLOITED_FEMALE), notified.exploited)
    sexual = np.unique(np.append(sexual[sexual != boy], girl))
    criminal = np.unique(np.append(notified.exploited[notified.exploited != girl], boy))
    child = np.concatenate([criminal, sexual])
    kind = np.concatenate([
        dealt(rng, ("criminal", "both"), (0.94, 0.06), len(criminal)), np.full(len(sexual), "sexual", dtype=object)
    ])  # fmt: skip
    reports = np.flatnonzero(kind != "criminal")
    category = np.full(len(child), None, dtype=object)
    category[reports] = dealt(rng, CATEGORIES, CATEGORY_SHARES, len(reports))
    hers = int(np.flatnonzero(child == girl)[0])
    online = np.flatnonzero(category == "online")  # she was met online: somebody else has what she had
    if category[hers] != "online" and len(online):
        category[hers], category[online[0]] = category[online[0]], category[hers]
    low = np.maximum(span.start, people.birth[child] + 10 * 365)
    high = np.minimum(span.until, people.birth[child] + 6570)
    day = np.where(high > low, low + (rng.random(len(child)) * np.maximum(high - low, 1)).astype(np.int64), low)
    order = np.argsort(day, kind="stable")
    order = order[(high > low)[order]]
    return _Cases(child[order], day[order], kind[order], category[order])


def _exploitation(
    rng: np.random.Generator, people: Population, cases: _Cases, team: Records, span: Span, made: Safeguarding
) -> None:
    total = len(cases.child)
    number = np.searchsorted(team.person, cases.child)
    has = np.zeros((total, len(VULNERABILITIES)), dtype=bool)
    for kind, share in (("criminal", VULNERABLE), ("both", VULNERABLE), ("sexual", VULNERABLE)):
        where = np.flatnonzero(cases.kind == kind)
        some = where[exactly(rng, share, len(where))]
        has[some, rng.integers(0, len(VULNERABILITIES), len(some))] = True
        has[some] |= rng.random((len(some), len(VULNERABILITIES))) < 0.22
    levels = objects(("none", "emerging", "moderate", "significant"))
    level = 1 + calendar.draw(rng, np.array([0.36, 0.42, 0.22]), total)
    later = [np.maximum(level - (rng.random(total) < fall) * rng.integers(1, 3, total), 0) for fall in (0.42, 0.58)]
    shown = []
    for after, value in zip((91, 182), later, strict=True):
        column = levels[value].copy()
        column[cases.day + after >= span.until] = None
        shown.append(column)
    refs = references("EX", total)
    made.written["exploitation_cases"] = Written(
        {
            "case_ref": refs, **identities(team, number), "opened_on": writing.days(cases.day), "kind": cases.kind,
            "category": cases.category, "level": levels[level], "level_3_months": shown[0],
            "level_6_months": shown[1], **{name: flags(has[:, k]) for k, name in enumerate(VULNERABILITIES)},
        },
        span.quarter_of(cases.day), team, number,
    )  # fmt: skip
    made.truth["exploitation_truth"] = {
        "case_ref": refs, "true_person": objects([f"T{n:07d}" for n in cases.child.tolist()]),
        "male": flags(people.sex[cases.child] == MALE),
        "age": people.ages(cases.child, cases.day).astype(object),
    }  # fmt: skip


def _enslaved_adults(
    rng: np.random.Generator, people: Population, span: Span, size: float
) -> tuple[np.ndarray, np.ndarray]:
    total = count(NRM_A_YEAR * 0.4, size, span.quarterly_years)
    day = np.sort(rng.integers(span.start, max(span.until - 12, span.start + 1), total))
    return residents(rng, people, day, 18.1, 45, 0.7), day


def _slavery(
    rng: np.random.Generator, people: Population, cases: _Cases, adults: np.ndarray, adult_day: np.ndarray,
    team: Records, span: Span, size: float, made: Safeguarding,
) -> None:  # fmt: skip
    """Referrals of exploited children and of adults; decisions follow after days and after months."""
    wanted = min(count(NRM_A_YEAR * 0.6, size, span.quarterly_years), len(cases.child))
    chosen = np.sort(rng.permutation(len(cases.child))[:wanted])
    who = np.concatenate([cases.child[chosen], adults])
    identified = np.concatenate([cases.day[chosen], adult_day])
    grown = np.concatenate([np.zeros(len(chosen), bool), np.ones(len(adults), bool)])
    in_time = exactly(rng, 0.8, len(who))
    referred = identified + np.where(in_time, rng.integers(0, 6, len(who)), rng.integers(8, 40, len(who)))
    sexual = np.concatenate([cases.kind[chosen] == "sexual", rng.random(len(adults)) < 0.25])
    kind = np.where(sexual, "sexual", "criminal").astype(object)
    labour = grown & ~sexual
    kind[labour] = objects(("labour", "criminal", "servitude"))[
        calendar.draw(rng, np.array([0.55, 0.35, 0.10]), int(labour.sum()))
    ]
    order = np.argsort(referred, kind="stable")
    order = order[referred[order] < span.until]
    who, identified, referred, grown, kind = who[order], identified[order], referred[order], grown[order], kind[order]
    total = len(who)
    notify = grown & (rng.random(total) < 0.3)
    decided = referred + rng.integers(3, 40, total)
    known = (decided < span.until) & ~notify
    positive = rng.random(total) < 0.88
    concluded = known & positive & (decided + rng.integers(120, 700, total) < span.until)
    number = np.searchsorted(team.person, who)
    yes_no = objects(("negative", "positive"))
    first, second = yes_no[positive.astype(int)], yes_no[(rng.random(total) < 0.85).astype(int)]
    first[~known], second[~concluded] = None, None
    made.written["nrm_referrals"] = Written(
        {
            "referral_ref": references("NRM", total), **identities(team, number),
            "age_group": np.where(grown, "adult", "child").astype(object), "identified_on": writing.days(identified),
            "referred_on": writing.days(referred),
            "route": np.where(notify, "duty_to_notify", "referral").astype(object), "exploitation": kind,
            "first_responder": objects(("local_authority", "police"))[(rng.random(total) < 0.4).astype(int)],
            "reasonable_grounds": first, "reasonable_grounds_on": writing.days(np.where(known, decided, NO_DATE)),
            "conclusive_grounds": second,
        },
        span.quarter_of(referred), team, number,
    )  # fmt: skip


def _social_care(
    rng: np.random.Generator, people: Population, crimes: Crimes, cases: _Cases, span: Span, size: float,
    clean: frozenset[int], made: Safeguarding,
) -> None:  # fmt: skip
    """Episodes of children who live with domestic abuse, of most exploited children, and of others in need."""
    years = span.quarterly_years
    abused = max(1, count(ABUSED_CHILDREN_A_YEAR, size, years))
    known = np.flatnonzero(exactly(rng, 0.85, len(cases.child)))
    others = count(EPISODES_A_YEAR, size, years)
    homes = np.flatnonzero(crimes.domestic & (crimes.day < span.until - 10))
    at = rng.choice(homes, abused) if len(homes) else np.zeros(0, dtype=np.int64)
    day = np.concatenate([
        crimes.day[at] + rng.integers(1, 10, len(at)), cases.day[known], rng.integers(span.start, span.until, others)
    ])  # fmt: skip
    child = np.concatenate([
        residents(rng, people, day[: len(at)], 0.5, 17, 0.5), cases.child[known],
        residents(rng, people, day[len(at) + len(known) :], 0.3, 17.5, 0.54),
    ])  # fmt: skip
    group = np.repeat([0, 1, 2], [len(at), len(known), others])
    exploited = np.full(len(child), "none", dtype=object)
    exploited[group == 1] = cases.kind[known]
    order = np.argsort(day, kind="stable")
    day, child, group, exploited = day[order], child[order], group[order], exploited[order]
    total = len(child)
    kind = objects(("child_in_need", "child_protection_plan", "child_looked_after"))[
        calendar.draw(rng, np.array([0.72, 0.19, 0.09]), total)
    ]
    kind[(people.ages(child, day) >= 17) & (rng.random(total) < 0.3)] = "care_leaver"
    ended = day + np.floor(rng.exponential(210, total)).astype(np.int64) + 20
    ended = np.where(ended < span.until, ended, NO_DATE)
    need = dealt(rng, NEEDS, (0.5, 0.14, 0.1, 0.06, 0.06, 0.07, 0.04, 0.03), total)
    unique, number = np.unique(child, return_inverse=True)
    records = write_down(rng, people, unique, prefix="CSC", clean=clean)
    made.written["childrens_social_care"] = Written(
        {
            "episode_ref": references("SC", total), **identities(records, number), "kind": kind,
            "started_on": writing.days(day), "ended_on": writing.days(ended), "main_need": need,
            "exploitation": exploited, "domestic_abuse_victim": flags(group == 0),
        },
        span.quarter_of(day), records, number,
    )  # fmt: skip


def _adults(
    rng: np.random.Generator, people: Population, span: Span, size: float, clean: frozenset[int], made: Safeguarding
) -> None:
    total = max(1, count(CONCERNS_A_YEAR, size, span.quarterly_years))
    day = np.sort(rng.integers(span.start, span.until, total))
    who = residents(rng, people, day, 18.1, 25.9, 0.42)
    kinds = ("domestic_abuse", "physical", "psychological", "sexual", "financial", "self_neglect", "neglect",
             "discriminatory")  # fmt: skip
    rare = [count(each, size, span.quarterly_years) for each in EXPLOITED_ADULTS.values()]
    others = apportion((0.27, 0.16, 0.17, 0.11, 0.09, 0.1, 0.07, 0.03), max(total - sum(rare), 0))
    kind = rng.permutation(np.repeat(objects((*EXPLOITED_ADULTS, *kinds)), [*rare, *others]))[:total]
    age = people.ages(who, day)
    fits = (age >= 18) & (age <= 25)  # in a very small borough the nearest resident may be of another age
    day, who, kind, age = day[fits], who[fits], kind[fits], age[fits]
    known, number = np.unique(who, return_inverse=True)
    records = write_down(rng, people, known, prefix="ASC", clean=clean)
    made.written["adult_safeguarding_concerns"] = Written(
        {
            "concern_ref": references("AC", len(who)), **identities(records, number), "age": age.astype(object),
            "raised_on": writing.days(day), "kind": kind,
            "result": dealt(
                rng, ("enquiry", "other_safeguarding_action", "no_further_action"), (0.34, 0.24, 0.42), len(who)
            ),
        },
        span.quarter_of(day), records, number,
    )  # fmt: skip
