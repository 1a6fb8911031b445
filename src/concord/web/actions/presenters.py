from __future__ import annotations

from types import SimpleNamespace

from concord.desk.panels.rules import ActionLine
from concord.web.shared.present import extended

SHAPES = {"open": "grey", "done": "done", "circumstances_changed": "grey", "not_undertaken": "red"}


def line(found: ActionLine) -> SimpleNamespace:
    """An action with its status as word and shape: an overdue one says so."""
    words, shape = ("Overdue", "red") if found.overdue else (found.status_name, SHAPES.get(found.status, "grey"))
    return extended(found, status_words=words, shape=shape, agency_name=found.agency)
