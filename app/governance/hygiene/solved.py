"""Rules that can never be true, are always true, or say nothing that another does not say: proven by the solver.

Needs z3 (the optional extra `prove`); import this only where `app.governance.has_solver()`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from app.governance.hygiene.finding import Finding, Place
from app.governance.solver import Finder
from app.governance.urgent import urgent
from app.triage import Consultation
from app.triage.judge import Judge
from app.triage.known import learn
from app.triage.rulebook import Rule, Rulebook
from app.triage.screening import GROUPS


@dataclass(frozen=True, slots=True)
class _Shown:
    """A consultation in which a rule is true, and all rules that are true in it, by index."""

    body: dict[str, Any]
    true: frozenset[int]


def solved_findings(book: Rulebook, judge: Judge) -> Iterator[Finding]:
    """Every such rule. What is neither proven nor shown is a finding too, so that silence means proven."""
    finder, shown = Finder(book), dict[int, _Shown]()
    for index, rule in enumerate(book.rules):
        found = finder.find((rule.when, "true"))
        if found.none:
            problem = f"rule {rule.id} can never be true"
            yield _finding(rule, "never-fires", "error", problem, "a condition that some consultation meets")
        elif found.body is None:
            problem = f"whether rule {rule.id} can be true was neither shown nor disproved"
            yield _finding(rule, "not-proven", "note", problem, "a simpler condition, or a case in tests/cases")
        else:
            true, _ = judge.values(learn(Consultation.model_validate(found.body)))
            shown[index] = _Shown(found.body, frozenset(true))
    yield from _always(book, judge, finder)
    yield from _repeated(book, finder, shown)


_CALM: dict[str, Any] = {"complaint": {"regions": ["lumbar"]}, "screening": dict.fromkeys(GROUPS, "none")}
"""A consultation in which most red flags are false, so that the solver has fewer to look at."""


def _always(book: Rulebook, judge: Judge, finder: Finder) -> Iterator[Finding]:
    """Rules that no consultation makes false."""
    true, undecided = judge.values(learn(Consultation.model_validate(_CALM)))
    for index in sorted({*true, *undecided}):
        rule = book.rules[index]
        if finder.find((rule.when, "false")).none:
            problem = f"rule {rule.id} is false of no consultation"
            yield _finding(rule, "always-true", "error", problem, "a condition that some consultation does not meet")


def _repeated(book: Rulebook, finder: Finder, shown: Mapping[int, _Shown]) -> Iterator[Finding]:
    """Rules whose condition implies that of another rule that concludes as much or more."""
    hidden: dict[tuple[int, int], None] = {}
    for one, other in permutations(shown, 2):
        rule, wider = book.rules[one], book.rules[other]
        # What another consultation already denies need not be put to the solver.
        if other in shown[one].true and _covers(wider, rule):
            implies = finder.find((rule.when, "true"), (wider.when, "not true")).none
            hidden |= {(one, other): None} if implies else {}
    for one, other in hidden:
        rule, wider = book.rules[one], book.rules[other]
        where = f"{wider.id} ({wider.file}:{wider.line})"
        if (other, one) not in hidden:
            problem = f"wherever rule {rule.id} is true, so is {where}, which concludes as much"
            remedy = "a conclusion of its own, or one rule"
            yield _finding(rule, "shadowed-rule", "note", problem, remedy, shown[one].body)
        elif one > other:
            problem = f"rule {rule.id} is true exactly where {where} is, and concludes the same"
            yield _finding(rule, "equal-rules", "error", problem, "one rule")


_LISTS = ("supports", "opposes", "defers", "rules_out", "uncertain", "suppresses")


def _covers(wider: Rule, rule: Rule) -> bool:
    """Whether all that a rule does to a note is also done by another.

    Where a rule only says something (against a category, or before any operation), its sentence is what it does.
    """
    mine, theirs = rule.concludes, wider.concludes
    decides = mine.urgency is not None or mine.supports or mine.defers or mine.rules_out or mine.suppresses
    return (
        urgent(theirs) >= urgent(mine)
        and all(set(getattr(mine, key)) <= set(getattr(theirs, key)) for key in _LISTS)
        and (mine.imaging is None or theirs.imaging == mine.imaging)
        and bool(decides or (rule.says == wider.says and mine.consideration <= theirs.consideration))
    )


def _finding(
    rule: Rule, code: str, severity: Any, problem: str, remedy: str, witness: dict[str, Any] | None = None
) -> Finding:
    return Finding(Place(rule.file, rule.line), code, severity, problem, remedy, witness)
