"""Passages of a narrative, and those that only some readers may have.

A passage is what stands between blank lines. Withheld ones stand, in the one source, inside a fence that names its
ground, a key of `codelists/withholding_grounds.csv`:

    ::: restricted safety
    Where the people at risk are being helped.
    :::

What the public reads is the same text without them, line for line, so that a message's line is the source's line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from concord.kernel.errors import BadInput, Refused, Where
from concord.kernel.names import did_you_mean

_FENCE = re.compile(r"^\s{0,3}:::(.*)$")
_OPENS = re.compile(r"^\s*restricted\s+(\S+)\s*$")


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage. `line` is where its first line stands, `ground` is blank where everybody may read it."""

    text: str
    line: int
    ground: str

    @property
    def digest(self) -> str:
        """The same for the same words, wherever they stand and whoever may read them."""
        return digest([self.text])


def digest(texts: Iterable[str]) -> str:
    """A short name for some words, blind to how their lines are broken."""
    plain = "\n\n".join(" ".join(text.split()) for text in texts)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def passages(text: str, grounds: Collection[str], *, file: str) -> tuple[Passage, ...]:
    """The passages of a narrative in order.

    Raises BadInput with file and line for a fence that is not closed, stands inside another, or names no ground: a
    fence that is misread would publish what it was to keep back.
    """
    found: list[Passage] = []
    lines: list[str] = []
    start, ground, opened = 1, "", 0
    code = False

    def end() -> None:
        if any(line.strip() for line in lines):
            found.append(Passage("\n".join(lines).strip("\n"), start, ground))
        lines.clear()

    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith("```"):
            code = not code
        fence = None if code else _FENCE.match(line)
        if fence is not None:
            end()
            mark = fence[1]
            if opened and not mark.strip():
                ground, opened = "", 0
                continue
            if opened or not mark.strip():
                raise _bad_fence(file, number, opened)
            ground, opened = _ground(mark, grounds, file, number), number
        elif not line.strip() and not code:
            end()
        else:
            if not lines:
                start = number
            lines.append(line)
    if opened:
        raise BadInput(
            "A restricted passage is opened and never closed",
            where=Where(file, line=opened),
            why="Nothing tells where it ends, so everything after it would be kept back or given away.",
            next_step="Put ::: on a line of its own after the passage.",
        )
    end()
    return tuple(found)


def _bad_fence(file: str, line: int, opened: int) -> BadInput:
    if opened:
        return BadInput(
            "A fence stands inside a restricted passage",
            where=Where(file, line=line),
            why=f"The passage that was opened in line {opened} is not closed yet.",
            next_step="Close it with ::: on a line of its own first.",
        )
    return BadInput(
        "This closes a restricted passage, and none is open",
        where=Where(file, line=line),
        next_step="Open it with “::: restricted GROUND” on a line of its own, or take this line out.",
    )


def _ground(mark: str, grounds: Collection[str], file: str, line: int) -> str:
    wanted = _OPENS.match(mark)
    if wanted is None:
        raise BadInput(
            f"“:::{mark.rstrip()}” does not open anything that is known",
            where=Where(file, line=line),
            next_step="Write “::: restricted GROUND”, with one of: " + ", ".join(sorted(grounds)) + ".",
        )
    if wanted[1] not in grounds:
        raise BadInput(
            f"“{wanted[1]}” is no ground for keeping a passage back",
            where=Where(file, line=line),
            why="Section 8(8) of the Police, Crime, Sentencing and Courts Act 2022 allows three.",
            next_step=did_you_mean(wanted[1], grounds),
        )
    return wanted[1]


def for_public(text: str, grounds: Collection[str], *, file: str) -> str:
    """The narrative without its restricted passages; every other line stands where it stood. Raises as `passages`."""
    passages(text, grounds, file=file)
    kept: list[str] = []
    inside = code = False
    for line in text.splitlines():
        code = code != line.lstrip().startswith("```")
        if not code and _FENCE.match(line):
            inside = not inside
            kept.append("")
        else:
            kept.append("" if inside else line)
    return "\n".join(kept)


def for_restricted(text: str, names: Mapping[str, str], *, file: str) -> str:
    """The narrative with its restricted passages set apart as quotations that open with the name of their ground.

    `names` has the words of each ground by its key. Raises as `passages`.
    """
    passages(text, names, file=file)
    kept: list[str] = []
    inside = code = False
    for line in text.splitlines():
        code = code != line.lstrip().startswith("```")
        fence = None if code else _FENCE.match(line)
        if fence is None:
            kept.append(f"> {line}" if inside else line)
            continue
        inside = not inside
        opens = _OPENS.match(fence[1])
        kept += [f"> **Restricted: {names[opens[1]]}.**", ">"] if opens else [""]
    return "\n".join(kept)


def keep_back(text: str, wanted: str, ground: str, grounds: Collection[str], *, file: str) -> str:
    """The narrative with the passage whose digest is `wanted` inside a fence of its own; no fence where `ground` is
    blank. Raises Refused where no passage has that digest."""
    found = passages(text, grounds, file=file)
    if not any(each.digest == wanted for each in found):
        raise Refused(
            "That passage is no longer in the text.",
            why="It was rewritten or taken out after this page was opened.",
            next_step="Open the section again and decide about what it says now.",
        )
    parts = []
    for each in found:
        on = ground if each.digest == wanted else each.ground
        parts.append(f"::: restricted {on}\n{each.text}\n:::" if on else each.text)
    return "\n\n".join(parts) + "\n"
