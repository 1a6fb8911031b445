"""How two people's details compare, field by field, with a reason in words. Pure."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from difflib import SequenceMatcher

from concord.desk.people.rules.persons import MARKER, Details, FieldReason

BEGINS = 3
"""Letters from which the beginning of a name that is still being typed counts."""
_SAME_LETTER = str.maketrans("yvwqckzjx", "ivvkkkjjk")
_UNACCENTED = str.maketrans({"ß": "ss", "æ": "ae", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "t", "ı": "i"})


def compare(asked: Details, held: Details) -> tuple[FieldReason, ...]:
    """Field by field: family name, given name, date of birth, postcode."""
    return (
        _names("family name", asked.family_name, held.family_name),
        _names("given name", asked.given_name, held.given_name),
        _birth(asked.born_on, held.born_on),
        _postcodes(asked.postcode, held.postcode),
    )


def is_candidate(reasons: tuple[FieldReason, ...]) -> bool:
    """Worth showing: at least two fields agree or nearly do, one of them a name."""
    close = [reason.field for reason in reasons if reason.agreement in ("same", "near")]
    return len(close) >= 2 and any("name" in field for field in close)


def closeness(reasons: tuple[FieldReason, ...]) -> tuple[int, int, int]:
    """Sort key, closest first: fields that are the same, then near, then fewest that differ."""
    kinds = [reason.agreement for reason in reasons]
    return -kinds.count("same"), -kinds.count("near"), kinds.count("differs")


def _names(field: str, asked: str, held: str) -> FieldReason:
    left, right = _plain(asked), _plain(held)
    if not left or not right:
        return FieldReason(field, "unknown", f"{field}: not given")
    if left == right:
        return FieldReason(field, "same", f"same {field}")
    if SequenceMatcher(a=left, b=right).ratio() >= 0.8:
        return FieldReason(field, "near", f"{field} spelled nearly the same ({held})")
    if sound(left) == sound(right):
        return FieldReason(field, "near", f"{field} sounds the same ({held})")
    if len(left) >= BEGINS and right.startswith(left):
        return FieldReason(field, "near", f"{field} begins the same ({held})")
    return FieldReason(field, "differs", f"{field} differs ({held})")


def _birth(asked: date | None, held: date | None) -> FieldReason:
    field = "date of birth"
    if asked is None or held is None:
        return FieldReason(field, "unknown", "date of birth: not known on both")
    if asked == held:
        return FieldReason(field, "same", "same date of birth")
    if (asked.year, asked.month, asked.day) == (held.year, held.day, held.month):
        return FieldReason(field, "near", "day and month of birth are swapped")
    if asked.year == held.year and (asked.month == held.month or asked.day == held.day):
        return FieldReason(field, "near", "same year of birth, close date")
    return FieldReason(field, "differs", "date of birth differs")


def _postcodes(asked: str, held: str) -> FieldReason:
    left, right = asked.replace(" ", "").upper(), held.replace(" ", "").upper()
    if not left or not right:
        return FieldReason("postcode", "unknown", "postcode: not known on both")
    if left == right:
        return FieldReason("postcode", "same", "same postcode")
    if left[:-3] == right[:-3]:
        return FieldReason("postcode", "near", "same postcode district")
    return FieldReason("postcode", "differs", "postcode differs: may have moved")


def _plain(name: str) -> str:
    # The marker of synthetic names is not part of the name.
    words = [word for word in name.casefold().replace("-", " ").replace("'", "").split() if word != "syn"]
    return " ".join(words)


def tidy(name: str) -> str:
    """Lower case without accents, spaces, hyphens, apostrophes or the mark of synthetic names."""
    plain = re.sub(rf"[- ]?{MARKER.lower()}$", "", name.strip().lower()).translate(_UNACCENTED)
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", plain))


def sound(name: str) -> str:
    """The consonants of a name once letters of one sound are one: what transliteration leaves alike.

    The same key as the linkage model's (`concord.evidence.linkage.records`) and the database's `people_sound`.
    """
    letters = tidy(name).translate(_SAME_LETTER)
    consonants = letters[:1] + re.sub("[aeiouh]", "", letters[1:])
    return re.sub(r"(.)\1+", r"\1", consonants)
