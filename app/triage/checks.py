"""What a body may not say although each value is allowed: double readings, and "none" beside something in one list."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import MISSING

from app.errors import Fault
from app.triage.facts import TABLE_PATHS, registry
from app.triage.vocabulary.consultation import Consultation
from app.triage.vocabulary.declare import Section

_NOTHING = {"none", "normal"}


def faults_of(consultation: Consultation) -> list[Fault]:
    """Every such fault of a valid consultation; empty when it can be judged."""
    return [*_lists(consultation, ""), *_not_known(consultation)]


def _lists(section: Section, pointer: str) -> Iterator[Fault]:
    for name in _composite(type(section)):
        value = getattr(section, name)
        if value is MISSING:
            continue
        at = f"{pointer}/{name}"
        if isinstance(value, Section):
            yield from _lists(value, at)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, Section):
                    yield from _lists(item, f"{at}/{number}")
            yield from _list_faults(value, at)


@cache
def _composite(model: type[Section]) -> tuple[str, ...]:
    """The fields of a section that may hold a list or another section; most hold neither."""
    simple = {"bool", "int", "float", "str", "date", "Literal"}
    names = {name: _shape(field.annotation) for name, field in model.model_fields.items()}
    return tuple(name for name, shapes in names.items() if not shapes <= simple)


def _shape(annotation: Any) -> set[str]:
    """Names of the outermost types of an annotation, below Annotated and unions."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _shape(get_args(annotation)[0])
    if origin in {Union, UnionType}:
        return {name for arm in get_args(annotation) if arm is not MISSING for name in _shape(arm)}
    return {getattr(origin or annotation, "__name__", str(origin or annotation))}


def _list_faults(values: list[Any], at: str) -> Iterator[Fault]:
    words = [value for value in values if isinstance(value, str)]
    for number, word in enumerate(words):
        if word in words[:number]:
            yield Fault(f"{at}/{number}", f"'{word}' stands twice", "each value once")
    if len(words) > 1 and _NOTHING & set(words):
        nothing = next(word for word in words if word in _NOTHING)
        yield Fault(at, f"'{nothing}' together with other values", f"['{nothing}'] alone, or the other values alone")


def askable() -> set[str]:
    """Names that `not_known` may hold: facts of the consultation, and the lists of rows."""
    return {fact.name for fact in registry()[None].values() if fact.question} | set(TABLE_PATHS.values())


def _not_known(consultation: Consultation) -> Iterator[Fault]:
    if consultation.not_known is MISSING:
        return
    known = askable()
    for number, name in enumerate(consultation.not_known):
        at = f"/not_known/{number}"
        if name not in known:
            close = get_close_matches(name, known, n=1)
            yield Fault(
                at,
                "this is not the name of a fact",
                f"did you mean '{close[0]}'?" if close else "a name from GET /v1/vocabulary",
            )
        elif _stated(consultation, name):
            yield Fault(at, f"'{name}' is answered in this body and also said to be not known", "one of the two")


def _stated(consultation: Consultation, name: str) -> bool:
    place: Any = consultation
    for part in name.split("."):
        if isinstance(place, list):
            return any(getattr(item, part, MISSING) is not MISSING for item in place)
        place = getattr(place, part, MISSING)
        if place is MISSING:
            return False
    return True
