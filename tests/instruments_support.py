"""Assessments filled in and decided, for tests of the instruments and of the panels that read them."""

from datetime import date

from concord.desk.instruments import operations, queries

SIGNS = [
    "missing", "associates", "substances", "gifts", "education", "online", "home", "health", "sexual_health", "travel",
    "offending", "victimisation",
]  # fmt: skip
SCREENED = {
    "seen": "Two phones.",
    **dict.fromkeys(SIGNS, "not_known"),
    "gifts": "present",
    "others": "no",
    "protective": ["school"],
    "child_knows": "knows",
}

MATRIX = {
    **dict.fromkeys(["frequency", "severity", "targeted", "cuckooing", "mental_health"], "high"),
    "drugs": "low",
    **dict.fromkeys(["isolation", "disability"], "none"),
    "role": "harmed",
    "worse": "no",
}
"""32 points: above 31."""
GRAVITY = {
    "offence": "example_a", "tests_met": "yes", "aggravating": ["none"], "mitigating": ["none"],
    "factors_why": "Lookout.", "admits": "no", "history": "first",
}  # fmt: skip
"""2 points: borderline."""


def filled(viewer, instrument, answers, at, **about):
    """An assessment begun and answered. Returns its identifier."""
    who = {"given_name": "Rafi", "family_name": "Testwell SYN", "born_on": date(2011, 3, 14)} | about
    if "party_id" in about or "person_id" in about:
        who = about
    one = operations.begin(viewer=viewer, instrument=instrument, at=at, **who)
    revision = queries.assessment(viewer, one, at=at).revision
    operations.save(viewer=viewer, assessment_id=one, answers=answers, revision=revision, at=at)
    return one


def decided(viewer, one, level, at, **more):
    page = queries.assessment(viewer, one, at=at)
    given = {"reason": "What was seen, weighed.", "revision": page.revision} | more
    operations.decide(viewer=viewer, assessment_id=one, level=level, at=at, **given)


def matrix_told(cast, at, *, by="housing", **changes):
    """A matrix decided and told to the Community MARAC. Returns (assessment, result)."""
    viewer = cast[by]
    one = filled(viewer, "community_marac_matrix", MATRIX | changes, at, given_name="Dana", born_on=date(1990, 7, 2))
    high = queries.assessment(viewer, one, at=at).outcome.bands["matrix"] == "high"
    decided(viewer, one, "panel", at, override="" if high else "They cannot say no.")
    route = queries.assessment(viewer, one, at=at).outcome.routes[0]
    operations.tell_panel(viewer=viewer, assessment_id=one, route=route, reason="Needs several agencies.", at=at)
    told = queries.results_told(cast["safety-coordinator"], "community_marac_matrix", at=at)
    return one, next(each for each in told if each.reference == queries.assessment(viewer, one, at=at).reference)
