"""The rulebook run by the Rust engine for the Common Expression Language, and consultations in its words.

The engine is asked to make up its own mind: a fact that is known as one value is a variable, one that is not known is
left out, and what follows from that is CEL's affair. A fact that is known only in part ("4 to 5 months") is neither;
rules that read one are left out of the comparison and counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cel

from app.governance.cel import CelWriter
from app.governance.cel.expressions import ROW, UNLISTED
from app.triage.conditions import Condition, atoms
from app.triage.facts import TABLES, Fact, registry
from app.triage.frames import Known
from app.triage.judge import Judge
from app.triage.rulebook import Rule, Rulebook

Place = tuple[str | None, str]
Truth = bool | None
Layer = tuple[list[str], list[cel.Program]]


@dataclass(slots=True)
class Told:
    """A consultation for the engine: its variables, and the facts that are known only in part."""

    variables: dict[str, Any]
    partly: set[Place]


class Witness:
    """Some rules of a rulebook in the engine's hands; of lists, it knows up to `rows` rows.

    Variables are flat (`complaint_leg_pain`), which the engine converts faster than maps in maps.
    """

    def __init__(self, book: Rulebook, rules: Sequence[Rule], rows: int) -> None:
        writer = CelWriter(book.definitions, rows)
        self.rules = rules
        self.reads = [places(rule.when, book) for rule in rules]
        read = frozenset().union(*self.reads)
        self.facts = {
            table: [fact for fact in registry()[table].values() if (table, fact.name) in read]
            for table in (None, *TABLES)
        }
        self._rules = [_compiled(writer.condition(rule.when)) for rule in rules]
        self._layers = _layers(
            {name: _compiled(writer.written_out(when)) for name, when in book.definitions.items()}, self._rules
        )
        self._sums = [
            (fact, _compiled(writer.score(book.scores[fact.name])))
            for fact in dict.fromkeys(atom.fact for rule in rules for atom in atoms(rule.when))
            if fact.name in book.scores and book.scores[fact.name].components
        ]

    def truths(self, told: Told) -> list[Truth]:
        """Every rule's truth, in the order of `rules`."""
        context = cel.Context(told.variables)
        for names, programs in self._layers:
            values = dict(zip(names, run(programs, context), strict=True))
            context.update({name: value for name, value in values.items() if value is not None})
        for fact, program in self._sums:
            self._add_sum(fact, program, told, context)
        return run(self._rules, context)

    def _add_sum(self, fact: Fact, program: cel.Program, told: Told, context: cel.Context) -> None:
        """Work a score out for each of its rows; one that fails is left out, as any other variable."""
        for row in told.variables[fact.table] if fact.table else [told.variables]:
            context.update({ROW: row})
            (total,) = run([program], context)
            if total is not None:
                row[fact.name] = total
        context.update({fact.table: told.variables[fact.table]} if fact.table else told.variables)

    def sums_in_part(self, known: Known) -> set[Place]:
        """The scores that the evaluator, having judged, knows as a range: they are no variable."""
        return {
            (fact.table, fact.name)
            for fact, _ in self._sums
            for frame in ([row.frame for row in known.rows[fact.table]] if fact.table else [known.frame])
            if fact.unknown() != tuple(frame[fact.slot : fact.slot + 2]) and frame[fact.slot] != frame[fact.slot + 1]
        }


def run(programs: Iterable[cel.Program], context: cel.Context) -> list[Any]:
    """The value of each; None where it fails for want of a variable. Any other failure is a fault of the text."""
    found: list[Any] = []
    for program in programs:
        try:
            found.append(program.execute(context))
        except KeyError:
            found.append(None)
        except RuntimeError as failed:
            if not str(failed).startswith("Undefined variable"):
                raise
            found.append(None)
    return found


def flat(expression: str) -> str:
    """An expression over variables whose names hold no dots but the one of their row."""
    for place, short in _FLAT.items():
        expression = expression.replace(place, short)
    return expression


