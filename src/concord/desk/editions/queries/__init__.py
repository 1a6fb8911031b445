"""Reads of editions: what is under way, one of them whole, what waits for an approver, what was given out.

This is the room's door: whoever is outside imports from here, never from the modules it gathers.
"""

from concord.desk.editions.queries.listing import editions, given_out, news, waiting
from concord.desk.editions.queries.one import edition, named, versions

__all__ = ["edition", "editions", "given_out", "named", "news", "versions", "waiting"]
