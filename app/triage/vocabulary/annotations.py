"""What a field's annotation says: its plain type, and the range of its numbers."""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import MISSING
from pydantic.fields import FieldInfo

from app.triage.vocabulary.quantities import MuscleGrade


def unwrapped(annotation: Any) -> Any:
    """The type below Annotated and `| MISSING`."""
    while True:
        origin = get_origin(annotation)
        if annotation is MuscleGrade or origin not in {Annotated, Union, types.UnionType}:
            return annotation
        if origin is Annotated:
            annotation = get_args(annotation)[0]
            continue
        rest = [arm for arm in get_args(annotation) if arm is not MISSING]
        if len(rest) != 1:
            return annotation
        annotation = rest[0]


def bounds(field: FieldInfo) -> tuple[float, float]:
    """Hard limits (ge, le) anywhere inside the annotation."""
    low, high = float("-inf"), float("inf")
    queue: list[Any] = [field.annotation, *field.metadata]
    while queue:
        item = queue.pop()
        at_least, at_most = getattr(item, "ge", None), getattr(item, "le", None)
        low = max(low, at_least) if isinstance(at_least, int | float) else low
        high = min(high, at_most) if isinstance(at_most, int | float) else high
        queue += [*get_args(item), *(item.metadata if isinstance(item, FieldInfo) else ())]
    return low, high
