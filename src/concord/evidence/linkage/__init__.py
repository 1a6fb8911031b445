"""One person across agencies: records linked with their probability, and how well, published."""

from concord.evidence.linkage.linking import LinkResult, link
from concord.evidence.linkage.quality import Line, Quality

__all__ = ["Line", "LinkResult", "Quality", "link"]
