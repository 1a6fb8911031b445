"""What screens ask of the work behind an edition. Screens and jobs stand side by side: settings introduce them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from concord.desk.accounts.rules import Viewer
from concord.desk.editions import queries
from concord.desk.editions.rules import EditionPage, Readiness, SectionNow, Standing, what_is_missing
from concord.kernel.working_time import LONDON
from concord.strategy.shapes.publication import Publication, Section
from concord.web.shared import partnership


def jobs() -> Any:
    """The module that makes, settles and gives out editions."""
    return import_module(settings.CONCORD_EDITIONS)


def home() -> Path:
    return Path(settings.CONCORD_HOME)


def clock() -> datetime:
    return timezone.now().astimezone(LONDON)


@dataclass(frozen=True, slots=True)
class Opened:
    """An edition with everything that its screens say of it."""

    page: EditionPage
    publication: Publication
    standing: Standing
    readiness: Readiness

    def section(self, key: str) -> Section | None:
        return next((each for each in self.publication.sections if each.key == key), None)

    def now(self, key: str) -> SectionNow:
        """How a section stands. Raises KeyError for one that is not there."""
        return {each.key: each for each in self.standing.sections}[key]


def opened(viewer: Viewer, edition_id: UUID) -> Opened:
    """Raises NotHere, NotAllowed as the room does."""
    page = queries.edition(viewer, edition_id, at=timezone.now())
    made = jobs().figures_of(home(), edition_id, page.line.figures)
    declared = partnership.current().publications.get(page.line.publication)
    publication: Publication = made.publication if made else declared
    standing = jobs().standing(home(), partnership.current(), page)
    return Opened(page, publication, standing, what_is_missing(page, standing))
