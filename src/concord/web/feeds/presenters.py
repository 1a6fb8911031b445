"""How feeds stand, in the words of those who send them and those who wait."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

from concord.evidence.extracts import FeedStatus, Receipt
from concord.strategy.loader import Partnership
from concord.web.shared.present import extended

STATES = {
    "received": ("Up to date", "done"),
    "due": ("Due", "amber"),
    "late": ("Late", "red"),
    "never received": ("Never received", "grey"),
}
RESULTS = {
    "loaded": ("Loaded", "done"),
    "already received": ("Received before", "grey"),
    "refused": ("Refused", "red"),
    "skipped": ("Not data", "grey"),
}


def status(found: FeedStatus, home: Partnership) -> SimpleNamespace:
    word, shape = STATES.get(found.state, (found.state, "grey"))
    agency = home.agencies.get(found.owner)
    return extended(
        found,
        word=word,
        shape=shape,
        owner_name=agency.name if agency else found.owner or "Not named",
        refusal=receipt(found.last_refusal) if found.last_refusal else None,
    )


def receipt(found: Receipt) -> SimpleNamespace:
    word, shape = RESULTS.get(found.status, (found.status, "grey"))
    return extended(
        found,
        at=datetime.fromisoformat(found.received_at),
        word=word,
        shape=shape,
        why=[found.refused[key] for key in ("what", "why", "next") if found.refused.get(key)],
        digest=found.sha256[:12],
    )
