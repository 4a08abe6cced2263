"""What a place in a document may hold, read from the pydantic models and said in plain words.

A place allows one or more *shapes*: `int | Range` allows two. Shapes are found by walking the models along the
keys and indices of a place, so that whatever was wrong there, the answer can say what would be right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import MISSING, BaseModel
from pydantic.fields import FieldInfo

_BOUNDS = (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than"))
_NO_UNITS = {"ratio", "index"}
_SEQUENCES = (list, tuple, set, frozenset, Sequence)


@dataclass(frozen=True, slots=True)
class Shape:
    """One type that a place may hold, with what is annotated on it: constraints (`Ge`, `MinLen`, ...) and fields."""

    type: Any
    constraints: tuple[Any, ...] = ()


Shapes: TypeAlias = tuple[Shape, ...]


def shapes_of(annotation: Any, constraints: Iterable[Any] = ()) -> Shapes:
    """The shapes of an annotation: unions and `Annotated` taken apart, `None` and MISSING left out."""
    known = tuple(constraints)
    if hasattr(annotation, "__value__"):
        return shapes_of(annotation.__value__, known)
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *added = get_args(annotation)
        return shapes_of(inner, (*known, *_flat(added)))
    if origin in (Union, UnionType):
        return tuple(shape for member in get_args(annotation) for shape in shapes_of(member, known))
    if annotation is None or annotation is NoneType or annotation is MISSING:
        return ()
    return (Shape(annotation, known),)


def shapes_inside(shapes: Shapes, step: str | int) -> Shapes:
    """The shapes of what lies one key or index inside."""
    return tuple(found for shape in shapes for found in _inside(shape, step))


def narrow_to(shapes: Shapes, tag: str) -> Shapes:
    """The shapes that pydantic's name for a branch of a union means, or all of them where that is not to be seen."""
    return tuple(shape for shape in shapes if _is_tagged(shape, tag)) or shapes


def field_named(shapes: Shapes, key: str) -> FieldInfo | None:
    """The field that `key` names in the models among the shapes."""
    return next((fields[key] for shape in shapes if key in (fields := _fields(shape))), None)


def keys_of(shapes: Shapes) -> tuple[str, ...]:
    """The keys of all models among the shapes, in the order of declaration."""
    return tuple(dict.fromkeys(key for shape in shapes for key in _fields(shape)))


def choices_of(shapes: Shapes) -> tuple[str, ...]:
    """The texts that can be chosen from, if the shapes name any."""
    return tuple(str(choice) for shape in shapes for choice in _choices(shape))


def holds_numbers(shapes: Shapes) -> bool:
    """Whether a number may stand here."""
    return any(
        shape.type in (int, float) or any(type(choice) in (int, float) for choice in _choices(shape))
        for shape in shapes
    )


def describe(shapes: Shapes) -> str:
    """What the shapes allow, in words: "a whole number, at least 0, at most 10". Empty if there is nothing to say."""
    choices = tuple(dict.fromkeys(choice for shape in shapes for choice in _choices(shape)))
    words = [_list_choices(choices)] if choices else []
    words += [_describe(shape) for shape in shapes if not _choices(shape)]
    return " or ".join(dict.fromkeys(word for word in words if word))


