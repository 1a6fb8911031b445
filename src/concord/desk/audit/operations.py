"""The one write of this room: for one record, for several, and for one that was opened; searches are sealed first."""

from __future__ import annotations

from concord.desk.audit.recording import opened, record, record_many
from concord.desk.audit.sealing import sealed

__all__ = ["opened", "record", "record_many", "sealed"]
