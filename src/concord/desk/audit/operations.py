"""The one write of this room: for one record, for several, and for one that was opened."""

from __future__ import annotations

from concord.desk.audit.recording import opened, record, record_many

__all__ = ["opened", "record", "record_many"]
