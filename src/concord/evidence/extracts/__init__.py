"""Partner extracts: received under a contract, checked, and kept or refused with words."""

from concord.evidence.extracts.loading import FilesRefused, load, load_any
from concord.evidence.extracts.outcomes import LoadResult
from concord.evidence.extracts.receipts import FeedStatus, Receipt, feed_status, receipts

__all__ = ["FeedStatus", "FilesRefused", "LoadResult", "Receipt", "feed_status", "load", "load_any", "receipts"]
