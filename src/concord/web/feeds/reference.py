"""Every feed of some partnerships as one page: who sends it, on what terms, its tables and fields, and what is odd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from concord.strategy.loader import Partnership
from concord.strategy.shapes.feed import Feed, FieldContract, Table
from concord.web.feeds import contract

_HEAD = """# Feeds

<!-- Made by `concord feeds --page`, from the contracts. Do not edit: change a contract and make the page again. -->

What each feed is, who sends it, on what terms, and which tables and fields it holds. A contract is a file in a
partnership's `feeds/` folder, or in that of the national one it extends: [how to load](../how-to/load.md). What a field
may hold, what stands for a missing value and what the source cannot say are parts of the contract.
"""


def page(homes: Iterable[Partnership]) -> str:
    """The page as Markdown: open feeds first, then the exchange that law requires, then what partners send."""
    homes = list(homes)
    feeds: dict[str, tuple[Feed, Partnership]] = {}
    for home in homes:
        feeds |= {key: (feed, home) for key, feed in home.feeds.items() if key not in feeds}
    groups: dict[str, list[str]] = {"Open data": [], "The quarterly exchange (section 17A)": [], "Partners": []}
    for key, (feed, _) in feeds.items():
        exchange = key.startswith("section_17a")
        open_data = feed.data_class == "open" and not feed.synthetic
        group = "Open data" if open_data else "The quarterly exchange (section 17A)" if exchange else "Partners"
        groups[group].append(key)
    lines = [_HEAD]
    for title, keys in groups.items():
        lines += ["", f"## {title}", "", "| feed | who sends it | how often | tables |", "| --- | --- | --- | --- |"]
        for key in sorted(keys):
            feed, home = feeds[key]
            cells = (
                f"[{feed.title}](#{key})",
                contract.owner(feed, home),
                contract.cadence(feed.due),
                str(len(feed.tables)),
            )
            lines.append(_row(cells))
        for key in sorted(keys):
            lines += ["", *feed_lines(*feeds[key])]
    return "\n".join(lines) + "\n"


def feed_lines(feed: Feed, home: Partnership) -> Iterator[str]:
    """One feed as Markdown: its terms, and each table with its fields."""
    yield f'<a id="{feed.key}"></a>'
    yield ""
    yield f"### {feed.title}"
    yield ""
    terms = {
        "Feed": f"`{feed.key}`" + (" (synthetic)" if feed.synthetic else ""),
        "Sent by": contract.owner(feed, home),
        "Data": contract.CLASSES[feed.data_class],
        "For": feed.purpose,
        "Gateway": _gateway(feed, home),
        "Agreement": f"`{feed.agreement}`" if feed.agreement else "",
        "Licence": feed.licence or "",
        "Attribution": feed.attribution or "",
        "How often": contract.cadence(feed.due),
        "Kept raw": f"{feed.retention_months} months" if feed.retention_months else "as long as it is of use",
        "Areas": feed.vintage or "",
        "Source": feed.source.url or "" if feed.source else "",
        "Seen": feed.source.note or "" if feed.source else "",
    }
    yield from (f"* **{name}**: {_plain(text)}" for name, text in terms.items() if text)
    for key, table in feed.tables.items():
        yield ""
        yield from _table(key, table)


def _table(key: str, table: Table) -> Iterator[str]:
    yield f"**{table.title}** (table `{key}`, becomes {', '.join(f'`{d}`' for d in table.datasets)})"
    yield ""
    told = [*_oddities(table), *table.notes, *(n.why for n in table.not_published), *(f.why for f in table.forbidden)]
    yield from (f"* {_plain(text)}" for text in dict.fromkeys(told))
    if told:
        yield ""
    yield "| field | heading | form | must | what it is | codes |"
    yield "| --- | --- | --- | --- | --- | --- |"
    made = {*table.wide.made, table.wide.value} if table.wide else set()
    for name, field in table.fields.items():
        words = contract.field_words(name, field)
        heading = "from the columns" if name in made else ", ".join((words.header, *words.also))
        must = "" if name in made else words.must
        yield _row((f"`{name}`", heading, words.form, must, field.description, _codes(field)))
    for name, value in table.constant.items():
        yield _row((f"`{name}`", "none", "fixed by the contract", "", f"Always {value}.", ""))


def _oddities(table: Table) -> Iterator[str]:
    """What the contract's keys do about the odd ways of a source, in words."""
    if table.stacked:
        yield "Several tables stand in one file: each row goes to exactly one dataset, and no two may be added."
    if table.wide:
        yield f"Columns with headings like `{table.wide.columns}` become rows."
    if table.blocks:
        yield "The sheet holds the table several times, each under lines that say what it is of."
    if table.headings:
        yield "The file has no heading row: the contract gives the headings."
    if table.release_from:
        yield "Every release sends the series again: an older one never replaces a newer."
    if table.vintage:
        yield f"The edition of {table.vintage.of} codes is told by the codes, for each partition."
    if table.sheet:
        yield f"In a workbook: sheets named like `{table.sheet}`."
    for name, field in table.fields.items():
        if field.coalesce:
            yield f"`{name}` stands under several headings; a row in which they differ is set aside."


def _gateway(feed: Feed, home: Partnership) -> str:
    """The section of law that lets the feed move, by the list of gateways."""
    rows = home.codelists["legal_gateways"] if feed.gateway else ()
    return next((row["section"] for row in rows if row["key"] == feed.gateway), feed.gateway or "")


def _codes(field: FieldContract) -> str:
    told = ["; ".join(field.values)] if field.values else []
    told += [
        f"“{mark}” is missing: {why}" if mark else f"blank is missing: {why}" for mark, why in field.missing.items()
    ]
    return ". ".join(told)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(_plain(cell).replace("|", "\\|") for cell in cells) + " |"


def _plain(text: str) -> str:
    return " ".join(text.split())
