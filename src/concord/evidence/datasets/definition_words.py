"""What a rule looks at in a crime and in its people, packed into whole numbers.

A crime becomes one number with its day of recording in the highest digits, so that the greatest of several rows of one
reference is the row last recorded. A person becomes one number of yes-or-no facts, so that what holds of any victim or
any suspect of a crime is the bitwise OR of its people. Both are then one GROUP BY over integers, on any engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from concord import codelists
from concord.codelists.offences import sub_codes
from concord.definition.events import OLDEST_PLAUSIBLE
from concord.definition.predicates import Values, connected_codes
from concord.definition.rules import Condition, Definition

CRIME_COLUMNS = {
    "crime_ref": "VARCHAR", "offence_code": "VARCHAR", "offence_sub_code": "VARCHAR", "committed_from": "TIMESTAMP",
    "recorded_on": "DATE", "domestic_abuse": "VARCHAR", "hate_strand": "VARCHAR", "knife": "VARCHAR",
    "weapon": "VARCHAR", "linked_crime_ref": "VARCHAR",
}  # fmt: skip
PERSON_COLUMNS = {
    "crime_ref": "VARCHAR", "role": "VARCHAR", "age": "BIGINT", "birth_year": "BIGINT", "birth_month": "BIGINT",
    "relationship": "VARCHAR",
}  # fmt: skip
"""What is read of each dataset. A column that a partner does not send reads as not recorded."""

# Places of the facts of a crime in its number, lowest first, with their widths in binary digits.
_WIDTHS = {"weapon": 4, "hate": 4, "knife": 2, "domestic": 2, "lived": 12, "epoch": 6, "offence": 10, "recorded": 17}
FIRST_YEAR = 1900
OTHER = 15  # a hate strand or a weapon that no list has
WORD_BITS = 60


def text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def listed(column: str, values: Iterable[str] | Iterable[int]) -> str:
    """Whether a column is one of the values; FALSE where there are none."""
    wanted = [text(v) if isinstance(v, str) else str(v) for v in sorted(values)]
    return f"{column} IN ({', '.join(wanted)})" if wanted else "FALSE"


def fact(name: str, word: str = "w") -> str:
    """One fact of a crime out of its number."""
    below = 0
    for each, width in _WIDTHS.items():
        if each == name:
            return f"(({word} >> {below}) & {(1 << width) - 1})"
        below += width
    raise KeyError(name)


def month_bounds(month: int) -> tuple[int, int]:
    """The least number of a crime recorded in a month (0: “not recorded”), and the first beyond it."""
    below = sum(_WIDTHS.values()) - _WIDTHS["recorded"]
    first, beyond = ((month - 1) * 31 + 1, month * 31 + 1) if month else (0, 1)
    return first << below, beyond << below


MONTH = f"(({fact('recorded')} + 30) / 31.0)"
"""The month of recording, counted from January 1900 as 1; 0 where it is not known. Take its whole part."""


def month_name(month: int) -> str:
    """`2026-08` for a month counted from January 1900; `unknown` for 0."""
    return f"{FIRST_YEAR + (month - 1) // 12}-{(month - 1) % 12 + 1:02d}" if month else "unknown"


@cache
def offence_keys() -> Mapping[tuple[str, str], int]:
    """(code, sub-code) to a number, falling in the order of the codes. Sub-code "" is none, and `*` any that decides
    nothing; a code in no list is 0."""
    keys = sorted((each.code, sub) for each in codelists.get("offences") for sub in ("", "*", *sub_codes(each.code)))
    if len(keys) >= 1 << _WIDTHS["offence"]:
        raise AssertionError("more offence codes than a crime's number has room for")
    return {key: len(keys) - place for place, key in enumerate(keys)}


def offence_groups_of() -> dict[int, tuple[str | None, frozenset[str] | None]]:
    """Each offence number with its code and the groups it may belong to."""
    found: dict[int, tuple[str | None, frozenset[str] | None]] = {0: (None, None)}
    for (code, sub), number in offence_keys().items():
        found[number] = code, codelists.possible_groups(code, "any other" if sub == "*" else sub or None)
    return found


@cache
def numbered(name: str) -> Mapping[str, int]:
    """The entries of a short code list, counted from 1; 0 is not recorded."""
    codes = codelists.get(name).codes
    if len(codes) >= OTHER:
        raise AssertionError(f"list {name} is longer than a crime's number has room for")
    return {code: place for place, code in enumerate(codes, 1)}


def _coded(column: str, name: str) -> str:
    entries = " ".join(f"WHEN {text(code)} THEN {place}" for code, place in numbered(name).items())
    return f"CASE WHEN {column} IS NULL THEN 0 ELSE CASE {column} {entries} ELSE {OTHER} END END"


def _flag(column: str) -> str:
    """0 no, 1 yes, 2 not known: as every answer is written."""
    return f"CASE {column} WHEN 'Y' THEN 1 WHEN 'N' THEN 0 ELSE 2 END"


def _months(column: str) -> str:
    return f"((year({column}) - {FIRST_YEAR}) * 12 + month({column}))"


def _epoch(boundaries: tuple[date, ...]) -> str:
    if not boundaries:
        return "0"
    steps = " ".join(
        f"WHEN happened_on >= DATE '{day.isoformat()}' THEN {len(boundaries) - k}"
        for k, day in enumerate(reversed(boundaries))
    )
    return f"CASE WHEN happened_on IS NULL THEN {len(boundaries)} {steps} ELSE 0 END"


def crime_rows(rule: Definition, crimes: str) -> str:
    """A SELECT of (crime_ref, linked_crime_ref, w), one row for each row that was sent."""
    known_subs = [f"{code} {sub}" for code, sub in offence_keys() if sub not in ("", "*")]
    facts = {
        "weapon": _coded("weapon", "weapons"),
        "hate": _coded("hate_strand", "hate_strands"),
        "knife": _flag("knife"),
        "domestic": _flag("domestic_abuse"),
        "lived": f"CASE WHEN happened_on IS NULL THEN 0 ELSE greatest(0, least(4095, {_months('happened_on')})) END",
        "epoch": _epoch(rule.boundaries),
        "offence": "coalesce(o.id, 0)",
        "recorded": "CASE WHEN recorded IS NULL THEN 0 ELSE "
        f"greatest(0, least(131071, ({_months('recorded')} - 1) * 31 + day(recorded))) END",
    }
    below, terms = 0, []
    for name, width in _WIDTHS.items():
        terms.append(f"CAST({facts[name]} AS BIGINT) * {1 << below}")
        below += width
    return f"""
