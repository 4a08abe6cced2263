"""Truth values for the solver that fold what is already decided, so that its formulas stay small.

A `Truth` is a Python bool where the answer does not depend on the consultation, and a z3 expression where it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import z3

Truth = Any
"""bool or z3.BoolRef; z3 brings no types."""

# z3's own And, Or and Not look through every argument for what it could be turned into; here all are formulas already,
# and most of the time of a proof would go there.
_CONTEXT = z3.main_ctx()
_REF = _CONTEXT.ref()
_SEVERAL = 2


def _array(parts: list[Any]) -> Any:
    return (z3.Ast * len(parts))(*[part.ast for part in parts])


def conj(parts: Iterable[Truth]) -> Truth:
    """All of them."""
    kept: list[Any] = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            kept.append(part)
    if len(kept) < _SEVERAL:
        return kept[0] if kept else True
    return z3.BoolRef(z3.Z3_mk_and(_REF, len(kept), _array(kept)), _CONTEXT)


def disj(parts: Iterable[Truth]) -> Truth:
    """Any of them."""
    kept: list[Any] = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            kept.append(part)
    if len(kept) < _SEVERAL:
        return kept[0] if kept else False
    return z3.BoolRef(z3.Z3_mk_or(_REF, len(kept), _array(kept)), _CONTEXT)


def neg(part: Truth) -> Truth:
    """The opposite."""
    return not part if isinstance(part, bool) else z3.BoolRef(z3.Z3_mk_not(_REF, part.ast), _CONTEXT)


def same(one: Truth, other: Truth) -> Truth:
    """Both hold, or neither."""
    if isinstance(one, bool):
        return other if one else neg(other)
    if isinstance(other, bool):
        return one if other else neg(one)
    return z3.BoolRef(z3.Z3_mk_iff(_REF, one.ast, other.ast), _CONTEXT)


def implies(first: Truth, second: Truth) -> Truth:
    """Where the first holds, so does the second."""
    return disj((neg(first), second))


def pick(when: Truth, then: Truth, otherwise: Truth) -> Truth:
    """`then` where `when` holds, else `otherwise`."""
    return disj((conj((when, then)), conj((neg(when), otherwise))))


def at_least(count: int, weighed: Iterable[tuple[Truth, int]]) -> Truth:
    """The weights of those that hold add up to the count; no weight is negative."""
    rest: list[tuple[Any, int]] = []
    for truth, weight in weighed:
        if truth is True:
            count -= weight
        elif truth is not False and weight:
            rest.append((truth, weight))
    if count <= 0 or sum(weight for _, weight in rest) < count:
        return count <= 0
    return z3.PbGe(rest, count)
