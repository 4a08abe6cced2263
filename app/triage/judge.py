"""From what is known to what the rules say: which are true, which undecided, and what the undecided still depend on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any

from app.triage.facts import blank
from app.triage.frames import Known, Row, Template
from app.triage.program import compile_rules, compile_scope, compile_score
from app.triage.rulebook import Rulebook, Score

SHADOWS_KEPT = 4096


@dataclass(slots=True)
class ScoreValue:
    """A score's interval; `parts` says, component by component, which are known.

    `level` is the row's label where a row has it; `within` says whether the score speaks of this row.
    """

    score: Score
    level: str | None
    low: float
    high: float
    parts: list[bool]
    within: bool


@dataclass(slots=True)
class RowResults:
    """What the row conditions say: (true, possible) masks of each table in turn, and of each of its listed rows."""

    masks: tuple[int, ...]
    by_table: dict[str, list[tuple[Row, int, int]]]


@dataclass(slots=True)
class Judgement:
    """Rules by index. `undecided` pairs each with the bits of what it still depends on (see `Program`)."""

    known: Known
    true: list[int]
    undecided: list[tuple[int, int]]
    rows: RowResults
    scores: list[ScoreValue]


class Judge:
    """A rulebook compiled for use. Building it costs tenths of a second; judging costs tens of microseconds."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.program = compile_rules(rulebook)
        self.scopes = {name: compile_scope(score) for name, score in rulebook.scores.items()}
        self._summed = [(score, compile_score(score)) for score in rulebook.scores.values() if score.components]
        self._frame_sizes = {score.table: len(blank(score.table)) for score, _ in self._summed}
        # Consultations differ in what rules rows out: what nobody listed is worked out once for each way, and kept.
        self.shadow_frame = lru_cache(maxsize=SHADOWS_KEPT)(self._shadow_frame)
        self._shadows = lru_cache(maxsize=SHADOWS_KEPT)(self._judge_shadows)
        self._shadow_opened = lru_cache(maxsize=SHADOWS_KEPT)(self._open_shadows)

    def values(self, known: Known) -> tuple[list[int], list[int]]:
        """Indices of the true and of the undecided rules, without reasons."""
        rows, _ = self._rows(known)
        return self.program.values(known.frame, *rows.masks)

    def judge(self, known: Known) -> Judgement:
        """The same, with what each undecided rule still depends on, and the scores."""
        rows, scores = self._rows(known)
        true, undecided = self.program.explain(known.frame, *rows.masks)
        return Judgement(known, true, undecided, rows, scores)

    def _shadow_frame(self, template: Template) -> tuple[Any, ...]:
        """The frame of rows that nobody listed, with the whole range of every summed score."""
        extra = [
            bound for score, _ in self._summed if score.table == template.table for bound in (score.low, score.high)
        ]
        return (*template.frame, *extra)

    def opened_rows(self, known: Known, table: str) -> tuple[int, ...]:
        """What a table's row conditions still depend on: in the listed rows, else in rows nobody listed."""
        unlisted = self._shadow_opened(table, known.shadows[table])
        opened = self.program.tables[table].opened
        rows = [opened(row.frame) for row in known.rows[table]]
        if not rows:
            return unlisted
        listed = rows[0] if len(rows) == 1 else [reduce(or_, bits) for bits in zip(*rows, strict=True)]
        # What a listed level leaves open is looked for there; only where it leaves nothing open, elsewhere.
        elsewhere = table == "level"
        return tuple([a if a and elsewhere else a | b for a, b in zip(listed, unlisted, strict=True)])

    def _open_shadows(self, table: str, templates: tuple[Template, ...]) -> tuple[int, ...]:
        program = self.program.tables[table]
        each = [program.opened(self.shadow_frame(template)) for template in templates]
        return tuple(reduce(or_, bits) for bits in zip(*each, strict=True)) if each else (0,) * len(program.conditions)

    def because(self, index: int, judgement: Judgement) -> list[int]:
        """Numbers of the atoms and row conditions that speak for a rule."""
        return self.program.because[index](judgement.known.frame, *judgement.rows.masks)

    def _rows(self, known: Known) -> tuple[RowResults, list[ScoreValue]]:
        scores = self._score(known)
        masks: list[int] = []
        by_table: dict[str, list[tuple[Row, int, int]]] = {}
        for table, program in self.program.tables.items():
            true, possible = self._shadows(table, known.shadows[table]) if program.conditions else (0, 0)
            results = by_table[table] = [(row, *program.judge(row.frame)) for row in known.rows[table]]
            for _, row_true, row_possible in results:
                true |= row_true
                possible |= row_possible
            masks += (true, possible)
        return RowResults(tuple(masks), by_table), scores

    def _judge_shadows(self, table: str, templates: tuple[Template, ...]) -> tuple[int, int]:
        """A row nobody listed can make a condition possible, never certain: such a row may not exist."""
        possible = 0
        for template in templates:
            possible |= self.program.tables[table].judge(self.shadow_frame(template))[1]
        return 0, possible

    def _score(self, known: Known) -> list[ScoreValue]:
        """Work the summed scores out into the slots behind the facts of each frame."""
        values: list[ScoreValue] = []
        for table, size in self._frame_sizes.items():
            for frame in [known.frame] if table is None else [row.frame for row in known.rows[table]]:
                del frame[size:]
        for score, total in self._summed:
            if score.table is None:
                low, high, parts = total((), known.frame)
                known.frame += (low, high)
                values.append(ScoreValue(score, None, low, high, parts, self.scopes[score.id]((), known.frame)))
                continue
            for row in known.rows[score.table]:
                low, high, parts = total(row.frame, known.frame)
                row.frame += (low, high)
                within = self.scopes[score.id](row.frame, known.frame)
                values.append(ScoreValue(score, row.label, low, high, parts, within))
        return values
