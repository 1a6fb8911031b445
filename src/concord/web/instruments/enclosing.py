"""The assessment that goes with a referral, as the page says it before anything is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from concord.desk.accounts.rules import Viewer
from concord.desk.instruments import queries
from concord.web.instruments import presenters


def named(viewer: Viewer, enclosed: dict[str, str] | None) -> dict[str, Any] | None:
    """Its name, reference, and how much of it goes; None where nothing is enclosed."""
    if not enclosed:
        return None
    page = queries.assessment(viewer, UUID(enclosed["assessment"]), at=timezone.now())
    route = next((each for each in page.instrument.route if each.key == enclosed["route"]), None)
    says = presenters.going(viewer, page, route) if route is not None else ""
    return {"name": page.instrument.name, "reference": page.reference, "says": says}
