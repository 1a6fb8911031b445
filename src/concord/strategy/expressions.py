"""Small total expressions for skip logic, scores and routes: parsed into a tree, never executed as code.

The grammar is a part of Python's, read with `ast` and turned into our own nodes: names, numbers, text, comparisons,
`and`, `or`, `not`, `+ - *`, `x if c else y`, and the functions of `FUNCTIONS`. No loops, no division, no attributes, so
every expression ends and none can fail for its input. What is missing is None: a comparison or a sum with it is missing
too, `and` and `or` are Kleene's. With `zero`, missing counts as 0 and as “no”, which a score must ask for by name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

Value = float | int | bool | str | None
LONGEST = 600

FUNCTIONS = {
    "count": "count(part, 'answer', ...): questions of the part with one of the answers",
    "points": "points(part or question): the points of the options chosen",
    "rows": "rows(part): how many the repeated part was filled in for",
    "unanswered": "unanswered(part): questions of the part that were asked and not answered",
    "chosen": "chosen(question, 'option'): whether the option is among those ticked",
    "ticked": "ticked(question, 'option', ...): how many options are ticked, without those named",
    "band": "band(score): the key of the score's band",
    "min": "min(x, y, ...)",
    "max": "max(x, y, ...)",
    "clamp": "clamp(x, lowest, highest)",
}
NAMING = ("count", "points", "rows", "unanswered", "chosen", "ticked", "band")
"""Functions whose first argument is a name, not a value."""


@dataclass(frozen=True, slots=True)
class Node:
    """`op` is "value", "name", "call", "and", "or", "not", "if", or an operator; `args` its parts."""

    op: str
    args: tuple[object, ...]

    def nodes(self) -> Iterator[Node]:
        yield self
        for each in self.args:
            if isinstance(each, Node):
                yield from each.nodes()


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression may ask for: `names` by name, and the functions about parts and questions."""

    names: Mapping[str, Value]
    about: Callable[[str, str, tuple[str, ...], bool], Value]
    """(function, name, texts, zero) to what it says."""


_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_SUMS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}


@lru_cache(maxsize=2048)
def parse(text: str) -> Node:
    """The tree of an expression. Raises ValueError in words where it is not one."""
    if len(text) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} characters")
    try:
        return _node(ast.parse(text.strip(), mode="eval").body)
    except SyntaxError:
        raise ValueError("it cannot be read: compare, `and`, `or`, `not`, + - * and the named functions only") from None


def _node(of: ast.expr) -> Node:
    match of:
        case ast.Constant(value=bool() | int() | float() | str()):
            return Node("value", (of.value,))
        case ast.Name():
            return Node("name", (of.id,))
        case ast.BoolOp():
            return Node("and" if isinstance(of.op, ast.And) else "or", tuple(_node(each) for each in of.values))
        case ast.UnaryOp(op=ast.Not()):
            return Node("not", (_node(of.operand),))
        case ast.UnaryOp(op=ast.USub()):
            return Node("-", (Node("value", (0,)), _node(of.operand)))
        case ast.BinOp() if type(of.op) in _SUMS:
            return Node(_SUMS[type(of.op)], (_node(of.left), _node(of.right)))
        case ast.Compare() if len(of.ops) == 1 and type(of.ops[0]) in _COMPARE:
            return Node(_COMPARE[type(of.ops[0])], (_node(of.left), _node(of.comparators[0])))
        case ast.IfExp():
            return Node("if", (_node(of.test), _node(of.body), _node(of.orelse)))
        case ast.Call(func=ast.Name(id=name), args=[*args], keywords=[]):
            return _call(name, args)
    raise ValueError(f"“{ast.unparse(of)}” is not something an expression can say")


