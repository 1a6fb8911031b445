"""The plain-language description as a document: Markdown for a board paper, HTML for a page of its own."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from concord.definition.describe import MATTERS, Description, Offence, Point

VERDICTS = {"in": "Counted", "out": "Not counted", "undetermined": "Cannot be told"}
OPEN = "Open: not recorded yet"


def matters(offence: Offence) -> list[tuple[str, str]]:
    """The four matters of section 13(6) with what is recorded of each; what is not is said to be open."""
    return [(words.capitalize(), getattr(offence, name) or OPEN) for name, words in MATTERS.items()]


def as_markdown(said: Description) -> str:
    """The whole as a Markdown document that ends in a newline."""
    lines = [f"# {said.title}", "", said.summary, "", edition(said), "", "## The rule", ""]
    lines += [said.rule.text, "", *_bullets(said.rule.points, 0), "", said.not_known, ""]
    lines += ["## Ages and lists", "", *(f"- {each}" for each in said.settings), ""]
    lines += ["## The offences, and why they are serious", ""]
    for offence in said.offences:
        lines += [
            f"### {offence.name}",
            "",
            f"Offence codes: {', '.join(offence.codes) or 'none in the lists yet'}.",
            "",
        ]
        lines += [f"- {matter}: {recorded}" for matter, recorded in matters(offence)] + [""]
    if said.beside:
        lines += ["## Counted beside the total, never in it", ""]
        for each in said.beside:
            lines += [f"### {each.name}", "", each.says, ""]
            lines += [*(f"- {line}" for line in (*each.lines, *each.counted_from)), ""]
    if said.examples:
        lines += ["## Cases", "", "| case | verdict | why |", "|---|---|---|"]
        for example in said.examples:
            why = " ".join(example.verdict.reasons)
            lines.append(f"| {example.example.text} | {VERDICTS[example.verdict.verdict]} | {why} |")
        lines.append("")
    if said.questions:
        lines += ["## What the board has still to settle", ""]
        lines += [f"- {each.text} Until it answers: {each.read_as}" for each in said.questions] + [""]
    return "\n".join(lines).rstrip() + "\n"


def edition(said: Description) -> str:
    """Which edition this is, and when it is looked at again."""
    review = f", to be reviewed by {said.review_on}" if said.review_on else ""
    return f"Version {said.version}, adopted {said.adopted_on}{review}."


def _bullets(points: tuple[Point, ...], depth: int) -> Iterator[str]:
    for each in points:
        yield f"{'  ' * depth}- {each.text}"
        yield from _bullets(each.points, depth + 1)


def as_html(said: Description) -> str:
    """The whole as an accessible HTML page without scripts or style sheets."""
    body = [f"<h1>{escape(said.title)}</h1>", _p(said.summary), _p(edition(said)), "<h2>The rule</h2>"]
    body += [_p(said.rule.text), _list(said.rule.points), _p(said.not_known), "<h2>Ages and lists</h2>"]
    body += [_plain(said.settings), "<h2>The offences, and why they are serious</h2>"]
    for offence in said.offences:
        recorded = "".join(f"<dt>{escape(what)}</dt><dd>{escape(words)}</dd>" for what, words in matters(offence))
        codes = ", ".join(offence.codes) or "none in the lists yet"
        body += [f"<h3>{escape(offence.name)}</h3>", _p(f"Offence codes: {codes}."), f"<dl>{recorded}</dl>"]
    if said.beside:
        body.append("<h2>Counted beside the total, never in it</h2>")
        for each in said.beside:
            body += [f"<h3>{escape(each.name)}</h3>", _p(each.says), _plain((*each.lines, *each.counted_from))]
    if said.examples:
        rows = "".join(
            f"<tr><td>{escape(e.example.text)}</td><td>{VERDICTS[e.verdict.verdict]}</td>"
            f"<td>{escape(' '.join(e.verdict.reasons))}</td></tr>"
            for e in said.examples
        )
        head = "".join(f'<th scope="col">{word}</th>' for word in ("Case", "Verdict", "Why"))
        body.append(f"<h2>Cases</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
    if said.questions:
        asked = [f"{each.text} Until it answers: {each.read_as}" for each in said.questions]
        body += ["<h2>What the board has still to settle</h2>", _plain(tuple(asked))]
    title = f'<meta charset="utf-8"><title>{escape(said.title)}</title>'
    return f'<!doctype html>\n<html lang="en-GB"><head>{title}</head><body>\n' + "\n".join(body) + "\n</body></html>\n"


def _p(words: str) -> str:
    return f"<p>{escape(words)}</p>"


def _plain(lines: tuple[str, ...]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>" if lines else ""


def _list(points: tuple[Point, ...]) -> str:
    if not points:
        return ""
    return "<ul>" + "".join(f"<li>{escape(each.text)}{_list(each.points)}</li>" for each in points) + "</ul>"
