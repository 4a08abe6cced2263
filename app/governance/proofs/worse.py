"""Which way a fact is worse: a yes, and what the vocabulary says (`worse`, or a group whose "none" answers it "no")."""

from __future__ import annotations

from itertools import combinations

from app.governance.solver.logic import Truth, conj, disj, neg
from app.governance.solver.scale import Span
from app.governance.solver.states import Frame
from app.governance.solver.values import Choice, Choices
from app.triage.facts import Fact


def has_direction(fact: Fact) -> bool:
    """Whether one of two values of a fact is worse: a yes, or whichever the vocabulary says."""
    if fact.inputs and fact.kind == "number":
        return False
    return fact.worse is not None or fact.kind == "yes_no" or (fact.group is not None and fact.said_no() is not None)


def became_worse(fact: Fact, before: Frame, after: Frame) -> Truth:
    """One known value became one that is worse."""
    old, new = before[fact.name], after[fact.name]
    return conj((old.single(), new.single(), _is_worse(fact, old, new)))


def _is_worse(fact: Fact, old: Choice | Choices | Span, new: Choice | Choices | Span) -> Truth:
    match old, new:
        case Span(), Span():
            if fact.worse is not None:
                return new.exceeds(old) if fact.worse == "high" else old.exceeds(new)
            normal = fact.normal or (fact.low, fact.high)
            too_low, too_high = new.pair("<", normal[0])[0], new.pair(">", normal[1])[0]
            return conj((old.inside(normal), disj((too_low, too_high))))
        case Choice(), Choice() if fact.worse is not None:
            pairs = combinations(range(len(old.classes)), 2)
            higher = disj(conj((old.possible[less], new.possible[more])) for less, more in pairs)
            return higher if fact.worse == "high" else _is_lower(old, new)
        case _, (Choice() | Choices()):
            return conj((old.equals(fact.said_no() or ()), neg(new.possible[0])))
    raise TypeError(f"{fact.name} is held in two ways")


def _is_lower(old: Choice, new: Choice) -> Truth:
    pairs = combinations(range(len(old.classes)), 2)
    return disj(conj((new.possible[less], old.possible[more])) for less, more in pairs)
