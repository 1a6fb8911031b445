"""Which instruments there are, what somebody began, one assessment with what it comes to, its history, the extract.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.instruments.queries.about import assessment_history
from concord.desk.instruments.queries.assessments import (
    AS_KEPT,
    assessment,
    colleagues,
    comparison,
    earlier_answers,
    history,
    may_decide,
    mine,
    months_of,
    previous_of,
    subject_of,
    visible_assessments,
)
from concord.desk.instruments.queries.extract import extract_assessments, miscounted
from concord.desk.instruments.queries.kinds import due_day, instrument, usable, usable_one, wording_of, words

__all__ = [
    "AS_KEPT",
    "assessment",
    "assessment_history",
    "colleagues",
    "comparison",
    "due_day",
    "earlier_answers",
    "extract_assessments",
    "history",
    "instrument",
    "may_decide",
    "mine",
    "miscounted",
    "months_of",
    "previous_of",
    "subject_of",
    "usable",
    "usable_one",
    "visible_assessments",
    "wording_of",
    "words",
]
