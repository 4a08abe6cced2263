"""The rulebook compiled once into functions generated from its rules.

`values` says which rules are true and which undecided. `explain` says the same and, for every undecided rule, on which
facts it still depends. `because` says which facts speak for one rule. All three come from the same expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.triage.conditions import Atom, Condition, Same, atoms, sames
from app.triage.emit import Emitter
from app.triage.facts import TABLES, Fact
from app.triage.rulebook import Rulebook, Score

Frame = list[Any]
_ROWS = ", ".join(f"T_{table}, P_{table}" for table in TABLES)


@dataclass(frozen=True, slots=True)
class RowProgram:
    """The row conditions of one table: `judge(row)` gives (true mask, possible mask).

    `opened(row)` gives for each the bits of the facts on which it still depends, `because[j]` what speaks for one.
    """

    conditions: tuple[Same, ...]
    facts: tuple[Fact, ...]
    atoms: tuple[Atom, ...]
    judge: Callable[[Sequence[Any]], tuple[int, int]]
    opened: Callable[[Sequence[Any]], tuple[int, ...]]
    because: tuple[Callable[[Sequence[Any]], list[int]], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled list of conditions. Open bits number `facts` first, then the row conditions in `sames`.

    `places` says for each row condition (by its number in `sames`) its table and its number there; `same_numbers`
    finds that number for an atom.
    """

    facts: tuple[Fact, ...]
    atoms: tuple[Atom | Same, ...]
    sames: tuple[Same, ...]
    places: tuple[tuple[str, int], ...]
    same_numbers: dict[int, int]
    tables: dict[str, RowProgram]
    values: Callable[..., tuple[list[int], list[int]]]
    explain: Callable[..., tuple[list[int], list[tuple[int, int]]]]
    because: tuple[Callable[..., list[int]], ...]
    source: str


def compile_conditions(conditions: Sequence[Condition]) -> Program:
    """Generate the functions for a list of conditions, in their order."""
    found = tuple(dict.fromkeys(same for condition in conditions for same in sames(condition)))
    tables = {table: _compile_rows(tuple(s for s in found if s.table == table)) for table in TABLES}
    row_bits = {same: number for table in tables.values() for number, same in enumerate(table.conditions)}
    flat: list[Atom | Same] = list(
        dict.fromkeys([*(a for c in conditions for a in atoms(c) if a.fact.table is None), *found])
    )
    facts = tuple(dict.fromkeys(atom.fact for atom in flat if not isinstance(atom, Same)))
    items: list[Fact | Same] = [*facts, *found]
    bits = {item: number for number, item in enumerate(items)}
    numbers = {atom: number for number, atom in enumerate(flat)}
    parts = [_values(conditions, row_bits), _explain(conditions, row_bits, bits)]
    for index, condition in enumerate(conditions):
        lone = Emitter([], row_bits)
        parts += [
            f"def because_{index}(f, {_ROWS}):",
            " found = []; add = found.append",
            *lone.because(condition, numbers, " "),
            " return found",
        ]
    source = "\n".join(parts)
    names = _run(source)
    because = tuple(names[f"because_{index}"] for index in range(len(conditions)))
    places = tuple((same.table, row_bits[same]) for same in found)
    same_numbers = {number: found.index(atom) for number, atom in enumerate(flat) if isinstance(atom, Same)}
    return Program(
        facts, tuple(flat), found, places, same_numbers, tables, names["values"], names["explain"], because, source
    )


def compile_rules(rulebook: Rulebook) -> Program:
    """The rules of a rulebook, in its order."""
    return compile_conditions([rule.when for rule in rulebook.rules])


def _values(conditions: Sequence[Condition], row_bits: dict[Same, int]) -> str:
    emitter = Emitter(conditions, row_bits)
    body: list[str] = []
    for index, condition in enumerate(conditions):
        certain, possible = emitter.pair(condition)
        body += [*_flush(emitter), f" if {possible}: yes({index}) if {certain} else may({index})"]
    return "\n".join(
        [
            f"def values(f, {_ROWS}):",
            " true = []; undecided = []; yes = true.append; may = undecided.append",
            *body,
            " return true, undecided",
        ]
    )


