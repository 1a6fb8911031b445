"""The definition in plain language, rendered from the rule itself, for the public page and the board."""

from __future__ import annotations

from dataclasses import dataclass

from concord import codelists
from concord.definition.examples import ExampleResult, results
from concord.definition.predicates import PREDICATES, Values, clause_weapons, strand_codes
from concord.definition.rules import Condition, Definition, Join, Linked, Node, OffenceIn
from concord.strategy.shapes.definition import DefinitionFile


@dataclass(frozen=True, slots=True)
class Point:
    """A line of the rule with what stands under it."""

    text: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Offence:
    """A listed offence group with the four matters of section 13(6), as far as they are recorded."""

    name: str
    codes: tuple[str, ...]
    maximum_penalty: str
    impact_on_victims: str
    prevalence: str
    impact_on_community: str

    @property
    def open(self) -> tuple[str, ...]:
        """Matters that nobody has recorded yet: the Act requires each of them to be taken into account."""
        return tuple(words for name, words in MATTERS.items() if not getattr(self, name))


MATTERS = {
    "maximum_penalty": "the maximum penalty",
    "impact_on_victims": "the impact on victims",
    "prevalence": "how often it happens here",
    "impact_on_community": "the impact on the community",
}
"""The four matters of section 13(6) of the Police, Crime, Sentencing and Courts Act 2022."""


@dataclass(frozen=True, slots=True)
class BesideTotal:
    """Something counted beside the total: the offences whose crimes are its lines, and where else it comes from."""

    name: str
    says: str
    lines: tuple[str, ...]
    counted_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What the board is asked, and how it is read until it answers."""

    text: str
    read_as: str


@dataclass(frozen=True, slots=True)
class Description:
    """Everything a reader needs to know what is counted. Text only: the page decides how it looks."""

    title: str
    version: str
    adopted_on: str
    review_on: str
    summary: str
    rule: Point
    settings: tuple[str, ...]
    offences: tuple[Offence, ...]
    not_known: str
    beside: tuple[BesideTotal, ...]
    examples: tuple[ExampleResult, ...]
    questions: tuple[Question, ...]

    def as_text(self) -> str:
        """The whole as plain lines, for a terminal or a text file."""
        lines = [self.title, f"Version {self.version}, adopted {self.adopted_on}", "", self.summary, ""]
        lines += _lines(self.rule, 0)
        lines += ["", *self.settings, "", self.not_known, ""]
        lines += [f"- {each.example.text} {each.verdict.verdict.capitalize()}." for each in self.examples]
        return "\n".join(lines)


def _lines(point: Point, depth: int) -> list[str]:
    return ["  " * depth + ("- " if depth else "") + point.text] + [
        line for each in point.points for line in _lines(each, depth + 1)
    ]


JOINS = {"any_of": "at least one of these holds", "all_of": "all of these hold", "none_of": "none of these holds"}


def describe(definition: Definition | DefinitionFile) -> Description:
    """The definition in words."""
    rule = Definition.of(definition)
    file = rule.file
    values = rule.values(None)
    top = file.limbs[file.serious_violence]
    return Description(
        title=file.title,
        version=rule.version,
        adopted_on=f"{file.adopted_on.day} {file.adopted_on:%B %Y}",
        review_on=f"{file.review_on.day} {file.review_on:%B %Y}" if file.review_on else "",
        summary=file.says or top.says or top.title,
        rule=_point(file.serious_violence, rule, values, "A recorded crime is counted when "),
        settings=_settings(rule),
        offences=_offences(rule),
        not_known=(
            "Where what is recorded does not decide, most often because nobody was identified, a crime is "
            "undetermined. A total is given with its bounds: what is in, and what is in or undetermined."
        ),
        beside=_beside(rule),
        examples=results(rule),
        questions=tuple(Question(each.text, each.read_as) for each in file.open_question),
    )


def _point(name: str, rule: Definition, values: Values, lead: str = "") -> Point:
    limb = rule.file.limbs.get(name)
    if limb is None:
        return Point(PREDICATES[name].question.format(**values))
    node = rule.node(name)
    said = limb.title
    match node:
        case OffenceIn():
            return Point(f"{lead}the offence is one of: {said}")
        case Linked():
            return Point(f"{lead}it is linked to a crime that is {node.title}")
        case Join(how):
            points = tuple(_point(part, rule, values) for part in limb.parts)
            return Point(f"{lead}{'' if lead else said + ': '}{JOINS[how]}:", points)
        case Condition():
            return Point(lead + PREDICATES[name].question.format(**values))


def _settings(rule: Definition) -> tuple[str, ...]:
    """Each parameter with its values and the days from which they hold, and what the code lists fix."""
    said = []
    for parameter in rule.file.parameters.values():
        held = sorted(parameter.values.items())
        listed = "; ".join(f"{value} from {day.day} {day:%B %Y}" for day, value in held)
        said.append(f"{parameter.says} Value: {listed}.")
    scheme = rule.values(None).get("hate_strand_scheme")
    if scheme:
        strands = [e.label for e in codelists.get("hate_strands") if e.code in strand_codes(str(scheme))]
        said.append(f"Hate strands counted: {'; '.join(strands)}.")
    if rule.file.measures:
        weapons = [codelists.get("weapons").label(code) for code in sorted(clause_weapons())]
        said.append(f"Counted beside, never required: {'; '.join(weapons)}.")
    return tuple(said)


def _groups(node: Node) -> list[str]:
    match node:
        case OffenceIn(groups):
            return [code for code in codelists.offence_groups() if code in groups]
        case Join(_, parts):
            return [code for part in parts for code in _groups(part)]
        case Linked(part):
            return _groups(part)
        case Condition():
            return []


def _beside(rule: Definition) -> tuple[BesideTotal, ...]:
    names, codes = codelists.get("offence_group_names"), codelists.get("offence_groups")
    said = []
    for each in rule.file.beside:
        lines = []
        for group in each.groups:
            held = [code.extra["offence_code"] for code in codes if code.extra["group"] == group]
            lines.append(
                f"{names.label(group)} ({', '.join(dict.fromkeys(held)) or 'no offence code in the lists yet'})"
            )
        said.append(BesideTotal(each.name, each.says, tuple(lines), each.counted_from))
    return tuple(said)


def _offences(rule: Definition) -> tuple[Offence, ...]:
    recorded = {each.group: each for each in rule.file.offence}
    listed = []
    for group in dict.fromkeys(_groups(rule.root)):
        entry = codelists.get("offence_group_names").entry(group)
        codes = [e for e in codelists.get("offence_groups") if e.extra["group"] == group]
        factors = recorded.get(group)
        listed.append(
            Offence(
                name=entry.label,
                codes=tuple(e.extra["offence_code"] + (f" ({s})" if (s := e.extra["sub_code"]) else "") for e in codes),
                maximum_penalty=(factors.maximum_penalty if factors else None) or entry.extra["maximum_penalty"],
                impact_on_victims=(factors.impact_on_victims if factors else None) or "",
                prevalence=(factors.prevalence if factors else None) or "",
                impact_on_community=(factors.impact_on_community if factors else None) or "",
            )
        )
    return tuple(listed)
