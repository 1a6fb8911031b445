"""Links that lead nowhere, or whose words do not say where. Nothing is fetched: only the draft is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Document
from concord.strategy.proofread.language import LINK, quote
from concord.strategy.proofread.remark import Kind, Remark

SAYS_NOTHING = re.compile(
    r"^(?:click |read |see |more )?(?:here|this|link|this link|this page|more|read more|website)$", re.I
)
INVENTED = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:example\.(?:com|org|net)|localhost|127\.0\.0\.1|test\.|your|insert|link|url|tbc)\b",
    re.I,
)
HREF = re.compile(r"<a\b[^>]*?href\s*=\s*[\"'](?P<target>[^\"']*)[\"'][^>]*>(?P<text>.*?)</a>", re.I)


def check(document: Document) -> Iterator[Remark]:
    for line in document.lines:
        for match in (*LINK.finditer(line.text), *HREF.finditer(line.text)):
            if match.start() and line.text[match.start() - 1] == "!":
                continue  # a picture, not a link
            yield from _link(document, line.number, match.group("text").strip(), match.group("target").strip())


def _link(document: Document, number: int, text: str, target: str) -> Iterator[Remark]:
    why = _dead(document, target)
    vague = SAYS_NOTHING.match(text) is not None or not text
    if why:
        extra = " The word “here” also tells a screen reader nothing." if text.lower() == "here" else ""
        yield Remark(
            number,
            Kind.DEAD_LINK,
            f"The link {quote(text or 'with no words')} {why}.{extra}",
            "Link to the page's full address, and let the link's words name the page.",
        )
    elif vague:
        yield Remark(
            number,
            Kind.DEAD_LINK,
            f"The link's words, {quote(text) if text else 'which are empty'}, do not say where it leads.",
            "Let the link's words name the page, so that they make sense read alone.",
        )


def _dead(document: Document, target: str) -> str | None:
    if target in ("", "#"):
        return f"leads nowhere: its target is {'empty' if not target else '“#”'}"
    if target.startswith("#") and target[1:] not in document.anchors:
        return f"leads to {quote(target)}, which is not in this document"
    if target.lower().startswith(("javascript:", "file:", "c:\\", "\\\\")) or re.match(r"[A-Za-z]:[\\/]", target):
        return f"leads to {quote(target)}, which readers outside cannot open"
    if INVENTED.match(target):
        return f"leads to {quote(target)}, which is not a real address"
    return None
