"""The words and patterns proofreading knows about plain English drafts. Nothing here names a borough or a document."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

BULLET = re.compile(r"^(?P<indent>\s*)(?:[-*•▪◦‣·○●–]\s+|\d{1,2}[.)]\s+(?=\S)|[a-z][.)]\s+)")
CONTENTS_LINE = re.compile(r"(?:\t|\.{3,}|…|\s{3,})\s*\d{1,3}\s*$")
SENTENCE_END = re.compile(r"(?<=[.!?])[)”’\"']?\s+(?=[“‘\"'(]?[A-Z0-9£])")
ABBREVIATION = re.compile(r"(?:\b(?:i\.e|e\.g|etc|approx|no|St|Mr|Mrs|Ms|Dr|Cllr|vs|v|cf|s|para|p)\.)$", re.I)
LINK = re.compile(r"\[(?P<text>[^\][]{0,500})\]\((?P<target>[^)\s]{0,2000})(?:\s+\"[^\"]*\")?\)")
_NAME = r"\b[A-Z][\w’'-]{1,40}(?:[ ](?:upon[ ]|and[ ]|of[ ]|the[ ])?[A-Z][\w’'-]+){0,2}"
OWN_AREA = re.compile(
    rf"(?:(?:Borough|City|County|District)[ ]of[ ](?P<a>{_NAME}))"
    rf"|(?P<b>{_NAME})[ ](?:(?:City|County|District|Borough|Metropolitan)[ ])*"
    r"(?:Council|Community[ ]Safety[ ]Partnership|Violence[ ]Reduction[ ]Partnership)\b"
)
NOT_AN_AREA = frozenset({"County", "City", "Borough", "District", "Parish", "Local", "Police", "The"})
HEADING_VERB = re.compile(r"\b(?:is|are|was|were|has|have|had|will|saw|recorded|reported|shows|said)\b")
HEADING_START = re.compile(r"(?:what|why|how|who|where|our|theme|appendix|annex|chapter|section|part|priority)\b", re.I)


@cache
def word_list(name: str) -> frozenset[str]:
    """One list of `words.toml`. Raises KeyError for a list that is not there."""
    lists = tomllib.loads((files("concord.strategy.proofread") / "words.toml").read_text(encoding="utf-8"))
    return frozenset(lists[name].split())


def plain(text: str) -> str:
    """The words alone: links become their text; emphasis, heading marks and odd spaces go."""
    text = LINK.sub(lambda match: match.group("text"), text)
    text = re.sub(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`", "", text)
    text = re.sub(r"^\s*#{1,6}\s+", "", text)
    return re.sub(r"[\s\u00a0\u200b\ufeff]+", " ", text).strip()


def is_heading(text: str) -> bool:
    """A short line with no closing stop, in title case or of a few words, that says no sentence."""
    words = re.findall(r"[^\W\d_][\w’'-]*", text)
    if not words or len(words) > 20 or text[-1] in ".;,–—-!" or not (text[0].isupper() or text[0].isdigit()):
        return False
    if text.endswith(":") and re.search(r"\b(?:following|as follows|include|including|identified|agreed)\b", text):
        return False
    if HEADING_VERB.search(text) and not HEADING_START.match(text):
        return False
    long_words = [word for word in words if len(word) > 3]
    title_case = bool(long_words) and sum(word[0].isupper() for word in long_words) >= 0.6 * len(long_words)
    return title_case or len(words) <= 6


def is_statute(text: str) -> bool:
    """Quoted law: it opens with a numbered subsection, or carries two or more lettered limbs."""
    opens = re.match(r"[“‘\"']?\(?\d{1,2}\)\s", text) is not None
    return (opens and bool(re.search(r"\bAct\b|\bsection\b|[“\"]", text))) or len(
        re.findall(r"(?:[—;:]|and|or)\s*\([a-z]\)\s", text)
    ) >= 2


def content_words(text: str) -> list[str]:
    """Lower-case words that carry meaning, plural and possessive endings dropped, in order."""
    words = re.findall(r"[a-z][a-z’'-]*[a-z]|[a-z]|\d[\d,./]*", text.lower().replace("’", "'"))
    small = word_list("stop")
    return [stem(word) for word in words if word not in small]


def stem(word: str) -> str:
    """One form for singular and plural: enough to compare, never shown."""
    word = re.sub(r"'s?$", "", word)
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


INTENT = re.compile(
    r"\b(?:will|shall|aims?(?: to| for)?|aiming|seeks? to|seeking|intend|intends|intention|hope to|want to|plan to|"
    r"commit(?:ted|ment)? to|target(?:s)? (?:of|is|to)|ambition|vision|in order to|ensure|striv\w+|should|must|could|"
    r"would|working towards)\b",
    re.I,
)


def is_intent(text: str) -> bool:
    """The sentence says what is meant to happen, not what was found."""
    return INTENT.search(text) is not None


def quote(text: str, limit: int = 60) -> str:
    """The words at issue, in quotation marks, cut at a word where they run on."""
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) > limit:
        text = text[:limit].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
    return f"“{text}”"


def around(text: str, offset: int, limit: int = 70) -> str:
    """The words about a place in a text, in quotation marks, cut at words."""
    start = max(offset - limit // 3, 0)
    if start:
        start = text.find(" ", start, offset + 1) + 1 or offset
    cut = text[start : start + limit]
    if start + limit < len(text):
        cut = cut.rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
    return f"“{'… ' if start else ''}{cut.strip().rstrip('.,;:')}”"


def ending(text: str, limit: int = 50) -> str:
    """The last words of a text, in quotation marks."""
    if len(text) <= limit:
        return f"“{text}”"
    return f"“… {text[-limit:].partition(' ')[2]}”"


def trim(text: str) -> str:
    """Without the small words that a cut leaves hanging at the end."""
    words = text.split()
    while words and words[-1].lower() in word_list("stop"):
        words.pop()
    return " ".join(words)


def series(parts: list[str], joiner: str = "and") -> str:
    """One, two and three."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {joiner} {parts[-1]}"
