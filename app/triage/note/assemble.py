"""A consultation, a rulebook and a day make a note. Nothing else does: no clock, no store, no randomness."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from app.triage.judge import Judge, Judgement
from app.triage.known import Known, learn
from app.triage.note.asking import Asking, AskPlan
from app.triage.note.categories import Verdict, Verdicts
from app.triage.note.changes import changes
from app.triage.note.extras import considerations, contradictions, imaging, scores, warnings
from app.triage.note.headline import headline
from app.triage.note.open_flags import OpenFlagReader
from app.triage.note.plan import plan_note
from app.triage.note.questions import questions
from app.triage.note.reasons import TABLE_PATHS, plain
from app.triage.note.urgency import bounds, red_flags, urgency
from app.triage.rulebook import Rulebook
from app.triage.vocabulary.consultation import Consultation


def encode(value: Any) -> bytes:
    """Canonical JSON: keys in the order they were made (declared order for bodies), no spaces, UTF-8. The same value always gives the same bytes."""
    return orjson.dumps(value)


class Triage:
    """A rulebook ready to make notes."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.judge = Judge(rulebook)
        self._plan = plan_note(rulebook)
        self._ask_plan = AskPlan(self.judge)
        self._open_flags = OpenFlagReader(self._plan)

    def note(self, consultation: Consultation, made_on: date, previous: Mapping[str, Any] | None = None, *, every_category: bool = False) -> dict[str, Any]:
        """The note for a consultation on a day.

        previous        the note of the revision before, for `changes`
        every_category  also list categories that the facts rule out
        """
        plan, judge = self._plan, self.judge
        known = learn(consultation)
        judgement = judge.judge(known)
        asking = Asking(self._ask_plan, judgement)
        open_flags = self._open_flags.read(judgement.undecided, asking)
        at_least, _ = bounds(plan, judgement)
        found = Verdicts(judge, plan, judgement, asking, at_least).all()
        listed = [v.entry for v in found if every_category or v.entry["status"] != "not_supported"]
        note: dict[str, Any] = {
            "urgency": urgency(judge, plan, judgement),
            "red_flags": [*red_flags(judge, plan, judgement), *open_flags.entries],
            "categories": listed,
            "questions": questions(plan, judgement, asking, open_flags, found, at_least),
            "imaging": imaging(judge, plan, judgement, asking, found),
            "considerations": considerations(judge, plan, judgement),
            "scores": scores(judge, judgement),
            "contradictions": contradictions(judge, plan, judgement),
            "warnings": warnings(consultation, known, made_on),
            "known_facts": _known_facts(known),
            "safety_net": list(self.rulebook.safety_net),
            "disclaimer": self.rulebook.disclaimer,
            "rulebook": self.rulebook.described(),
            "input_digest": hashlib.sha256(encode(consultation.model_dump(mode="json"))).hexdigest(),
            "made_on": made_on.isoformat(),
        }
        note["headline"] = headline(note)
        note["sources"] = self._sources(judgement, found, note)
        note["changes"] = changes(previous, note)
        return note

    def _sources(self, judgement: Judgement, found: list[Verdict], note: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Each source that stands behind a line of this note, once, by id."""
        rules = self._plan.rules
        bits = 0
        for index in judgement.true:
            bits |= rules[index].source_bits
        for index, _ in judgement.undecided:
            if rules[index].tier is not None:
                bits |= rules[index].source_bits
        for verdict in found:
            bits |= verdict.plan.source_bits
            for index, _ in verdict.open_support:
                bits |= rules[index].source_bits
        for score in note["scores"]:
            bits |= self._plan.score_bits[score["score"]]
        return list(self._plan.sources_of(bits))


def _known_facts(known: Known) -> dict[str, Any]:
    """Everything stated, by name, as it was stated; the next revision's `changes` compare with it."""
    found = {name: plain(value) for name, value in known.stated.items()}
    found |= {f"screening.{group}": answer for group, answer in known.screened.items()}
    for table, rows in known.rows.items():
        for row in rows:
            found |= {f"{TABLE_PATHS[table]}.{row.label}.{name}": plain(value) for name, value in row.stated.items()}
    return found
