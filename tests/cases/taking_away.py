"""A body with something left out: one answer at a time, or everything that an X-ray cannot show."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from app.triage.facts import registry
from tests.cases.reading import Body

Path = tuple[str | int, ...]
_SCALES = frozenset({"unit", "scale", "version"})
_NEEDED = frozenset({"regions", "level", "modality", "kind", "movement", "side", "root", "target", "views", "date"})
"""What a body, or one entry of its lists, cannot be without, and what only describes a report."""
_COMPLETE = frozenset({"courses"})
"""Lists that are taken as complete: an entry less is not an answer less."""


def without_each_answer(body: Body) -> Iterator[tuple[str, Body]]:
    """The body without one of its answers, for each answer: its JSON pointer and the rest.

    What would speak in its place goes with it: the "none" of its screening group, and the claim of a report to have
    covered a region. Otherwise their answer would take the place of silence.
    """
    for path in _answers(body, ()):
        rest = copy.deepcopy(body)
        _remove(rest, path)
        if path[0] == "imaging":
            for report in rest.get("imaging", []):
                report.pop("covers", None)
        for group in _groups(path):
            if rest.get("screening", {}).get(group) == "none":
                del rest["screening"][group]
        yield "/" + "/".join(map(str, path)), rest


def without(body: Body, pointer: str) -> Body:
    """The body without what stands at a JSON pointer; nothing else changes."""
    rest = copy.deepcopy(body)
    _remove(rest, tuple(int(step) if step.isdecimal() else step for step in pointer.removeprefix("/").split("/")))
    return rest


def films_alone(body: Body) -> Body:
    """The body with no imaging but its radiographs."""
    films = [report for report in body.get("imaging", []) if report["modality"] == "radiograph"]
    return {key: value for key, value in body.items() if key != "imaging"} | ({"imaging": films} if films else {})


def _answers(part: Any, path: Path) -> Iterator[Path]:
    """Where the answers stand: values, quantities, and whole entries of lists."""
    if isinstance(part, Mapping) and not _SCALES & part.keys():
        for key, inner in part.items():
            if key not in _NEEDED:
                yield from _answers(inner, (*path, key))
    elif isinstance(part, list) and any(isinstance(inner, Mapping) for inner in part):
        if path[-1] in _COMPLETE:
            yield path
            return
        for number, inner in enumerate(part):
            yield (*path, number)
            yield from _answers(inner, (*path, number))
    else:
        yield path


def _remove(body: Body, path: Path) -> None:
    """Take one thing out; a list, or a section, that is left with nothing goes as well."""
    *parents, last = path
    place: Any = body
    for step in parents:
        place = place[step]
    del place[last]
    if not place and parents:
        _remove(body, tuple(parents))


def _groups(path: Path) -> set[str]:
    """The screening groups that answer what stands at a path, or anything below it."""
    name = ".".join(step for step in path if isinstance(step, str))
    below = name.removeprefix("imaging.levels").removeprefix("examination.motor").removeprefix(".")
    return {
        group
        for facts in registry().values()
        for fact in facts.values()
        if name in {fact.name, "imaging", "imaging.levels", "examination.motor", "history.prior_surgery"}
        or fact.name == below
        or fact.name.startswith((f"{name}.", f"{below}." if below else "\0"))
        for group in fact.groups
    }
