"""Bodies that show something, confirmed by the service's own evaluator, and made as small as they can be."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from app.triage import Consultation, faults_of

Body = dict[str, Any]
"""A body of POST /v1/triage, as JSON."""


def is_shown_by(body: Body, shows: Callable[[Consultation], bool]) -> bool:
    """Whether a body is a consultation without faults of which the evaluator says what is claimed."""
    try:
        consultation = Consultation.model_validate(body)
    except ValueError:
        return False
    return not faults_of(consultation) and shows(consultation)


def smallest(body: Body, shows: Callable[[Consultation], bool]) -> Body:
    """The body without everything that can be left out of it while the evaluator still says what is claimed."""
    while True:
        before = body
        # The last item of a list first, so that the paths of the others stay what they were.
        for path in sorted(
            _paths(body), key=lambda path: (len(path), *(-step for step in path if isinstance(step, int)))
        ):
            less = _without(body, path)
            if less is not None and is_shown_by(less, shows):
                body = less
        if body == before:
            return body


def _paths(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Everything that can be left out: keys, and items of lists of objects."""
    found: list[tuple[Any, ...]] = []
    items = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in items:
        found += [(*path, key), *_paths(value, (*path, key))]
    return found


def _without(body: Body, path: tuple[Any, ...]) -> Body | None:
    """A copy of the body without one thing, and without what that leaves empty; None where it is not there."""
    found = copy.deepcopy(body)
    trail: list[tuple[Any, Any]] = []
    place: Any = found
    for step in path:
        if not (step in place if isinstance(place, dict) else isinstance(place, list) and step < len(place)):
            return None
        trail.append((place, step))
        place = place[step]
    for parent, step in reversed(trail):
        del parent[step]
        if parent:
            break
    return found
