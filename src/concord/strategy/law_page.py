"""Draws what each legal gateway allows: `python -m concord.strategy.law_page FOLDER` > legal-gateways.md.

Every cell is an answer of `concord.strategy.law.gateway_allows`: the page cannot say what the system does not do.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from concord.strategy.law import BODIES, CONDITIONS, Gateway, gateway_allows, gateways_of

if TYPE_CHECKING:
    from concord.strategy.loader import Partnership

HEAD = """# What the law lets one body tell another

Drawn from the partnership's folder by `python -m concord.strategy.law_page FOLDER`; do not edit. Each cell says whom
a body of that kind may tell under the gateway: “all” means every kind of body the gateway names as a recipient,
“-” that the gateway does not carry this. Columns are classes of information. A gateway is no permission by itself:
an agreement must be in force, both agencies must be party to it, and it must name the purpose and the class.

Entries marked as assumed await a lawyer's word. This page is not legal advice.
"""


def page(partnership: Partnership) -> str:
    """The whole page, in Markdown."""
    classes = [row["key"] for row in partnership.codelists["information_classes"]]
    rows = {row["key"]: row for row in partnership.codelists["legal_gateways"]}
    parts = [HEAD, _bodies(partnership)]
    parts += [_section(each, rows[key], classes) for key, each in gateways_of(partnership).items()]
    return "\n".join(parts)


def _bodies(partnership: Partnership) -> str:
    sectors = partnership.duty.sectors if partnership.duty else {}
    lines = ["## Which body an agency is", "", "| Sector of the agency | The law takes it for |", "| --- | --- |"]
    lines += [f"| {each.name} | {BODIES[each.body]} |" for each in sectors.values()]
    positions = partnership.partnership.positions.values()
    lines += ["", "Readings of the law this partnership has recorded: " + ("" if positions else "none.")]
    lines += [
        f"- {each.gateway}: personal information from {BODIES[each.body]} is not excluded. {each.advice} "
        f"({each.decided_by}, {each.decided_on})"
        for each in positions
    ]
    return "\n".join([*lines, ""])


def _section(gateway: Gateway, row: Mapping[str, str], classes: Sequence[str]) -> str:
    lines = [f"## {gateway.name}", "", f"{gateway.section} (`{gateway.key}`). Source: {row['source']}.", ""]
    lines.append(f"Purposes: {_listed(gateway.purposes)}.")
    if gateway.needs:
        lines.append(f"Needs {' and '.join(CONDITIONS[each] for each in sorted(gateway.needs))}.")
    if gateway.locks_purpose:
        lines.append("What came through it may be used for these purposes only.")
    if gateway.never_information:
        lines.append(f"Never {_listed(gateway.never_information)} information, nor anything derived from it.")
    if row["assumed"]:
        lines.append(f"Assumed: {row['assumed'].replace(';', ', ')}.")
    heads = [each.replace("_", " ") for each in classes]
    lines += ["", f"| From | {' | '.join(heads)} |", f"| --- |{' --- |' * len(heads)}"]
    covered = sorted(BODIES) if "*" in gateway.to_kinds else [each for each in BODIES if each in gateway.to_kinds]
    for source in BODIES:
        cells = [_cell(gateway, source, each, covered) for each in classes]
        if set(cells) != {"-"}:
            lines.append(f"| {BODIES[source]} | {' | '.join(cells)} |")
    if "*" not in gateway.to_kinds:
        lines += ["", f"Recipients: {', '.join(BODIES[each] for each in covered)}."]
    return "\n".join([*lines, ""])


def _cell(gateway: Gateway, source: str, information: str, recipients: Sequence[str]) -> str:
    purpose = min(gateway.purposes)
    told = [
        each
        for each in recipients
        if gateway_allows(
            gateway,
            source_kind=source,
            recipient_kind=each,
            information=information,
            purpose=purpose,
            conditions=gateway.needs,
        ).allow
    ]
    return "all" if told == list(recipients) else ", ".join(BODIES[each] for each in told) or "-"


def _listed(names: frozenset[str]) -> str:
    return "any" if "*" in names else ", ".join(sorted(names)).replace("_", " ")


def main(folder: str) -> None:
    from concord.strategy import load

    sys.stdout.write(page(load(Path(folder))))


if __name__ == "__main__":
    main(sys.argv[1])
