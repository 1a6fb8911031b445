"""Reads about people. Each starts from a viewer and is recorded. Nobody imports the modules gathered here."""

from concord.desk.people.queries.history import (
    FIELD_WORDS,
    latest,
    moment_of,
    older,
    older_days,
    record_history,
)
from concord.desk.people.queries.pairs import (
    opinions_to_take,
    pair_to_judge,
    pairs_out,
    pairs_waiting,
)
from concord.desk.people.queries.persons import (
    candidates,
    changes,
    every_record,
    joins,
    may_change,
    may_use,
    names,
    pair,
    pair_to_relate,
    person,
    records_of,
    same_names,
)

__all__ = [
    "FIELD_WORDS",
    "candidates",
    "changes",
    "every_record",
    "joins",
    "latest",
    "may_change",
    "may_use",
    "moment_of",
    "names",
    "older",
    "older_days",
    "opinions_to_take",
    "pair",
    "pair_to_judge",
    "pair_to_relate",
    "pairs_out",
    "pairs_waiting",
    "person",
    "record_history",
    "records_of",
    "same_names",
]
