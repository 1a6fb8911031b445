"""Sentences with a word missing, or a list that does not follow from its lead-in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from concord.strategy.proofread.document import Document
from concord.strategy.proofread.language import quote
from concord.strategy.proofread.remark import Kind, Remark

PREPOSITION_SUBJECT = re.compile(
    r"\b(?P<p>of|for|with|from|at|about|into|towards)\s+(?P<s>we|they|he|she)\b(?!['’])", re.I
)
ADJECTIVE = (
    r"(?:robust|relevant|effective|appropriate|timely|consistent|accessible|responsive|suitable|sustainable|inclusive|"
    r"holistic|bespoke|targeted|tailored|specialist|safe|clear|comprehensive|meaningful|coordinated|co-ordinated|"
    r"joined-up|"
    r"proportionate|strong|supportive|efficient|high-quality|culturally sensitive|trauma-informed)"
)
NO_NOUN = re.compile(
    r"\b(?:ensure|provide|deliver|offer|develop|create|commission|give|secure|guarantee)\s+(?:a\s+|an\s+|the\s+|"
    r"more\s+)?"
    rf"{ADJECTIVE}(?:,?\s+(?:and\s+)?{ADJECTIVE})*\s+(?:for|to|of|with|across|within|at)\b",
    re.I,
)
THING = r"(?:weapons?|knife|knives|firearms?|substances?|blades?|guns?|articles?|implements?|corrosives?)"
NOT_OF_A_THING = re.compile(
    rf"\b{THING}\s+(?:is|are|was|were)\s+(?:[a-z]+(?:,\s+|\s+or\s+|,\s+or\s+|\s+and\s+))*(?P<w>intimidated|"
    r"frightened|harassed|assaulted|scared)\b",
    re.I,
)
NO_VERB = re.compile(
    r"^(?:[A-Z][\w-]*\s+){1}(?:[\w-]+\s+){0,8}?(?:at|of)\s+an?\s+(?:unacceptable|high|low|acceptable|"
    r"record)\s+level\s+resulting\b"
)
OWN_SUBJECT = re.compile(
    r"^(?:the|our|this)\s+(?:[A-Z]?[\w’'-]+\s+){1,4}?(?:has|have|is|are|will|was|were|runs?|works?)\b|^we\s+\w+", re.I
)


def check(document: Document) -> Iterator[Remark]:
    for sentence in document.sentences:
        text = sentence.text
        for match in PREPOSITION_SUBJECT.finditer(text):
            yield Remark(
                sentence.line_at(match.start()),
                Kind.MISSING_WORD,
                f"A word is missing between “{match.group('p')}” and “{match.group('s')}”: "
                f"{quote(text[max(match.start() - 40, 0) : match.end() + 10])}.",
                f"Say {match.group('p')} what, or {match.group('p')} whom, before “{match.group('s')}”.",
            )
        for match in NO_NOUN.finditer(text):
            yield Remark(
                sentence.line_at(match.start()),
                Kind.MISSING_WORD,
                f"{quote(match.group())} has no noun: robust, relevant or whatever it is, the words do not say what.",
                "Name the thing (support, services, advice) after the adjectives.",
            )
        for match in NOT_OF_A_THING.finditer(text):
            yield Remark(
                sentence.line_at(match.start("w")),
                Kind.MISSING_WORD,
                f"{quote(match.group(), 90)}: a weapon cannot be {match.group('w')}, so the test cannot be "
                "applied as written.",
                "Say which uses count, for example: is used, is used to threaten, or is used to intimidate.",
            )
        no_verb = NO_VERB.match(text)
        if no_verb and not re.search(r"\b(?:is|are|was|were|remain|remains|has|have)\b", no_verb.group()):
            yield Remark(
                sentence.line,
                Kind.MISSING_WORD,
                f"{quote(no_verb.group(), 90)} has no verb.",
                "Write “are at …”, and give the level.",
            )
    for listing in document.listings:
        if listing.lead_in is None or not re.search(r"\bwe(?: (?:will|can|shall))?:$", listing.lead_in.text):
            continue
        for item in listing.items:
            if OWN_SUBJECT.match(item.text):
                yield Remark(
                    item.line,
                    Kind.MISSING_WORD,
                    f"The item does not follow from its lead-in: read on, it says {quote('we: ' + item.text, 50)}.",
                    "Begin each item with a verb, or end the lead-in before “we”.",
                    (listing.lead_in.line,),
                )
