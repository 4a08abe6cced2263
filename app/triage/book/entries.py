"""A rulebook as plain data for its readers: each entry with its sources, and conditions as the files write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any

from app.triage.book.attributes import source_attributes
from app.triage.book.written import written_conditions, written_entries
from app.triage.loading.kinds import is_of
from app.triage.rulebook import URGENCIES, Category, Conclusions, Coverage, Parameter, Rule, Rulebook, Score, Source

_CATEGORY_LISTS = ("supports", "opposes", "defers", "rules_out", "uncertain", "suppresses")
Entries = dict[str, dict[str, Any]]


def list_book(book: Rulebook) -> dict[str, Entries]:
    """Each kind of list, `rules` first and `coverage` last, with its entries by id; JSON throughout."""
    whens = {
        (name, line): when
        for name, text in book.files.items()
        if name.startswith("rules/")
        for line, when in written_conditions(text)
    }
    rules = {rule.id: _rule(rule, whens[rule.file, rule.line]) for rule in book.rules}
    return {
        "rules": rules,
        "definitions": dict(_definitions(book)),
        "categories": {category.id: _category(category, book.rules) for category in book.categories.values()},
        "sources": {source.id: _source(source, book.rules) for source in book.sources.values()},
        "parameters": {parameter.id: _parameter(parameter, rules.values()) for parameter in book.parameters.values()},
        "scores": {score.id: _score(score) for score in book.scores.values()},
        "coverage": {paragraph.id: _paragraph(paragraph) for paragraph in book.coverage.values()},
    }


def describe_book(book: Rulebook) -> dict[str, Any]:
    """The rulebook as a whole, without its entries: which it is, what every note says, and its source attributes."""
    return {
        **book.described(),
        "released": book.released,
        "safety_net": list(book.safety_net),
        "disclaimer": book.disclaimer,
        "urgencies": [
            {"urgency": urgency, "act_within": book.urgency_words.get(urgency, "")} for urgency in reversed(URGENCIES)
        ],
        "source_attributes": source_attributes(book),
    }


def _rule(rule: Rule, when: str) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "title": rule.title or None,
        "says": rule.says,
        "when": when,
        "concludes": _conclusions(rule.concludes),
        "strength": rule.strength,
        "sources": list(rule.sources),
        "not_modelled": rule.not_modelled,
        "file": rule.file,
        "line": rule.line,
    }


def _conclusions(concludes: Conclusions) -> dict[str, Any]:
    """Only what is concluded."""
    found: dict[str, Any] = {key: list(getattr(concludes, key)) for key in _CATEGORY_LISTS}
    found |= {
        "urgency": None if concludes.urgency is None else URGENCIES[concludes.urgency],
        "within": None if concludes.within is None else asdict(concludes.within),
        "action": concludes.action,
        "imaging": concludes.imaging,
        "consideration": concludes.consideration,
        "contradiction": concludes.contradiction,
    }
    return {key: value for key, value in found.items() if value}


def _category(category: Category, rules: Iterable[Rule]) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "category": category.id,
        "kind": category.kind,
        "title": category.title,
        "summary": category.summary,
    }
    entry["techniques"] = [
        {
            "technique": technique.id,
            "title": technique.title,
            "summary": technique.summary,
            "known": [
                {"text": claim.text, "support": claim.support, "sources": list(claim.sources)}
                for claim in technique.known
            ],
            "sources": list(technique.sources),
        }
        for technique in category.techniques
    ]
    entry["rules"] = [
        rule.id for rule in rules if any(category.id in getattr(rule.concludes, key) for key in _CATEGORY_LISTS)
    ]
    return entry


def _source(source: Source, rules: Iterable[Rule]) -> dict[str, Any]:
    fields = {key: getattr(source, key) for key in Source.__slots__ if key != "id"}
    return {"source": source.id, **fields, "rules": [rule.id for rule in rules if source.id in rule.sources]}


def _parameter(parameter: Parameter, rules: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    named = re.compile(rf"\${re.escape(parameter.id)}\b")
    return {
        "parameter": parameter.id,
        "value": parameter.value,
        "unit": parameter.unit,
        "means": parameter.means,
        "sources": list(parameter.sources),
        "others": [{"source": source, "value": value} for source, value in parameter.others],
        "rules": [rule["rule"] for rule in rules if named.search(rule["when"])],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "score": score.id,
        "title": score.title,
        "table": score.table,
        "of": score.of,
        "components": [
            {"component": part.name, "points": [points for _, points in part.options]} for part in score.components
        ],
        "bands": [
            {"band": band.name, "at_least": _finite(band.low), "at_most": _finite(band.high)} for band in score.bands
        ],
        "sources": list(score.sources),
    }


def _paragraph(paragraph: Coverage) -> dict[str, Any]:
    return {
        "paragraph": paragraph.id,
        "title": paragraph.title,
        **{kind: list(names) for kind, names in paragraph.named},
        "not_modelled": paragraph.not_modelled,
    }


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None


def _definitions(book: Rulebook) -> Iterator[tuple[str, dict[str, Any]]]:
    """Conditions that several rules share by name. The compiled rules no longer know them, the files do."""
    for file, text in book.files.items():
        if not is_of("definitions", file):
            continue
        whens = dict(written_conditions(text))
        for node in written_entries(text):
            fields = {key.value: value.value for key, value in node.value}
            name, line = fields["define"], node.start_mark.line + 1
            yield (
                name,
                {"define": name, "means": fields.get("means"), "when": whens[line], "file": file, "line": line},
            )
