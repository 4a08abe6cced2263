"""From what is known to what the rules say: which are true, which undecided, and on what the undecided ones still depend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.triage.known import Known, Template, template_frame
from app.triage.program import compile_rules, compile_score
from app.triage.rulebook import Rulebook, Score


@dataclass(slots=True)
class ScoreValue:
    """A score's interval; `parts` says, component by component, which are known. `level` is the row's label where a row has it."""

    score: Score
    level: str | None
    low: float
    high: float
    parts: list[bool]


@dataclass(slots=True)
class Judgement:
    """Rules by index. `undecided` pairs each with the bits of what it still depends on (see `Program`)."""

    known: Known
    true: list[int]
    undecided: list[tuple[int, int]]
    row_masks: tuple[int, ...]
    scores: list[ScoreValue]


class Judge:
    """A rulebook compiled for use. Building it costs tenths of a second; judging costs tens of microseconds."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.program = compile_rules(rulebook)
        self._summed = [(score, compile_score(score)) for score in rulebook.scores.values() if score.components]
        self._shadow_masks: dict[tuple[Template, ...], tuple[int, int]] = {}

    def values(self, known: Known) -> tuple[list[int], list[int]]:
        """Indices of the true and of the undecided rules, without reasons."""
        masks, _ = self._rows(known)
        return self.program.values(known.frame, *masks)

    def judge(self, known: Known) -> Judgement:
        """The same, with what each undecided rule still depends on, and the scores."""
        masks, scores = self._rows(known)
        true, undecided = self.program.explain(known.frame, *masks)
        return Judgement(known, true, undecided, masks, scores)

    def shadow_frame(self, template: Template) -> tuple[Any, ...]:
        """The frame of rows that nobody listed, with the whole range of every summed score."""
        extra = [bound for score, _ in self._summed if score.table == template.table for bound in (score.low, score.high)]
        return (*template_frame(template), *extra)

    def because(self, index: int, judgement: Judgement) -> list[int]:
        """Numbers of the atoms and row conditions that speak for a rule."""
        return self.program.because[index](judgement.known.frame, *judgement.row_masks)

    def _rows(self, known: Known) -> tuple[tuple[int, ...], list[ScoreValue]]:
        scores = self._score(known)
        masks: list[int] = []
        for table, program in self.program.tables.items():
            if not program.conditions:
                masks += (0, 0)
                continue
            true, possible = self._shadows(table, known.shadows[table])
            for row in known.rows[table]:
                row_true, row_possible = program.judge(row.frame)
                true |= row_true
                possible |= row_possible
            masks += (true, possible)
        return tuple(masks), scores

    def _shadows(self, table: str, templates: tuple[Template, ...]) -> tuple[int, int]:
        """A row nobody listed can make a condition possible, never certain: such a row may not exist."""
        found = self._shadow_masks.get(templates)
        if found is None:
            possible = 0
            for template in templates:
                possible |= self.program.tables[table].judge(self.shadow_frame(template))[1]
            found = self._shadow_masks[templates] = (0, possible)
        return found

    def _score(self, known: Known) -> list[ScoreValue]:
        values: list[ScoreValue] = []
        for score, total in self._summed:
            if score.table is None:
                low, high, parts = total((), known.frame)
                known.frame += (low, high)
                values.append(ScoreValue(score, None, low, high, parts))
                continue
            for row in known.rows[score.table]:
                low, high, parts = total(row.frame, known.frame)
                row.frame += (low, high)
                values.append(ScoreValue(score, row.label, low, high, parts))
        return values