def _explain(conditions: Sequence[Condition], row_bits: dict[Same, int], bits: dict[Fact | Same, int]) -> str:
    emitter = Emitter(conditions, row_bits)
    body: list[str] = []
    for index, condition in enumerate(conditions):
        certain, possible = emitter.pair(condition)
        still_open = emitter.still_open(condition, bits)
        body += [*_flush(emitter), f" if {possible}: yes({index}) if {certain} else may(({index}, {still_open}))"]
    return "\n".join(
        [
            f"def explain(f, {_ROWS}):",
            " true = []; undecided = []; yes = true.append; may = undecided.append",
            *body,
            " return true, undecided",
        ]
    )


def _flush(emitter: Emitter) -> list[str]:
    lines = [" " + line for line in emitter.lines]
    emitter.lines.clear()
    return lines


def _compile_rows(conditions: tuple[Same, ...]) -> RowProgram:
    inner = [same.part for same in conditions]
    found = tuple(dict.fromkeys(atom for condition in inner for atom in atoms(condition)))
    facts = tuple(dict.fromkeys(atom.fact for atom in found))
    bits: dict[Fact | Same, int] = {fact: number for number, fact in enumerate(facts)}
    numbers: dict[Atom | Same, int] = {atom: number for number, atom in enumerate(found)}
    emitter = Emitter(inner, {})
    lines = ["def judge(r):", " true = possible = 0"]
    for number, condition in enumerate(inner):
        certain, possible = emitter.pair(condition)
        lines += [
            *_flush(emitter),
            f" if {possible}:",
            f"  possible |= {1 << number}",
            f"  if {certain}: true |= {1 << number}",
        ]
    lines.append(" return true, possible")
    lines += ["def opened(r):", " return (", *_opened(inner, bits), " )"]
    for number, condition in enumerate(inner):
        lone = Emitter([], {})
        lines += [
            f"def because_{number}(r):",
            " found = []; add = found.append",
            *lone.because(condition, numbers, " "),
            " return found",
        ]
    names = _run("\n".join(lines))
    count = range(len(conditions))
    return RowProgram(
        conditions,
        facts,
        found,
        names["judge"],
        names["opened"],
        tuple(names[f"because_{n}"] for n in count),
    )


def _opened(conditions: list[Condition], bits: dict[Fact | Same, int]) -> Iterator[str]:
    for condition in conditions:
        lone = Emitter([], {})
        certain, possible = lone.pair(condition)
        yield f"  {lone.still_open(condition, bits)} if ({possible}) and not ({certain}) else 0,"


def compile_scope(score: Score) -> Callable[[Sequence[Any], Sequence[Any]], bool]:
    """`(row, frame) -> bool`: whether a score certainly speaks of a row, or of the consultation."""
    certain = "True" if score.only_when is None else Emitter([], {}).pair(score.only_when)[0]
    scope: Callable[[Sequence[Any], Sequence[Any]], bool] = _run(f"def scope(r, f): return bool({certain})")["scope"]
    return scope


def compile_score(score: Score) -> Callable[[Sequence[Any], Sequence[Any]], tuple[float, float, list[bool]]]:
    """`(row, frame) -> (at least, at most, which components are known)` of a summed score."""
    lines = ["def total(r, f):", " low = high = 0.0; known = []"]
    for component in score.components:
        emitter = Emitter([], {})
        points = [points for _, points in component.options]
        lines += [
            " options = []",
            *(f" if {emitter.pair(when)[1]}: options.append({points!r})" for when, points in component.options),
            f" if not options: options = [{min(points)!r}, {max(points)!r}]",
            " low += min(options); high += max(options); known.append(len(options) == 1)",
        ]
    lines.append(" return low, high, known")
    total: Callable[[Sequence[Any], Sequence[Any]], tuple[float, float, list[bool]]] = _run("\n".join(lines))["total"]
    return total


def _run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(
        compile(source, "<rulebook>", "exec"), names
    )  # generated from a loaded rulebook whose every name and number was checked
    return names