def key_paths(shapes: Shapes, within: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every key of the models among the shapes and inside them; lists add no step. None may hold itself."""
    for shape in shapes:
        origin = get_origin(shape.type)
        if origin in _SEQUENCES:
            yield from key_paths(shapes_inside((shape,), 0), within)
        for key in _fields(shape):
            yield (*within, key)
            yield from key_paths(_inside(shape, key), (*within, key))


def _flat(annotations: Iterable[Any]) -> list[Any]:
    return [part for item in annotations for part in (*(item.metadata if isinstance(item, FieldInfo) else ()), item)]


def _fields(shape: Shape) -> Mapping[str, FieldInfo]:
    if isinstance(shape.type, type) and issubclass(shape.type, BaseModel):
        return {field.alias or name: field for name, field in shape.type.model_fields.items()}
    return {}


def _inside(shape: Shape, step: str | int) -> Shapes:
    origin, arguments = get_origin(shape.type), get_args(shape.type)
    if isinstance(step, str):
        if (field := _fields(shape).get(step)) is not None:
            return shapes_of(field.annotation, _flat([field]))
        return shapes_of(arguments[1]) if origin in (dict, Mapping) else ()
    if origin is tuple and arguments[-1] is not Ellipsis:
        return shapes_of(arguments[step]) if step < len(arguments) else ()
    return shapes_of(arguments[0]) if origin in _SEQUENCES else ()


def _is_tagged(shape: Shape, tag: str) -> bool:
    if getattr(shape.type, "__name__", None) == tag:
        return True
    return any(tag in choices_of(shapes_of(field.annotation)) for field in _fields(shape).values())


def _choices(shape: Shape) -> tuple[Any, ...]:
    if get_origin(shape.type) is Literal:
        return get_args(shape.type)
    if isinstance(shape.type, type) and issubclass(shape.type, Enum):
        return tuple(member.value for member in shape.type)
    return ()


def _list_choices(choices: tuple[Any, ...]) -> str:
    texts = [f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in choices]
    return texts[0] if len(texts) == 1 else f"one of {', '.join(texts)}"


def _describe(shape: Shape) -> str:
    kind, origin = shape.type, get_origin(shape.type)
    if kind is bool:
        return "true or false"
    if kind in (int, float):
        return ", ".join(["a whole number" if kind is int else "a number", *_bounds(shape), *_unit(shape)])
    if kind is str:
        return _names(shape) or ", ".join(["text", *_lengths(shape, "character")])
    if kind is datetime:
        return "a time with its zone, such as 2025-03-31T09:30:00Z"
    if kind is date:
        return "a date, such as 2025-03-31"
    if keys := keys_of((shape,)):
        return f"an object with the keys {', '.join(keys)}"
    if origin in (dict, Mapping) or kind is dict:
        return "an object"
    if origin in _SEQUENCES or kind in _SEQUENCES:
        each = describe(shapes_inside((shape,), 0))
        return ", ".join(["a list", *_lengths(shape, "item"), *([f"each {each}"] if each else [])])
    return ""


def _bounds(shape: Shape) -> list[str]:
    words: list[str] = []
    for constraint in shape.constraints:
        words += [
            f"{word} {bound:g}" for name, word in _BOUNDS if (bound := getattr(constraint, name, None)) is not None
        ]
        if (step := getattr(constraint, "multiple_of", None)) is not None:
            words.append(f"a multiple of {step:g}")
    return words


def _lengths(shape: Shape, unit: str) -> list[str]:
    words: list[str] = []
    for constraint in shape.constraints:
        for name, word in (("min_length", "at least"), ("max_length", "at most")):
            if (length := getattr(constraint, name, None)) is not None:
                words.append(f"{word} {length} {unit}{'' if length == 1 else 's'}")
    return words


def _unit(shape: Shape) -> list[str]:
    """The unit, where it is one: a scale such as 0-10 would only repeat the bounds."""
    unit = _said(shape, "x-unit")
    plain = unit is None or unit in _NO_UNITS or any(character.isdigit() for character in unit)
    return [] if plain else [f"in {unit}"]


def _names(shape: Shape) -> str:
    """Names that a validator checks, where there are too many for a Literal."""
    names = _said(shape, "enum")
    return f'one of {len(names)} names, such as "{names[0]}" or "{names[-1]}"' if names else ""


def _said(shape: Shape, key: str) -> Any:
    """What a field says of itself in its JSON schema."""
    extras = (part.json_schema_extra for part in shape.constraints if isinstance(part, FieldInfo))
    return next((extra[key] for extra in extras if isinstance(extra, dict) and key in extra), None)
