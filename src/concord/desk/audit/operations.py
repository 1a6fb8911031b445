"""The one write of this room, for one record or for several."""

from __future__ import annotations

from concord.desk.audit.recording import record, record_many

__all__ = ["record", "record_many"]
