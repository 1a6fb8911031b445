"""Partner extracts: received under a contract, checked, and kept or refused with words."""

from concord.evidence.extracts.calendar import Expected, Standing, exchange, standing
from concord.evidence.extracts.loading import FilesRefused, load, load_any
from concord.evidence.extracts.outcomes import LoadResult
from concord.evidence.extracts.receipts import FeedStatus, Receipt, feed_status, receipts

__all__ = [
    "Expected", "FeedStatus", "FilesRefused", "LoadResult", "Receipt", "Standing", "exchange", "feed_status", "load",
    "load_any", "receipts", "standing",
]  # fmt: skip