def _dotted() -> dict[str, str]:
    names = {
        ("." if table else "") + fact.name
        for table, facts in registry().items()
        for fact in facts.values()
        if "." in fact.name
    }
    return {name: name[:1] + name[1:].replace(".", "_") for name in sorted(names, key=len, reverse=True)}


_FLAT = _dotted()


def _compiled(expression: str) -> cel.Program:
    return cel.compile(flat(expression))


def _layers(definitions: dict[str, cel.Program], rules: list[cel.Program]) -> list[Layer]:
    """The definitions that rules read, in as few rounds as possible, each after those that it reads."""
    wanted, pending = set[str](), list(rules)
    while pending:
        fresh = definitions.keys() & set(pending.pop().variables()) - wanted
        wanted |= fresh
        pending += [definitions[name] for name in fresh]
    depth: dict[str, int] = {}
    for name, program in definitions.items():
        if name in wanted:
            used = depth.keys() & set(program.variables())
            depth[name] = 1 + max((depth[other] for other in used), default=-1)
    rounds = [[name for name in depth if depth[name] == at] for at in range(max(depth.values(), default=-1) + 1)]
    return [(names, [definitions[name] for name in names]) for names in rounds]


def places(condition: Condition, book: Rulebook) -> frozenset[Place]:
    """What a condition reads; with a score, all that the score reads too."""
    found: set[Place] = set()
    for atom in atoms(condition):
        found.add((atom.fact.table, atom.fact.name))
        if atom.fact.name in book.scores:
            options = [when for part in book.scores[atom.fact.name].components for when, _ in part.options]
            found |= {place for when in options for place in places(when, book)}
    return frozenset(found)


def tell(known: Known, facts: Mapping[str | None, Sequence[Fact]], judge: Judge) -> Told:
    """What `learn` understood, for the engine."""
    partly: set[Place] = set()
    variables = say(facts[None], known.frame, partly)
    for table in TABLES:
        variables[table] = [say(facts[table], row.frame, partly) for row in known.rows[table]]
    variables[UNLISTED] = {
        table: [
            row
            for template in known.shadows[table]
            for row in _by_level(facts[table], judge.shadow_frame(template), partly)
        ]
        for table in TABLES
    }
    return Told(variables, partly)


def _by_level(facts: Sequence[Fact], frame: Sequence[Any], partly: set[Place]) -> list[dict[str, Any]]:
    """A row that nobody listed; of a level in a known region, one for each level that it may be."""
    others = [fact for fact in facts if fact.name != "level"]
    row = say(others, frame, partly)
    if others == facts:
        return [row]
    level = registry()["level"]["level"]
    return [row | {"level": name} for bit, name in enumerate(level.values) if frame[level.slot] >> bit & 1]


def say(facts: Iterable[Fact], frame: Sequence[Any], partly: set[Place]) -> dict[str, Any]:
    """The variables of one frame; facts that are known only in part are added to `partly`."""
    variables: dict[str, Any] = {}
    for fact in facts:
        slots = tuple(frame[fact.slot : fact.slot + 1 + fact.wide])
        if slots != fact.unknown():
            value = single(fact, slots)
            if value is None:
                partly.add((fact.table, fact.name))
            else:
                variables[fact.name.replace(".", "_")] = value
    return variables


def single(fact: Fact, slots: tuple[Any, ...]) -> Any:
    """The one value that a fact can have, as the engine takes it; None where there are several."""
    if fact.kind == "number":
        return float(slots[0]) if slots[0] == slots[1] else None
    if fact.kind == "some_of":
        return [v for bit, v in enumerate(fact.values) if slots[0] >> bit & 1] if slots[0] == slots[1] else None
    if slots[0] & (slots[0] - 1):
        return None
    value = fact.values[slots[0].bit_length() - 1]
    return value == "yes" if fact.kind == "yes_no" else value


def evaluated(judge: Judge, known: Known) -> list[Truth]:
    """Every rule's truth as the evaluator says it, in the order of the rulebook."""
    found: list[Truth] = [False] * len(judge.rulebook.rules)
    true, undecided = judge.values(known)
    for index in true:
        found[index] = True
    for index in undecided:
        found[index] = None
    return found
