"""A consultation, a rulebook and a day make a note. Nothing else does: no clock, no store, no randomness."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from app.triage.facts import TABLE_PATHS
from app.triage.judge import Judge
from app.triage.known import Known, learn
from app.triage.note.anchors import Anchors
from app.triage.note.asking import AskPlan
from app.triage.note.categories import Reasons
from app.triage.note.changes import changes
from app.triage.note.extras import considerations, contradictions, imaging, scores, warnings
from app.triage.note.headline import headline, present_of
from app.triage.note.limits import limits, reach_of
from app.triage.note.pattern import pattern_of
from app.triage.note.plan import plan_note
from app.triage.note.reading import Reader, Reading
from app.triage.note.reasons import Quotes, plain
from app.triage.note.urgency import present_flags, urgency
from app.triage.rulebook import Rulebook
from app.triage.vocabulary.consultation import Consultation

ENGINE = 1
"""Counts the engine's meaning and the shape of its notes; a note made by another engine may differ on replay."""


def encode(value: Any) -> bytes:
    """JSON of a note: keys in the order they were made, no spaces, UTF-8. The same note always gives the same bytes."""
    return orjson.dumps(value)


def canonical(value: Any) -> bytes:
    """JSON of a body: sorted keys, no spaces, UTF-8, whatever order it came in."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


class Triage:
    """A rulebook ready to make notes."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.judge = Judge(rulebook)
        self._plan = plan_note(rulebook)
        self._reach = reach_of(rulebook)
        self._anchors = Anchors(self.judge, self._plan)
        asking = AskPlan(self.judge)
        self._reader, self._input_names = Reader(self._plan, asking), asking.input_names()

    def note(
        self,
        consultation: Consultation,
        made_on: date,
        previous: Mapping[str, Any] | None = None,
        *,
        every_category: bool = False,
    ) -> dict[str, Any]:
        """The note for a consultation on a day.

        previous        the note of the revision before, for `changes`
        every_category  also list categories that the facts rule out
        """
        return self._make(consultation, made_on, previous, every_category=every_category)[0]

    def write(
        self,
        consultation: Consultation,
        made_on: date,
        previous: Mapping[str, Any] | None = None,
        *,
        every_category: bool = False,
    ) -> tuple[dict[str, Any], bytes]:
        """The same note, and `encode` of it, made faster: what a pattern shares with others is not encoded again."""
        note, reading = self._make(consultation, made_on, previous, every_category=every_category)
        present = [orjson.dumps(flag) for flag in present_of(note)]
        flags = b",".join([*present, reading.flags_json] if reading.flags_json else present)
        kept = {
            "red_flags": orjson.Fragment(b"[" + flags + b"]"),
            "questions": orjson.Fragment(reading.questions_json),
            "sources": orjson.Fragment(self._plan.sources_json(self._source_bits(reading, note["scores"]))),
        }
        return note, orjson.dumps(note | kept)

    def _make(
        self, consultation: Consultation, made_on: date, previous: Mapping[str, Any] | None, *, every_category: bool
    ) -> tuple[dict[str, Any], Reading]:
        plan, known = self._plan, learn(consultation)
        judgement = self.judge.judge(known)
        quotes = Quotes(self.judge, judgement)
        anchored = self._anchors.anchored(judgement, quotes)
        facts = {index: quotes.facts_for(index) for index in (*judgement.true, *anchored)}
        reading = self._reader.read(pattern_of(self.judge, judgement, anchored, self._input_names))
        reasons = Reasons(plan, facts)
        score_entries = scores(self.judge, judgement)
        note: dict[str, Any] = {
            "urgency": urgency(self.judge, plan, judgement, reading),
            "red_flags": [*present_flags(plan, judgement, facts), *reading.flags],
            "categories": [reasons.entry(v) for v in reading.verdicts if every_category or v.status != "not_supported"],
            "questions": reading.questions,
            "imaging": [*imaging(plan, judgement, facts), *reading.imaging],
            "considerations": considerations(plan, judgement, facts),
            "scores": score_entries,
            "contradictions": contradictions(plan, judgement, facts),
            "warnings": warnings(consultation, known, made_on),
            "limits": limits(self._reach, known),
            "known_facts": _known_facts(known),
            "safety_net": list(self.rulebook.safety_net),
            "disclaimer": self.rulebook.disclaimer,
            "sources": list(plan.sources_of(self._source_bits(reading, score_entries))),
            "rulebook": self.rulebook.described(),
            "engine": ENGINE,
            "input_digest": hashlib.sha256(canonical(consultation.model_dump(mode="json"))).hexdigest(),
            "made_on": made_on.isoformat(),
        }
        changed = changes(previous, note)
        return {"headline": headline(note, changed), **note, "changes": changed}, reading

    def _source_bits(self, reading: Reading, score_entries: list[dict[str, Any]]) -> int:
        """Bits of the sources that stand behind the lines of this note."""
        bits = reading.source_bits
        for score in score_entries:
            bits |= self._plan.score_bits[score["score"]]
        return bits


def _known_facts(known: Known) -> dict[str, Any]:
    """Everything stated, by name, as it was stated; the next revision's `changes` compare with it."""
    found = {name: plain(value) for name, value in known.stated.items()}
    if known.not_known:
        found["not_known"] = sorted(known.not_known)
    for table, rows in known.rows.items():
        for row in rows:
            found |= {f"{TABLE_PATHS[table]}.{row.label}.{name}": plain(value) for name, value in row.stated.items()}
    return found
