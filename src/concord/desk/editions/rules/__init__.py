"""Editions of publications: their lifecycle, what they still need, and what readers of the room are given. Pure.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.editions.rules.lifecycles import (
    COMMENT,
    DISCUSSED_IN,
    EDITION,
    FIXED,
    GIVEN_OUT,
    LIFECYCLES,
    WRITTEN_IN,
)
from concord.desk.editions.rules.readiness import (
    SECTION,
    Changed,
    Lack,
    NotReady,
    OwnRequest,
    Passage,
    Readiness,
    SectionNow,
    Standing,
    changed_figures,
    require_other_person,
    require_ready,
    require_reason,
    what_is_missing,
)
from concord.desk.editions.rules.views import (
    Block,
    ChangeLine,
    Cited,
    Comment,
    EditionLine,
    EditionPage,
    Screened,
    Seen,
    cited_in,
)

__all__ = [
    "COMMENT",
    "DISCUSSED_IN",
    "EDITION",
    "FIXED",
    "GIVEN_OUT",
    "LIFECYCLES",
    "SECTION",
    "WRITTEN_IN",
    "Block",
    "ChangeLine",
    "Changed",
    "Cited",
    "Comment",
    "EditionLine",
    "EditionPage",
    "Lack",
    "NotReady",
    "OwnRequest",
    "Passage",
    "Readiness",
    "Screened",
    "SectionNow",
    "Seen",
    "Standing",
    "changed_figures",
    "cited_in",
    "require_other_person",
    "require_ready",
    "require_reason",
    "what_is_missing",
]
