"""Every write about people. This is the room's door: nobody imports the modules it gathers."""

from concord.desk.people.operations.joining import (
    merge,
    unmerge,
)
from concord.desk.people.operations.pairs import (
    hand_over,
    judge,
    note_opening,
    take_back,
)
from concord.desk.people.operations.persons import (
    add_person,
    open_in_emergency,
    set_safe_contact,
)
from concord.desk.people.operations.register import (
    add_alias,
    add_identifier,
    correct,
    put_right,
    set_ethnicity,
    set_needs,
)
from concord.desk.people.operations.relating import (
    end_relationship,
    relate,
)

__all__ = [
    "add_alias",
    "add_identifier",
    "add_person",
    "correct",
    "end_relationship",
    "hand_over",
    "judge",
    "merge",
    "note_opening",
    "open_in_emergency",
    "put_right",
    "relate",
    "set_ethnicity",
    "set_needs",
    "set_safe_contact",
    "take_back",
    "unmerge",
]