SELECT c.crime_ref, c.linked_crime_ref, {" + ".join(terms)} AS w
FROM (
    SELECT crime_ref, linked_crime_ref, offence_code, domestic_abuse, hate_strand, knife, weapon,
        CASE WHEN coalesce(offence_sub_code, '') = '' THEN ''
             WHEN {listed("offence_code || ' ' || offence_sub_code", known_subs)} THEN offence_sub_code ELSE '*' END
            AS sub,
        coalesce(CAST(committed_from AS DATE), CAST(recorded_on AS DATE)) AS happened_on,
        CAST(recorded_on AS DATE) AS recorded
    FROM {crimes} WHERE crime_ref IS NOT NULL
) c LEFT JOIN definition_offences o ON o.code = c.offence_code AND o.sub = c.sub"""


@dataclass(frozen=True, slots=True)
class PersonWords:
    """The yes-or-no facts of a person that a rule needs, as digits of the columns p0, p1, …"""

    facts: Mapping[str, tuple[str, str]]  # name -> (role, condition over youngest, oldest, relationship)

    @classmethod
    def of(cls, rule: Definition) -> PersonWords:
        asked = {leaf.name for leaf in rule.leaves if isinstance(leaf, Condition)}
        facts: dict[str, tuple[str, str]] = {"victim": ("victim", "TRUE"), "suspect": ("suspect", "TRUE")}
        for values in rule.values_by_epoch:
            for role in ("victim", "suspect"):
                if f"{role}_under_age" in asked:
                    facts |= _under(role, int(values["young_person_under"]))
            if asked & {"parties_may_be_old_enough", "personally_connected"}:
                facts |= _old_enough(int(values["domestic_abuse_from_age"]))
            if "victim_between_ages" in asked:
                facts |= _between(values)
        return cls(facts)

    def _place(self, name: str) -> tuple[int, int]:
        return divmod(list(self.facts).index(name), WORD_BITS)

    def has(self, name: str) -> str:
        """Whether the fact holds of any person of the crime."""
        word, place = self._place(name)
        return f"(p{word} & {1 << place}) <> 0"

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(f"p{k}" for k in range((len(self.facts) - 1) // WORD_BITS + 1))

    def words(self) -> str:
        """The columns p0, p1, … of a person, over columns role, youngest, oldest and relationship."""
        made = []
        for k, column in enumerate(self.columns):
            by_role = []
            for role in ("victim", "suspect"):
                terms = []
                for name, (whose, condition) in self.facts.items():
                    word, place = self._place(name)
                    if whose == role and word == k:
                        bit = 1 << place
                        terms.append(
                            str(bit) if condition == "TRUE" else f"CASE WHEN {condition} THEN {bit} ELSE 0 END"
                        )
                by_role.append(f"WHEN '{role}' THEN CAST({' + '.join(terms) or '0'} AS BIGINT)")
            made.append(f"CASE role {' '.join(by_role)} ELSE CAST(0 AS BIGINT) END AS {column}")
        return ", ".join(made)


def _unsure(age: int) -> str:
    return f"oldest IS NULL OR (youngest < {age} AND oldest >= {age})"


def _under(role: str, age: int) -> dict[str, tuple[str, str]]:
    return {f"{role}_under_{age}": (role, f"oldest < {age}"), f"{role}_maybe_under_{age}": (role, _unsure(age))}


def _old_enough(age: int) -> dict[str, tuple[str, str]]:
    connected = listed("relationship", connected_codes())
    return {
        f"victim_not_under_{age}": ("victim", f"oldest IS NULL OR oldest >= {age}"),
        f"suspect_not_under_{age}": ("suspect", f"oldest IS NULL OR oldest >= {age}"),
        f"victim_from_{age}": ("victim", f"youngest >= {age}"),
        f"victim_maybe_from_{age}": ("victim", _unsure(age)),
        "connected": ("suspect", connected),
        f"connected_from_{age}": ("suspect", f"{connected} AND youngest >= {age}"),
        f"connected_maybe_from_{age}": ("suspect", f"{connected} AND ({_unsure(age)})"),
    }


def _between(values: Values) -> dict[str, tuple[str, str]]:
    first, last = int(values["victim_from_age"]), int(values["victim_to_age"])
    inside = f"youngest >= {first} AND oldest <= {last}"
    return {
        f"victim_{first}_to_{last}": ("victim", inside),
        f"victim_maybe_{first}_to_{last}": (
            "victim",
            f"oldest IS NULL OR (NOT ({inside}) AND NOT (oldest < {first} OR youngest > {last}))",
        ),
    }


def aged_rows(words: PersonWords, persons: str) -> str:
    """A SELECT of (crime_ref, p0, …) for people whose age is recorded or of whom no birth is: no date is needed."""
    plausible = f"CASE WHEN age BETWEEN 0 AND {OLDEST_PLAUSIBLE} THEN age END"
    return f"""
