"""Draws every lifecycle of the desk: `python -m concord.desk.records.diagrams FOLDER > docs/reference/lifecycles.md`.

The tables are the truth: pathways in the partnership folder, the others in the `rules` of their rooms. This room stands
above the others, so it can ask all of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from concord.desk.editions import rules as editions
from concord.desk.instruments import rules as instruments
from concord.desk.panels import rules as panels
from concord.desk.records import rules as records
from concord.desk.registers import rules as registers
from concord.kernel.lifecycles import Lifecycle
from concord.strategy import load
from concord.strategy.shapes.pathway import Pathway

HEAD = """# Lifecycles

Drawn from the transition tables by `python -m concord.desk.records.diagrams FOLDER`; do not edit. A step that is not
here is refused, with the step's name and the state it was tried from.
"""

ROOMS: dict[str, Sequence[Lifecycle]] = {
    "panels": panels.LIFECYCLES,
    "editions": editions.LIFECYCLES,
    "instruments": instruments.LIFECYCLES,
    "registers": registers.LIFECYCLES,
    "records": records.LIFECYCLES,
}

Row = tuple[str, str, str, str]


def page(pathways: Iterable[Pathway]) -> str:
    """The whole page, in Markdown: a diagram and the same as a table for each lifecycle."""
    parts = [HEAD]
    for pathway in sorted(pathways, key=lambda one: one.key):
        names = {state.key: state.name for state in pathway.state}
        rows = [
            (source, move.verb, move.target, ", ".join(move.needs))
            for move in pathway.transition
            for source in move.sources
        ]
        final = [state.key for state in pathway.state if state.final]
        where = f"`pathways/{pathway.key}.toml`"
        parts.append(_section(f"{pathway.name} ({pathway.key})", where, names, pathway.initial, rows, final))
    for lifecycle in (each for held in ROOMS.values() for each in held):
        rows = [(source, step.verb, step.target, "") for step in lifecycle.steps for source in step.sources]
        final = [state for state in lifecycle.states if state not in {source for source, *_ in rows}]
        room = next(name for name, held in ROOMS.items() if lifecycle in held)
        where = f"`concord.desk.{room}.rules`"
        parts.append(_section(lifecycle.name, where, lifecycle.states, lifecycle.initial, rows, final))
    return "\n".join(parts)


def _section(
    title: str, where: str, names: Mapping[str, str], initial: str, rows: Sequence[Row], final: Sequence[str]
) -> str:
    lines = [f"## {title}", "", f"From {where}.", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {key}: {name}" for key, name in names.items()]
    lines.append(f"    [*] --> {initial}")
    lines += [f"    {source} --> {target}: {verb.replace('_', ' ')}" for source, verb, target, _ in rows]
    lines += [f"    {key} --> [*]" for key in final]
    lines += ["```", "", "| From | Step | To | Needs |", "| --- | --- | --- | --- |"]
    lines += [
        f"| {names[source]} | {verb.replace('_', ' ')} | {names[target]} | {needs or '-'} |"
        for source, verb, target, needs in rows
    ]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.stdout.write(page(load(Path(sys.argv[1])).pathways.values()))
