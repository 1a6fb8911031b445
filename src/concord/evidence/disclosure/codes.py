"""Figure codes: short, read aloud without mistake, the same for the same content.

Twenty-nine signs, none of which is taken for another (no 0, 1, I, L, O, U or Z); twenty-nine is prime, so the last
sign, a weighted sum, catches every single slip and every swap of two signs.
"""

from __future__ import annotations

import hashlib
import re

from concord.kernel.errors import BadInput

SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXY"
_FORM = re.compile(r"^([A-Z2-9]{2})-?([A-Z2-9]{4})-?([A-Z2-9]{2})$")


def digest_signs(content: str, length: int) -> str:
    """`length` signs drawn from the SHA-256 of `content`."""
    number = int.from_bytes(hashlib.sha256(content.encode()).digest(), "big")
    signs = []
    for _ in range(length):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    return "".join(signs)


def prefix(finding: str) -> str:
    """Two signs that recall the finding: the initials of its first two words, or its first two letters."""
    words = [word for word in finding.upper().split("_") if word]
    letters = [word[0] for word in words[:2]] if len(words) > 1 else list(finding.upper())
    usable = [letter for letter in letters if letter in SIGNS]
    spare = [letter for letter in finding.upper() if letter in SIGNS]
    return "".join([*usable, *spare, "X", "X"][:2])


def _check_sign(signs: str) -> str:
    return SIGNS[sum((place + 2) * SIGNS.index(sign) for place, sign in enumerate(signs)) % len(SIGNS)]


def figure_code(finding: str, content: str) -> str:
    """A code such as `SV-7K2Q-9D` for a table's released content."""
    signs = prefix(finding) + digest_signs(content, 5)
    whole = signs + _check_sign(signs)
    return f"{whole[:2]}-{whole[2:6]}-{whole[6:]}"


def read_code(text: str) -> str:
    """The code as written in the index, however it was typed: any case, with or without hyphens.

    Raises BadInput where it is not a code, or its last sign shows a slip.
    """
    tidy = re.sub(r"[\s.]", "", text).upper()
    found = _FORM.match(tidy)
    shape = "a code is two, four and two signs, such as SV-7K2Q-9D; it never holds 0, 1, I, L, O, U or Z"
    if found is None or any(sign not in SIGNS for sign in "".join(found.groups())):
        raise BadInput(f"“{text}” is not a figure code", why=shape, next_step="copy the code from beside the figure")
    whole = "".join(found.groups())
    if _check_sign(whole[:-1]) != whole[-1]:
        raise BadInput(
            f"“{text}” has a slip in it",
            why="its last sign does not fit the others",
            next_step="read the code beside the figure again",
        )
    return f"{whole[:2]}-{whole[2:6]}-{whole[6:]}"
