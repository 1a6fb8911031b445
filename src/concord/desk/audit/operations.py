"""The one write of this room: `record`."""

from __future__ import annotations

from concord.desk.audit.recording import record

__all__ = ["record"]
