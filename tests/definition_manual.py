"""The consequences of a definition, case by case: rows that are tested, and the page that is made of them.

    .venv/bin/python tests/definition_manual.py      writes docs/reference/definition-manual.md again

A row says what happened, what was recorded, and what each borough's rule has to say of it. Verdict and limbs are written
by hand; a test holds the rule to them. Only the reasons on the page are the rule's own words.
"""

# ruff: noqa: E501  # the tables are read by row

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from concord import codelists
from concord.definition import Definition, Event, Party, Verdict, evaluate
from concord.strategy import load

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "definition-manual.md"
BOROUGHS = ("tower_hamlets", "harbourside")
DAY = date(2025, 6, 15)

LISTED = "homicide, grievous or actual bodily harm, rape, assault by penetration, sexual assault, personal robbery, threats to kill"

Expected = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One case. `harbourside` is given where that borough's rule says something else than Tower Hamlets'."""

    what: str
    event: Event
    tower_hamlets: Expected
    harbourside: Expected | None = None

    def expected(self, borough: str) -> Expected:
        return self.harbourside if borough == "harbourside" and self.harbourside else self.tower_hamlets


def people(*ages: int | None, rel: str | None = None) -> tuple[Party, ...]:
    return tuple(Party(age=age, relationship=rel) for age in ages)


def born(year: int, month: int | None = None) -> tuple[Party, ...]:
    return (Party(birth_year=year, birth_month=month),)


def crime(
    code: str | None, victims: tuple[Party, ...] = (), suspects: tuple[Party, ...] = (), *, sub: str | None = None,
    da: bool | None = False, hate: str | None = None, knife: bool | None = None, weapon: str | None = None,
    during: Event | None = None, also: Event | None = None, link: str | None = None, day: date | None = DAY,
) -> Event:  # fmt: skip
    """A recorded crime. `during` is the crime that this one names as linked; `also` one that names this one."""
    linked = tuple(replace(each, crime_ref=ref) for each, ref in ((during, "D"), (also, "A")) if each is not None)
    return Event(
        offence_code=code, offence_sub_code=sub, happened_on=day, victims=victims, suspects=suspects,
        domestic_abuse=da, hate_strand=hate, knife=knife, weapon=weapon, crime_ref="C",
        linked_ref="D" if during else link, linked=linked,
    )  # fmt: skip


YP, DA, SEX, HATE, PROP = "young_person", "domestic_abuse", "sexual_violence", "hate_crime", "property_violence"
IN, OUT, OPEN = "in", "out", "undetermined"
EX, PARTNER = "ex_partner", "partner"
ROBBED_BOY = crime("34B", people(15), people(16))
ADULT_FIGHT = crime("8N", people(40), people(40))

CHAPTERS: dict[str, tuple[Row, ...]] = {
    "Death and the threat of it": (
        Row("A man of 40 is killed by an adult; not domestic, not a hate crime", crime("1", people(40), people(35)), (OUT, ()), (IN, ())),
        Row("The same, nobody identified", crime("1", people(40)), (OPEN, ()), (IN, ())),
        Row("A woman of 40 is killed by her husband", crime("1", people(40), people(35, rel="spouse")), (IN, (DA,))),
        Row("A man of 24 is killed", crime("1", people(24), people(35)), (IN, (YP,))),
        Row("A man of 40 is killed by a boy of 17", crime("1", people(40), people(17)), (IN, (YP,))),
        Row("Manslaughter of a man of 50 by a man of 50", crime("4.1", people(50), people(50)), (OUT, ()), (IN, ())),
        Row("Corporate manslaughter of a man of 50, nobody suspected", crime("4.10", people(50)), (OPEN, ()), (IN, ())),
        Row("Infanticide", crime("4.2", people(0), people(30)), (IN, (YP,))),
        Row("A killing that was hate crime", crime("1", people(40), people(40), hate="race"), (IN, (HATE,))),
        Row("Attempted murder of a person of 20", crime("2", people(20), people(20)), (OUT, (YP,)), (IN, (YP,))),
        Row("Attempted murder between adults", crime("2", people(40), people(40)), (OUT, ()), (IN, ())),
        Row("Conspiracy to murder, a suspect of 19", crime("3A", (), people(19)), (OUT, (YP,))),
        Row("A threat to kill a girl of 16", crime("3B", people(16), people(40)), (IN, (YP,))),
        Row("A threat to kill between adults who are strangers", crime("3B", people(40), people(41, rel="stranger")), (OUT, ())),
        Row("A threat to kill a former partner", crime("3B", people(40), people(41, rel=EX), da=True), (IN, (DA,))),
    ),
    "Injury": (
        Row("A man of 30 is wounded with intent, nobody identified", crime("5D", people(30)), (OPEN, ())),
        Row("The same, a suspect whose age is not known", crime("5D", people(30), people(None)), (OPEN, ())),
        Row("The same, one suspect of 17 among others", crime("5D", people(30), people(None, 17)), (IN, (YP,))),
        Row("The same, two suspects of 30", crime("5D", people(30), people(30, 30)), (OUT, ())),
        Row("The same, suspects of 30 and of unknown age", crime("5D", people(30), people(30, None)), (OPEN, ())),
        Row("Endangering the life of a boy of 15", crime("5E", people(15), people(30)), (OUT, (YP,))),
        Row("Grievous bodily harm (8/1) of a man of 23", crime("8N", people(23), people(30), sub="8/1"), (IN, (YP,))),
        Row("Actual bodily harm (8/6) of a man of 23", crime("8N", people(23), people(30), sub="8/6"), (IN, (YP,))),
        Row("Assault with injury of a man of 23, no sub-code", crime("8N", people(23), people(30)), (IN, (YP,))),
        Row("Assault with injury, another sub-code", crime("8N", people(23), people(30), sub="8/99"), (IN, (YP,))),
        Row("A constable of 24 is injured", crime("8S", people(24), people(40)), (IN, (YP,))),
        Row("An ambulance worker of 40 is injured by a woman of 22", crime("8T", people(40), people(22)), (IN, (YP,))),
        Row("Injury between friends of 30", crime("8N", people(30), people(30, rel="friend")), (OUT, ())),
        Row("Common assault between girls of 15, no injury", crime("105A", people(15), people(15)), (OUT, (YP,))),
        Row("Assault without injury on a constable by a boy of 16", crime("104", people(40), people(16)), (OUT, (YP,))),
        Row("Cruelty to a child of 6", crime("11A", people(6), people(35, rel="parent"), da=True), (OUT, (YP,))),
    ),
    "Age": (
        Row("Victim 24, suspect 25", crime("8N", people(24), people(25)), (IN, (YP,))),
        Row("Victim 25, suspect 25", crime("8N", people(25), people(25)), (OUT, ())),
        Row("Victim 25, suspect 24", crime("8N", people(25), people(24)), (IN, (YP,))),
        Row("Victim not known, suspect 25", crime("8N", people(None), people(25)), (OPEN, ())),
        Row("Victim not known, suspect 24", crime("8N", people(None), people(24)), (IN, (YP,))),
        Row("No victim recorded, suspect 40", crime("8N", (), people(40)), (OPEN, ())),
        Row("A baby and an adult suspect", crime("8N", people(0), people(25)), (IN, (YP,))),
        Row("Victim born in 2001: 23 or 24", crime("8N", born(2001), people(40)), (IN, (YP,))),
        Row("Victim born in 2000: 24 or 25", crime("8N", born(2000), people(40)), (OPEN, ())),
        Row("Victim born in May 2000: 25 on 15 June 2025", crime("8N", born(2000, 5), people(40)), (OUT, ())),
        Row("Victim born in June 2000: the birthday may be before or after", crime("8N", born(2000, 6), people(40)), (OPEN, ())),
        Row("Victim born in July 2000: still 24", crime("8N", born(2000, 7), people(40)), (IN, (YP,))),
        Row("Victim born in 1999: 25 or 26", crime("8N", born(1999), people(40)), (OUT, ())),
        Row("Birth recorded as 1900, a stand-in", crime("8N", born(1900, 1), people(40)), (OPEN, ())),
        Row("Birth recorded in a year yet to come", crime("8N", born(2030), people(40)), (OPEN, ())),
        Row("A recorded age of 130, a slip", crime("8N", people(130), people(40)), (OPEN, ())),
    ),
    "Domestic abuse": (
        Row("Injury by a former partner, flagged", crime("8N", people(34), people(36, rel=EX), da=True), (IN, (DA,))),
        Row("Injury by a brother of 36, no flag", crime("8N", people(34), people(36, rel="sibling")), (IN, (DA,))),
        Row("Injury, flagged, relationship not recorded", crime("8N", people(34), people(36), da=True), (IN, (DA,))),
        Row("Injury between adults, flag not recorded", crime("8N", people(34), people(36), da=None), (OPEN, ())),
        Row("Injury by a flatmate who is no relative, no flag", crime("8N", people(34), people(36, rel="household_member")), (OUT, ())),
        Row("A boy of 15 is hurt by his father, flagged: not domestic abuse in law", crime("8N", people(15), people(40, rel="parent"), da=True), (IN, (YP,))),
        Row("A father is hurt by his son of 15, flagged: not domestic abuse in law", crime("8N", people(40), people(15, rel="child"), da=True), (IN, (YP,))),
        Row("A father is hurt by his son of 16, flagged", crime("8N", people(40), people(16, rel="child"), da=True), (IN, (YP, DA))),
        Row("A couple of 16", crime("8N", people(16), people(16, rel=PARTNER), da=True), (IN, (YP, DA))),
        Row("A mother and her child of 9 are hurt by her partner", crime("8N", people(40, 9), people(42, rel=PARTNER), da=True), (IN, (YP, DA))),
        Row("A victim of unknown age, hurt by a parent, flagged", crime("8N", people(None), people(40, rel="parent"), da=True), (IN, (DA,))),
        Row("A victim of unknown age, hurt by a partner of 40, no flag", crime("8N", people(None), people(40, rel=PARTNER)), (OPEN, ())),
        Row("Controlling or coercive behaviour recorded as harassment, no injury", crime("8L", people(40), people(40, rel=PARTNER), da=True), (OUT, (DA,))),
        Row("Stalking by a former partner", crime("8Q", people(22), people(25, rel=EX), da=True), (OUT, (YP, DA))),
    ),
    "Sexual violence": (
        Row("Rape of a woman of 45", crime("19C", people(45), people(40)), (IN, (SEX,))),
        Row("Rape of a man of 45, nobody identified", crime("19F", people(45)), (IN, (SEX,))),
        Row("Rape by several undefined offenders", crime("19J", people(45)), (IN, (SEX,))),
        Row("Rape of a girl under 13", crime("19E", people(11), people(40)), (IN, (SEX, YP))),
        Row("Assault by penetration of a woman of 45", crime("20A", people(45), sub="20/3"), (IN, (SEX,))),
        Row("Sexual assault of a woman of 45, no sub-code", crime("20A", people(45), people(40)), (IN, (SEX,))),
        Row("Sexual assault of a man of 50", crime("17A", people(50), people(40)), (IN, (SEX,))),
        Row("Sexual activity without consent, child of 14", crime("22A", people(14), people(40)), (OUT, (YP,))),
        Row("Sexual activity with a child of 14", crime("22B", people(14), people(20)), (OUT, (YP,))),
        Row("Exploitation of a child of 14", crime("71", people(14), people(40)), (OUT, (YP,))),
        Row("Grooming of a child of 14", crime("88A", people(14), people(40)), (OUT, (YP,))),
        Row("Exposure to a woman of 30", crime("88E", people(30)), (OUT, ())),
    ),
    "Hate crime": (
        Row("A threat to kill, national strand (disability)", crime("3B", people(40), people(41), hate="disability"), (IN, (HATE,))),
        Row("A threat to kill, local strand (age)", crime("3B", people(40), people(41), hate="age"), (IN, (HATE,)), (OUT, ())),
        Row("Injury, local strand (immigration status)", crime("8N", people(40), people(41), hate="immigration_status"), (IN, (HATE,)), (OUT, ())),
        Row("A strand that is in no scheme", crime("3B", people(40), people(41), hate="football"), (OUT, ())),
        Row("Racially aggravated injury, no flag", crime("8P", people(45), people(50)), (IN, (HATE,))),
        Row("Racially aggravated public fear", crime("9B", people(45), people(50)), (OUT, (HATE,))),
        Row("Racially aggravated damage, linked to nothing", crime("58J", people(45), people(50)), (OUT, (HATE,))),
    ),
    "Robbery, weapons and other offences": (
        Row("A man of 30 is robbed by boys of 17", crime("34B", people(30), people(17, 17)), (IN, (YP,))),
        Row("A man of 30 is robbed, nobody identified", crime("34B", people(30)), (OPEN, ())),
        Row("A boy of 15 is robbed, nobody identified", crime("34B", people(15)), (IN, (YP,))),
        Row("A shop is robbed by boys of 16", crime("34A", (), people(16, 16)), (OUT, (YP,))),
        Row("A boy of 16 carries a knife", crime("10D", (), people(16), knife=True), (OUT, (YP,))),
        Row("Injury between adults with a knife: a weapon never decides", crime("8N", people(40), people(40), knife=True, weapon="knife"), (OUT, ())),
        Row("A boy of 15 is robbed without a weapon: none is needed", crime("34B", people(15), people(16), knife=False, weapon="none"), (IN, (YP,))),
        Row("Kidnapping of a girl of 17", crime("36", people(17), people(30)), (OUT, (YP,))),
        Row("Modern slavery, victim of 16", crime("106", people(16), people(30)), (OUT, (YP,))),
        Row("Violent disorder by young men", crime("62A", (), people(19, 20)), (OUT, (YP,))),
        Row("Burglary at the home of a woman of 20", crime("28E", people(20)), (OUT, (YP,))),
        Row("A code that is in no list", crime("999Z", people(14), people(40)), (OPEN, (YP,))),
        Row("No code, adults", crime(None, people(40), people(40)), (OPEN, ())),
    ),
    "Violence against property": (
        Row("Damage during the robbery of a boy of 15", crime("58A", people(40), during=ROBBED_BOY), (IN, (PROP,))),
        Row("The same, the link recorded on the robbery alone", crime("58A", people(40), also=ROBBED_BOY), (IN, (PROP,))),
        Row("Arson during it", crime("56B", people(40), during=ROBBED_BOY), (IN, (PROP,))),
        Row("Theft during it", crime("49", people(40), during=ROBBED_BOY), (OUT, ())),
        Row("Damage during injury between adults: listed, but in no context", crime("58A", people(40), during=ADULT_FIGHT), (OUT, ())),
        Row("Damage during a killing of an adult by an adult", crime("58A", people(40), during=crime("1", people(40), people(40))), (OUT, ()), (IN, (PROP,))),
        Row("Damage during a common assault on a girl of 15", crime("58A", people(40), during=crime("105A", people(15), people(15))), (OUT, ())),
        Row("Damage during a wounding nobody is identified for", crime("58A", people(40), during=crime("5D", people(40))), (OPEN, ())),
        Row("Damage with two links, one to a robbery of a boy", crime("58A", people(40), during=ADULT_FIGHT, also=ROBBED_BOY), (IN, (PROP,))),
        Row("Damage during other damage", crime("58A", people(40), during=crime("58B", people(15), people(15))), (OUT, ())),
        Row("A chain: damage linked to damage that was during a robbery", crime("58A", people(40), during=crime("58B", people(40), during=ROBBED_BOY)), (OUT, ())),
        Row("Damage linked to itself", crime("58A", people(15), link="C"), (OUT, (YP,))),
        Row("Damage linked to a crime that was not sent", crime("58A", people(40), link="elsewhere"), (OPEN, ())),
        Row("Damage against the property of a woman of 20, linked to nothing", crime("58A", people(20)), (OUT, (YP,))),
    ),
}  # fmt: skip
ROWS = [row for rows in CHAPTERS.values() for row in rows]


def definition(borough: str) -> Definition:
    return Definition.of(load(ROOT / "partnerships" / borough).definition)


def page() -> str:
    """The manual as Markdown."""
    rules = {borough: definition(borough) for borough in BOROUGHS}
    differ = sum(row.harbourside is not None for row in ROWS)
    lines = [
        "# The definition, case by case",
        "",
        "<!-- Made by tests/definition_manual.py, which also tests every row. Do not edit: change the rows there. -->",
        "",
        f"What two definitions of serious violence say of {len(ROWS)} kinds of recorded crime: Tower Hamlets' (the words of its",
        "strategy) and that of Harbourside, an invented borough whose rule differs by one file. Every row is a test. How a",
        "definition is built, and why it reads the law as it does: [What counts as serious violence](../explanation/definition.md).",
        "",
        f"The two boroughs differ in {differ} rows; there both verdicts are given. “Undetermined” means that what is recorded does",
        "not decide. Unless a row says otherwise the crime happened on 15 June 2025, the domestic abuse flag says no, and there",
        "is no hate flag. “Beside” names the line beside the total that a crime which is out is counted on.",
        "",
        f"The listed offences of both boroughs are: {LISTED}.",
        "",
    ]
    for title, rows in CHAPTERS.items():
        lines += [
            f"## {title}",
            "",
            "| what happened | recorded as | verdict | limbs that hold | beside | why |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_line(row, rules) for row in rows] + [""]
    return "\n".join(lines)


def _line(row: Row, rules: dict[str, Definition]) -> str:
    first, second = (evaluate(rules[borough], row.event) for borough in BOROUGHS)
    verdict, limbs, beside, why = (_both(row, each(first), each(second)) for each in (_verdict, _limbs, _beside, _why))
    return f"| {row.what} | {recorded(row.event)} | {verdict} | {limbs} | {beside} | {why} |"


def _both(row: Row, first: str, second: str) -> str:
    if row.harbourside is None or first == second:
        return first
    return f"Tower Hamlets: {first or 'none'}<br>Harbourside: {second or 'none'}"


def _verdict(said: Verdict) -> str:
    return f"**{said.verdict}**"


def _limbs(said: Verdict) -> str:
    return ", ".join(limb.replace("_", " ") for limb in said.limbs)


def _beside(said: Verdict) -> str:
    return codelists.get("offence_group_names").label(said.beside).lower() if said.beside else ""


def _why(said: Verdict) -> str:
    return " ".join(said.reasons).replace(f"among: {LISTED}.", "among the listed offences.")


def recorded(event: Event) -> str:
    """What was recorded, in the fewest words."""
    code = (event.offence_code or "no code") + (f" ({event.offence_sub_code})" if event.offence_sub_code else "")
    said = [code, _parties("victim", event.victims), _parties("suspect", event.suspects)]
    if event.domestic_abuse is not False:
        said.append("domestic abuse flag" if event.domestic_abuse else "domestic abuse flag not recorded")
    said += [f"hate flag: {event.hate_strand.replace('_', ' ')}"] if event.hate_strand else []
    said += ["knife"] if event.knife else [f"weapon: {event.weapon}"] if event.weapon else []
    for other in event.linked:
        said.append(f"{'linked to' if other.crime_ref == 'D' else 'named as linked by'} [{recorded(other)}]")
    if event.link_unread:
        said.append("linked to a crime that was not sent")
    return "; ".join(part for part in said if part)


def _parties(role: str, parties: tuple[Party, ...]) -> str:
    if not parties:
        return f"no {role}"
    return f"{role} " + " and ".join(_party(each) for each in parties)


def _party(party: Party) -> str:
    if party.birth_year is not None:
        month = f"{date(2000, party.birth_month, 1):%B} " if party.birth_month else ""
        said = f"born {month}{party.birth_year}"
    else:
        said = "of unknown age" if party.age is None else str(party.age)
    return said + (f" ({party.relationship.replace('_', ' ')})" if party.relationship else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
