"""Which instruments there are, what somebody began, one assessment with what it comes to, its history, who is due one,
what is told of it where the answers are not, the extract.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.instruments.queries.about import assessment_history
from concord.desk.instruments.queries.assessments import (
    AS_KEPT,
    assessment,
    colleagues,
    history,
    last_change,
    may_advise,
    may_decide,
    mine,
    months_of,
    subject_of,
    visible_assessments,
)
from concord.desk.instruments.queries.earlier import comparison, earlier_answers, previous_of
from concord.desk.instruments.queries.extract import extract_assessments, miscounted, recount
from concord.desk.instruments.queries.kinds import (
    due_day,
    instrument,
    usable,
    usable_about,
    usable_one,
    wording_of,
    words,
)
from concord.desk.instruments.queries.results import came_with, enclosed, results_by, results_told, told
from concord.desk.instruments.queries.routes import advised_route, part_for, receiver
from concord.desk.instruments.queries.waiting import due, work

__all__ = [
    "AS_KEPT",
    "advised_route",
    "assessment",
    "assessment_history",
    "came_with",
    "colleagues",
    "comparison",
    "due",
    "due_day",
    "earlier_answers",
    "enclosed",
    "extract_assessments",
    "history",
    "instrument",
    "last_change",
    "may_advise",
    "may_decide",
    "mine",
    "miscounted",
    "months_of",
    "part_for",
    "previous_of",
    "receiver",
    "recount",
    "results_by",
    "results_told",
    "subject_of",
    "told",
    "usable",
    "usable_about",
    "usable_one",
    "visible_assessments",
    "wording_of",
    "words",
    "work",
]
