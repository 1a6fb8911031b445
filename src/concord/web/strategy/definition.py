"""The definition of serious violence in plain words, from the partnership's own file."""

from __future__ import annotations

from dataclasses import dataclass

from concord.strategy.loader import Partnership
from concord.strategy.shapes.definition import DefinitionFile, Limb, Parameter

VERDICTS = {"in": "Counted", "out": "Not counted", "undetermined": "Cannot be told"}


@dataclass(frozen=True, slots=True)
class Block:
    heading: str
    lead: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    intro: str
    blocks: tuple[Block, ...]
    version: str


def words(partnership: Partnership) -> Words | None:
    """None where the partnership has no definition."""
    rule: DefinitionFile | None = partnership.definition
    if rule is None:
        return None
    root = rule.limbs[rule.serious_violence]
    blocks = [_limb(rule, name, limb) for name, limb in _in_reading_order(rule)]
    if rule.parameters:
        blocks.append(Block("Ages and other settings", "", tuple(_setting(each) for each in rule.parameters.values())))
    if rule.offence:
        lines = tuple(f"{_named(each.group)}: {each.impact_on_victims}" for each in rule.offence)
        blocks.append(Block("Why these offences", "", lines))
    if rule.beside:
        lines = tuple(f"{each.name}: {each.says}" for each in rule.beside)
        blocks.append(Block("Counted beside it, never in it", "", lines))
    if rule.example:
        lines = tuple(f"{VERDICTS[each.verdict]}: {each.text}" for each in rule.example)
        blocks.append(Block("Examples the rule is tested against", "", lines))
    adopted = f"{rule.adopted_on.day} {rule.adopted_on:%B %Y}"
    return Words(rule.says or root.says or root.title, tuple(blocks), f"Version {rule.version}, adopted {adopted}.")


def _in_reading_order(rule: DefinitionFile) -> list[tuple[str, Limb]]:
    """From the limb that decides, down through what it rests on, each once."""
    found: dict[str, Limb] = {}

    def walk(name: str) -> None:
        limb = rule.limbs.get(name)
        if limb is None or name in found:
            return
        found[name] = limb
        for part in limb.parts:
            walk(part)

    walk(rule.serious_violence)
    return list(found.items())


def _limb(rule: DefinitionFile, name: str, limb: Limb) -> Block:
    if limb.offence_in:
        return Block(limb.title, limb.says or "Any of these offences:", tuple(_named(key) for key in limb.offence_in))
    parts = tuple(_part(rule, part) for part in limb.parts)
    how = (
        "Any of:"
        if limb.any_of
        else "All of:"
        if limb.all_of
        else "None of:"
        if limb.none_of
        else "The linked crime has:"
    )
    return Block(limb.title, f"{limb.says} {how}" if limb.says else how, parts)


def _named(key: str) -> str:
    return key.replace("_", " ").capitalize()


def _part(rule: DefinitionFile, part: str) -> str:
    limb = rule.limbs.get(part)
    return limb.title if limb else _named(part)


def _setting(parameter: Parameter) -> str:
    values = sorted(parameter.values.items())
    latest = values[-1][1]
    if len(values) == 1:
        return f"{parameter.says}: {latest}"
    history = ", ".join(f"{value} from {day.day} {day:%B %Y}" for day, value in values)
    return f"{parameter.says}: {history}"
