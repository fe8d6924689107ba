"""A grading formula: arithmetic over metrics' names, and nothing else of Python.

    20 * (accuracy - min) / (max - min)

Numbers, `+ - * / **`, brackets, names of metrics; `min` and `max` alone are those of the group for the formula's only
metric, and `min(NAME)`, `max(NAME)`, `mean(NAME)`, `median(NAME)` those of any. Of values: `min(A, B)`, `max(A, B)`,
`clip(VALUE, LOW, HIGH)`, `abs`, `sqrt`, `log`, and `divide(A, B, OTHERWISE)` for what may be divided by nothing.
"""

from __future__ import annotations

import ast
import math
import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.suite.wording import quoted

__all__ = ["Formula", "FormulaError", "evaluated", "parse_formula"]

_LONGEST = 500
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_OF_GROUP: Mapping[str, Callable[[Sequence[float]], float]] = {
    "min": min,
    "max": max,
    "mean": statistics.fmean,
    "median": statistics.median,
}
_OF_VALUES: Mapping[str, tuple[int, Callable[..., float]]] = {
    "clip": (3, lambda value, low, high: min(max(value, low), high)),
    "abs": (1, abs),
    "sqrt": (1, math.sqrt),
    "log": (1, math.log),
}
_TYPED = str.maketrans({"·": "*", "×": "*", "−": "-", "÷": "/"})
_ALLOWED = "numbers, + - * / **, brackets, metrics and the functions of formulas alone"


class FormulaError(ValueError):
    """What is wrong with a formula, and in `hint` what would be right."""

    def __init__(self, what: str, hint: str | None = None) -> None:
        super().__init__(what)
        self.hint = hint


@dataclass(frozen=True)
class Formula:
    """A formula that was parsed; `names` are its metrics, in the order in which they stand there."""

    text: str
    tree: ast.expr
    names: tuple[str, ...]


def parse_formula(text: str) -> Formula:
    """The formula that is written so. Raises FormulaError; whether its names are metrics is for others to say."""
    if len(text) > _LONGEST:
        raise FormulaError(f"a formula has up to {_LONGEST} characters, and this one {len(text):,}")
    try:
        tree = ast.parse(text.translate(_TYPED).strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise FormulaError(f"{quoted(text)} is no formula", _ALLOWED) from None
    names: dict[str, None] = {}
    bare: set[str] = set()
    _check(tree, names, bare)
    if bare and len(names) != 1:
        hint = f"write {min(bare)}(NAME), such as {min(bare)}(test_accuracy)"
        raise FormulaError(f"{quoted(min(bare))} of what? The formula has {len(names) or 'no'} metrics", hint)
    return Formula(text, tree, tuple(names))


def evaluated(formula: Formula, values: Mapping[str, float], group: Mapping[str, Sequence[float]]) -> float:
    """Its value where its metrics have these `values`, among all of the `group`'s, which aren't empty.

    Raises FormulaError where it divides by nothing, or comes to no number.
    """
    try:
        found = _value(formula.tree, values, group)
    except ZeroDivisionError:
        hint = "divide(A, B, OTHERWISE) says what counts then"
        raise FormulaError(f"{quoted(formula.text)} divides by nothing", hint) from None
    except (OverflowError, ValueError):
        raise FormulaError(f"{quoted(formula.text)} comes to no number") from None
    if isinstance(found, complex) or not math.isfinite(found):
        raise FormulaError(f"{quoted(formula.text)} comes to no number")
    return found


def _check(node: ast.expr, names: dict[str, None], bare: set[str]) -> None:
    match node:
        case ast.Constant(value=bool()):
            pass
        case ast.Constant(value=int() | float() as value) if math.isfinite(value):
            return
        case ast.Name(id="min" | "max" as name):
            bare.add(name)
            return
        case ast.Name(id=name):
            names[name] = None
            return
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
            _check(inner, names, bare)
            return
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            _check(left, names, bare)
            _check(right, names, bare)
            if isinstance(op, ast.Div) and _is_nothing(right):
                raise FormulaError("the formula divides by 0", "divide by something else")
            return
        case ast.Call(func=ast.Name(id=function), args=args, keywords=[]):
            _check_call(function, args, names, bare)
            return
    raise FormulaError(f"{quoted(ast.unparse(node))} has no place in a formula", _ALLOWED)


def _check_call(function: str, args: list[ast.expr], names: dict[str, None], bare: set[str]) -> None:
    match args:
        case [ast.Name(id=name)] if function in _OF_GROUP:
            names[name] = None
            return
    counts = {name: count for name, (count, _) in _OF_VALUES.items()} | {"divide": 3}
    several = function in ("min", "max") and len(args) > 1
    if not several and function in _OF_GROUP:
        raise FormulaError(f"{function}(…) is of one metric's name", f"{function}(test_accuracy)")
    if not several and function not in counts:
        raise FormulaError(f"there is no function {quoted(function)} in formulas", ", ".join([*_OF_GROUP, *counts]))
    if not several and len(args) != counts[function]:
        raise FormulaError(f"{function}(…) takes {counts[function]} values, and has {len(args)}")
    for one in args:
        _check(one, names, bare)


def _is_nothing(node: ast.expr) -> bool:
    """Is it 0 whatever the metrics are?"""
    try:
        return _value(node, {}, {}) == 0
    except (KeyError, ArithmeticError, ValueError):
        return False


def _value(node: ast.expr, values: Mapping[str, float], group: Mapping[str, Sequence[float]]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id="min" | "max" as name):
            (only,) = group.values() if group else [()]
            if not only:
                raise KeyError(name)
            return _OF_GROUP[name](only)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=op, operand=inner):
            found = _value(inner, values, group)
            return -found if isinstance(op, ast.USub) else found
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](_value(left, values, group), _value(right, values, group))
        case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name)]) if function in _OF_GROUP:
            return _OF_GROUP[function](group[name])
        case ast.Call(func=ast.Name(id="divide"), args=[above, below, otherwise]):
            divisor = _value(below, values, group)
            return _value(above, values, group) / divisor if divisor else _value(otherwise, values, group)
        case ast.Call(func=ast.Name(id=function), args=args):
            each = [_value(one, values, group) for one in args]
            return _OF_GROUP[function](each) if function in _OF_GROUP else _OF_VALUES[function][1](*each)
    raise AssertionError(node)  # _check lets nothing else through
