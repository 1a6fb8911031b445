"""What answers come to, what may be answered, and what the room gives out. Pure.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.instruments.rules.answers import (
    NotAnswered,
    NotUsable,
    Said,
    Wording,
    blaming,
    checked,
    in_words,
    placed,
    values,
)
from concord.desk.instruments.rules.scoring import (
    Given,
    Outcome,
    Place,
    address,
    asked_on_decision,
    band_of,
    months_between,
    outcome,
    recompute,
    rows_of,
)
from concord.desk.instruments.rules.views import (
    ASSESSMENT,
    LIFECYCLES,
    AssessmentLine,
    AssessmentPage,
    Changed,
    Compared,
    Decided,
    Earlier,
    Subject,
)

__all__ = [
    "ASSESSMENT",
    "LIFECYCLES",
    "AssessmentLine",
    "AssessmentPage",
    "Changed",
    "Compared",
    "Decided",
    "Earlier",
    "Given",
    "NotAnswered",
    "NotUsable",
    "Outcome",
    "Place",
    "Said",
    "Subject",
    "Wording",
    "address",
    "asked_on_decision",
    "band_of",
    "blaming",
    "checked",
    "in_words",
    "months_between",
    "outcome",
    "placed",
    "recompute",
    "rows_of",
    "values",
]
