"""A feed's contract in plain words: what to send, in which form, by when, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from concord.strategy.loader import Partnership
from concord.strategy.shapes.feed import Due, Feed, FieldContract, Table
from concord.web.shared.words import counted

TYPES = {
    "text": "text",
    "code": "a code without blanks inside",
    "integer": "a whole number",
    "decimal": "a number",
    "date": "a date, YYYY-MM-DD",
    "month": "a month, YYYY-MM",
    "timestamp": "a date and time, YYYY-MM-DD HH:MM",
    "flag": "Y or N",
}
IDENTIFIES = {
    "person_id": "Becomes a pseudonym.",
    "given_name": "Leaves the dataset; kept encrypted for linkage alone.",
    "family_name": "Leaves the dataset; kept encrypted for linkage alone.",
    "born_on": "Only the year stays in the dataset.",
    "postcode": "Leaves the dataset; kept encrypted for linkage alone.",
    "address": "Leaves the dataset; kept encrypted for linkage alone.",
}
CLASSES = {
    "open": "Open data, published under a licence",
    "record_level": "A row is a person, or an event of a person",
    "anonymised": "A row is about no identifiable person",
    "aggregate": "Counts",
}
SHOWN_CODES = 24
_SAID = re.compile("dataset|pseudonym")


@dataclass(frozen=True, slots=True)
class FieldWords:
    header: str
    also: tuple[str, ...]
    about: str
    form: str
    must: str
    codes: tuple[str, ...]
    more_codes: int
    missing: tuple[str, ...]
    """What may stand where there is no value, and what it says."""
    stays: str


@dataclass(frozen=True, slots=True)
class TableWords:
    key: str
    title: str
    fields: tuple[FieldWords, ...]
    rules: tuple[tuple[str, str], ...]
    forbidden: tuple[str, ...]
    notes: tuple[str, ...]
    file_name: str


@dataclass(frozen=True, slots=True)
class ContractWords:
    cadence: str
    owner: str
    purpose: str
    data_class: str
    gateway: str
    retention: str
    licence: str
    tables: tuple[TableWords, ...]
    version: int
    identifies: bool
    synthetic: bool


def words(feed: Feed, home: Partnership, gateways: Mapping[str, str]) -> ContractWords:
    """`gateways` gives the section of each legal gateway by its key."""
    return ContractWords(
        cadence=cadence(feed.due),
        owner=owner(feed, home),
        purpose=feed.purpose,
        data_class=CLASSES[feed.data_class],
        gateway=gateways.get(feed.gateway or "", feed.gateway or ""),
        retention=f"{counted(feed.retention_months, 'month')}" if feed.retention_months else "",
        licence=feed.licence or "",
        tables=tuple(_table(key, table) for key, table in feed.tables.items()),
        version=feed.version,
        identifies=feed.holds_identifiers,
        synthetic=feed.synthetic,
    )


def covers(feed: Feed) -> str:
    """Which days a typed line is of, where that is not the period itself."""
    if feed.typed is None or feed.typed.months is None:
        return ""
    return f"Count the {counted(feed.typed.months, 'month')} to the end of the period you choose."


def owner(feed: Feed, home: Partnership) -> str:
    """Who sends it, by the name people know."""
    agency = home.agencies.get(feed.owner or "")
    return agency.name if agency else feed.publisher or feed.owner or "Not named"


def cadence(due: Due) -> str:
    """“Every month, within 30 days of its end”."""
    if due.every == "once":
        return "When a new edition appears"
    if due.by == "end of next period":
        return f"Every {due.every}, by the end of the {due.every} that follows"
    return f"Every {due.every}, within {counted(due.days, 'day')} of its end"


def _table(key: str, table: Table) -> TableWords:
    return TableWords(
        key=key,
        title=table.title,
        fields=tuple(field_words(name, contract) for name, contract in table.fields.items()),
        rules=tuple((rule.says, rule.fix) for rule in table.rules),
        forbidden=tuple(rule.why for rule in table.forbidden),
        notes=table.notes,
        file_name=_example(table.file_name or ""),
    )


def field_words(name: str, contract: FieldContract) -> FieldWords:
    """One field as its supplier reads it."""
    form = TYPES.get(contract.type, contract.type)
    bounds = (("from", contract.minimum), ("to", contract.maximum))
    said = " ".join(f"{word} {_bound(bound)}" for word, bound in bounds if bound is not None)
    if contract.type == "timestamp" and contract.zone == "UTC":
        form += " (UTC)"
    if contract.date_format:
        form = f"a date, {' or '.join(contract.date_format)}"
    form += " with a decimal comma" * (contract.decimal == "comma") + ", as a percentage" * contract.percent
    must = "Column may be left out" if contract.column == "optional" else "Yes" if contract.required else "May be blank"
    return FieldWords(
        header=contract.header or name,
        also=contract.aliases,
        about=contract.description,
        form=f"{form}, {said}" if said else form,
        must=must,
        codes=contract.values[:SHOWN_CODES],
        more_codes=max(0, len(contract.values) - SHOWN_CODES),
        # Many contracts say it themselves; once is enough.
        missing=tuple(f"“{written}”: {why}" for written, why in contract.missing.items()),
        stays="" if _SAID.search(contract.description) else IDENTIFIES.get(contract.identifies or "", ""),
    )


def _bound(bound: float | date) -> str:
    return str(bound) if isinstance(bound, date) else f"{bound:g}"


def _example(pattern: str) -> str:
    """A file name that fits the usual patterns, or nothing: a pattern itself is no help to a supplier."""
    made = re.sub(r"\(\?P<month>[^()]*\)", "2026-10", pattern)
    made = re.sub(r"\(\?P<quarter>[^()]*\)", "2026-Q3", made)
    made = made.replace(r"\.\w+", ".csv")
    made = re.sub(r"\(\?P<year>[^()]*\)", "2026", made).replace("\\.", ".")
    return made if re.fullmatch(r"[\w.\- ]+", made) else ""
