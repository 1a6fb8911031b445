"""What "serious violence" means to a partnership: in, out or undetermined, and why."""

from concord.definition.compare import Difference, differences
from concord.definition.describe import Description, describe
from concord.definition.events import Event, Party
from concord.definition.examples import ExampleResult, disagreements, results
from concord.definition.predicates import PREDICATES
from concord.definition.rules import Definition, Verdict, evaluate

__all__ = [
    "PREDICATES",
    "Definition",
    "Description",
    "Difference",
    "Event",
    "ExampleResult",
    "Party",
    "Verdict",
    "describe",
    "differences",
    "disagreements",
    "evaluate",
    "results",
]
