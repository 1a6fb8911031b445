"""Every check of a draft: a pure function from a document to remarks, one module per kind of mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from concord.strategy.proofread.checks import (
    acronyms,
    areas,
    bases,
    changes,
    contradictions,
    links,
    listed,
    names,
    placeholders,
    points,
    repeated,
    scope,
    small_counts,
    unfinished,
    unquantified,
    wording,
)
from concord.strategy.proofread.document import Document
from concord.strategy.proofread.remark import Remark

Check = Callable[[Document], Iterator[Remark]]

CHECKS: tuple[Check, ...] = (
    changes.check,
    small_counts.check,
    contradictions.check,
    scope.check,
    points.check,
    listed.check,
    placeholders.check,
    links.check,
    unfinished.check,
    areas.check,
    bases.check,
    unquantified.check,
    wording.check,
    names.check,
    repeated.check,
    acronyms.check,
)
