"""One person across agencies: records linked with their probability, and how well, published."""

from concord.evidence.linkage.linking import LinkResult, link
from concord.evidence.linkage.quality import Line, Quality
from concord.evidence.linkage.uses import NotGoodEnough, require_quality

__all__ = ["Line", "LinkResult", "NotGoodEnough", "Quality", "link", "require_quality"]