def _call(name: str, args: list[ast.expr]) -> Node:
    if name not in FUNCTIONS:
        raise ValueError(f"there is no function “{name}”; there are {', '.join(FUNCTIONS)}")
    parts = tuple(_node(each) for each in args)
    least = 3 if name == "clamp" else 2 if name in ("count", "chosen", "min", "max") else 1
    most = (
        3
        if name == "clamp"
        else 2
        if name == "chosen"
        else 1
        if name in NAMING and name not in ("count", "ticked")
        else 99
    )
    if not least <= len(parts) <= most:
        raise ValueError(f"{FUNCTIONS[name]} was given {len(parts)}")
    if name in NAMING:
        texts = [each.args[0] for each in parts[1:] if each.op == "value" and isinstance(each.args[0], str)]
        if parts[0].op != "name" or len(texts) != len(parts) - 1:
            raise ValueError(f"{FUNCTIONS[name]}: a name first, then texts in quotes")
        return Node("call", (name, str(parts[0].args[0]), *texts))
    return Node("call", (name, *parts))


def names(of: Node) -> set[str]:
    """Every name the expression reads, in a function or by itself."""
    found = set()
    for node in of.nodes():
        if node.op == "name":
            found.add(str(node.args[0]))
        if node.op == "call" and node.args[0] in NAMING:
            found.add(str(node.args[1]))
    return found


def evaluate(of: Node, scope: Scope, *, zero: bool = False) -> Value:
    """What the expression says; None where it leans on what is missing. Total: it never raises for its input."""
    match of.op:
        case "value":
            return of.args[0]  # type: ignore[return-value]
        case "name":
            return scope.names.get(str(of.args[0]))
        case "call":
            return _called(of, scope, zero)
        case "and" | "or":
            return _both(of, scope, zero)
        case "not":
            truth = _truth(_part(of, 0, scope, zero), zero)
            return None if truth is None else not truth
        case "if":
            truth = _truth(_part(of, 0, scope, zero), zero)
            return None if truth is None else _part(of, 1 if truth else 2, scope, zero)
    return _operator(of.op, _part(of, 0, scope, zero), _part(of, 1, scope, zero), zero)


def _part(of: Node, at: int, scope: Scope, zero: bool) -> Value:
    part = of.args[at]
    return evaluate(part, scope, zero=zero) if isinstance(part, Node) else None


def _truth(value: Value, zero: bool) -> bool | None:
    if value is None:
        return False if zero else None
    return bool(value)


def _both(of: Node, scope: Scope, zero: bool) -> bool | None:
    decisive = of.op == "or"
    found = [_truth(_part(of, at, scope, zero), zero) for at in range(len(of.args))]
    if decisive in found:
        return decisive
    return None if None in found else not decisive


def _operator(op: str, left: Value, right: Value, zero: bool) -> Value:
    if op in ("+", "-", "*"):
        first, second = _number(left, zero), _number(right, zero)
        if first is None or second is None:
            return None
        # In floating point, so that no product is too large to count with.
        made = float(first) + second if op == "+" else float(first) - second if op == "-" else float(first) * second
        return int(made) if made.is_integer() and abs(made) < 1e15 else made
    if left is None or right is None:
        return False if zero else None
    if op in ("==", "!="):
        return (left == right) is (op == "==")
    if isinstance(left, str) or isinstance(right, str):
        return None
    return left < right if op == "<" else left <= right if op == "<=" else left > right if op == ">" else left >= right


def _number(value: Value, zero: bool) -> float | int | None:
    if value is None:
        return 0 if zero else None
    return None if isinstance(value, str) else value


def _called(of: Node, scope: Scope, zero: bool) -> Value:
    name = str(of.args[0])
    if name in NAMING:
        return scope.about(name, str(of.args[1]), tuple(str(each) for each in of.args[2:]), zero)
    given = [_number(_part(of, at, scope, zero), zero) for at in range(1, len(of.args))]
    known = [each for each in given if each is not None]
    if len(known) < len(given):
        return None
    if name == "clamp":
        return max(known[1], min(known[2], known[0]))
    return min(known) if name == "min" else max(known)
