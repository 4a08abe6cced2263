"""What rules lean on: shared definitions, categories, scores, disputed numbers and sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite

from app.triage.book.english import Sayer, amount
from app.triage.book.markdown import code, link, plain, table
from app.triage.book.numbers import named_parameters, said_number
from app.triage.book.said import CONCLUDED, SUPPORT, said_source
from app.triage.book.written import entry_nodes, listed
from app.triage.loading.tree import Node
from app.triage.rulebook import Category, Rulebook, Technique

_HAIR = 0.01
DEFINITIONS, CATEGORIES, SCORES, NUMBERS, SOURCES = (
    "Definitions that rules share",
    "Procedures and pathways",
    "Scores",
    "Numbers that sources dispute",
    "Sources",
)


def definitions(book: Rulebook, sayer: Sayer, nodes: Mapping[str, Node]) -> Iterator[str]:
    """Each shared condition under its name."""
    yield from ("", f"## {DEFINITIONS}")
    for entry in entry_nodes("definitions", book.files):
        name, when = entry.value["define"].value, entry.value["when"]
        yield from ("", f"### Definition {name}", "")
        if "means" in entry.value:
            yield from (plain(entry.value["means"].value), "")
        yield from sayer.say(when).lines()
        yield from (f"- Number {said_number(book.parameters[name])}" for name in named_parameters(when, nodes))


def categories(book: Rulebook) -> Iterator[str]:
    """Each category with what is known of its techniques."""
    yield from ("", f"## {CATEGORIES}")
    for category in book.categories.values():
        yield from ("", f"### {plain(category.title)}", "")
        kind = "for wear, so set aside by a suspected infection or tumour" if category.for_wear else ""
        yield f"{plain(category.summary)} ({'; '.join(filter(None, (category.kind, kind, code(category.id))))})"
        for technique in category.techniques:
            yield from _technique(technique)
        yield from _spoken_of(book, category)


def _technique(technique: Technique) -> Iterator[str]:
    yield from ("", f"#### {plain(technique.title)}", "")
    yield f"{plain(technique.summary)} {_sources(technique.sources)}"
    yield ""
    for claim in technique.known:
        memory = ", **from memory only**" if claim.recalled else ""
        yield f"- {plain(claim.text)}: {SUPPORT[claim.support]}{memory} {_sources(claim.sources)}"


def _spoken_of(book: Rulebook, category: Category) -> Iterator[str]:
    kinds = [kind for kind in CONCLUDED if kind != "suppresses"]
    speaking = [
        link(code(rule.id), rule.id)
        for rule in book.rules
        if any(category.id in getattr(rule.concludes, kind) for kind in kinds)
    ]
    yield from ("", f"Rules that speak of it: {', '.join(speaking) or 'none yet'}.")


def scores(book: Rulebook, sayer: Sayer) -> Iterator[str]:
    """Each score with its table and bands."""
    yield from ("", f"## {SCORES}")
    for entry in entry_nodes("scores", book.files):
        score = book.scores[entry.value["score"].value]
        yield from ("", f"### {plain(score.title)}", "")
        where = {None: "", "level": " for each level"}.get(score.table, f" for each {score.table}")
        yield f"{code(score.id)}{where} {_sources(score.sources)}"
        if "only_when" in entry.value:
            yield from ("", f"Only when: {sayer.say(entry.value['only_when'], score.table).phrase()}")
        if score.not_modelled is not None:
            yield from ("", f"Not modelled: {plain(score.not_modelled)}")
        if "sum" in entry.value:
            rows = _component_rows(entry.value["sum"], sayer, score.table)
            yield from ("", *table(("component", "holds", "points"), rows))
        bands = ((plain(band.name), _end(band.low), _end(band.high)) for band in score.bands)
        yield from ("", *table(("band", "from", "to"), bands))


def _component_rows(components: Node, sayer: Sayer, row: str | None) -> Iterator[tuple[str, str, str]]:
    for component in listed(components):
        name = plain(component.value["component"].value)
        for option in listed(component.value["options"]):
            said = sayer.say(option.value["when"], row).phrase()
            yield name, said, f"{option.value['points'].value:g}"


def _end(number: float) -> str:
    """The end of a band. Bands that meet leave a hair between them, which is said in words."""
    if not isfinite(number):
        return "no limit"
    beyond = number - round(number)
    if 0 < abs(beyond) < _HAIR:
        return f"{'above' if beyond > 0 else 'below'} {round(number)}"
    return f"{number:g}"


def numbers(book: Rulebook) -> Iterator[str]:
    """Each disputed number with its value, who says so, and who says otherwise."""
    yield from ("", f"## {NUMBERS}")
    for parameter in book.parameters.values():
        yield from ("", f"### Number {parameter.id}", "", f"**{amount(parameter)}**: {plain(parameter.means)}", "")
        yield from (f"- {said_source(book.sources[name])}" for name in parameter.sources)
        for name, value in parameter.others:
            yield f"- says {value:g} instead: {said_source(book.sources[name])}"


def sources(book: Rulebook) -> Iterator[str]:
    """Every source by its id, and what leans on it."""
    yield from ("", f"## {SOURCES}")
    for source in sorted(book.sources.values(), key=lambda source: source.id.lower()):
        yield from ("", f"### Source {source.id}", "")
        identifier = f" {plain(source.identifier)}." if source.identifier else ""
        yield f"{plain(source.citation)}.{identifier}"
        used = [link(code(rule.id), rule.id) for rule in book.rules if source.id in rule.sources]
        yield from ("", f"- {said_source(source)}; looked at on {source.reviewed_on}")
        yield f"- Rules: {', '.join(used) or 'none'}."


def _sources(names: tuple[str, ...]) -> str:
    return f"({', '.join(link(name, f'Source {name}') for name in names)})"