SELECT crime_ref, {words.words()} FROM (
    SELECT crime_ref, role, relationship, {plausible} AS youngest, {plausible} AS oldest
    FROM {persons} WHERE crime_ref IS NOT NULL AND (age IS NOT NULL OR birth_year IS NULL)
) AS aged"""


def born_rows(words: PersonWords, persons: str) -> str:
    """A SELECT of (crime_ref, p0, …), one row a crime, for people known by their birth: `grouped` tells the date."""
    lived = f"{fact('lived', 'g.w')} + {FIRST_YEAR * 12}"
    month = "CASE WHEN birth_month BETWEEN 1 AND 12 THEN birth_month"
    oldest = f"floor(({lived} - birth_year * 12 - {month} ELSE 1 END) / 12.0)"
    youngest = f"floor(({lived} - birth_year * 12 - {month} ELSE 12 END - 1) / 12.0)"
    known = f"{fact('lived', 'g.w')} > 0 AND {oldest} >= 0 AND {youngest} <= {OLDEST_PLAUSIBLE}"
    either = ", ".join(f"bit_or({column}) AS {column}" for column in words.columns)
    return f"""
SELECT crime_ref, {either} FROM (
    SELECT crime_ref, {words.words()} FROM (
        SELECT p.crime_ref, p.role, p.relationship,
            CASE WHEN {known} THEN greatest({youngest}, 0) END AS youngest,
            CASE WHEN {known} THEN {oldest} END AS oldest
        FROM {persons} p JOIN grouped g ON g.crime_ref = p.crime_ref
        WHERE p.age IS NULL AND p.birth_year IS NOT NULL
    ) AS born
) AS facts GROUP BY crime_ref"""
