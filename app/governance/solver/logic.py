"""Truth values for the solver that fold what is already decided, so that its formulas stay small.

A `Truth` is a Python bool where the answer does not depend on the consultation, and a z3 expression where it does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import z3

Truth = Any
"""bool or z3.BoolRef; z3 brings no types."""


def conj(parts: Iterable[Truth]) -> Truth:
    """All of them."""
    kept: list[Any] = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            kept.append(part)
    if not kept:
        return True
    return kept[0] if len(kept) == 1 else z3.And(kept)


def disj(parts: Iterable[Truth]) -> Truth:
    """Any of them."""
    kept: list[Any] = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            kept.append(part)
    if not kept:
        return False
    return kept[0] if len(kept) == 1 else z3.Or(kept)


def neg(part: Truth) -> Truth:
    """The opposite."""
    return not part if isinstance(part, bool) else z3.Not(part)


def implies(first: Truth, second: Truth) -> Truth:
    """Where the first holds, so does the second."""
    return disj((neg(first), second))


def pick(when: Truth, then: Truth, otherwise: Truth) -> Truth:
    """`then` where `when` holds, else `otherwise`."""
    return disj((conj((when, then)), conj((neg(when), otherwise))))


def compare(number: Any, operator: str, limit: float) -> Truth:
    """A number compared with a constant, exactly as floating point holds it; whole numbers with whole ones."""
    if isinstance(number, int | float):
        return _holds(number, operator, limit)
    if number.is_int():
        # Among whole numbers "at least 2.5" is "at least 3" and "above 2.5" is "above 2".
        bound: Any = math.ceil(limit) if operator in {">=", "<"} else math.floor(limit)
    else:
        bound = exact(limit)
    if operator == ">=":
        return number >= bound
    if operator == ">":
        return number > bound
    return number <= bound if operator == "<=" else number < bound


def exact(number: float) -> Any:
    """The very number that a float holds, as a real number of the solver."""
    return z3.RealVal(str(Fraction(number)))


def _holds(number: float, operator: str, limit: float) -> bool:
    if operator == ">=":
        return number >= limit
    if operator == ">":
        return number > limit
    return number <= limit if operator == "<=" else number < limit
