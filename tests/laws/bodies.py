"""Random bodies of a consultation, drawn from the declarations of the vocabulary.

Every section, ranges, levels and several reports occur.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import MISSING
from pydantic.fields import FieldInfo

from app.triage import Consultation, faults_of
from app.triage.checks import askable
from app.triage.conditions import Bound, atoms
from app.triage.rulebook import Rulebook
from app.triage.vocabulary.declare import Section
from app.triage.vocabulary.findings import SEGMENT_FINDINGS, VERTEBRA_FINDINGS
from app.triage.vocabulary.imaging import LevelFindings, Report
from app.triage.vocabulary.levels import is_segment
from app.triage.vocabulary.quantities import DAYS_IN, Duration, Hba1c, MyelopathyScore, NeckDisability, SagittalOffset

Limits = Mapping[str, list[float]]
DENSITIES = (0.05, 0.2, 0.5, 0.85)
_LEVELS = ("L4-L5", "L4-L5", "L5-S1", "L3-L4", "L1", "L4", "T6", "T12", "T12-L1", "C5-C6", "C6-C7", "C2", "S1", "S1-S2")
LOOSELY = 0.05
"""How often a word that leaves several values possible is used, where there is one."""
_NOTHING = {"none", "normal"}


def limits_of(rulebook: Rulebook) -> Limits:
    """The numbers that the rules compare with, by fact: values on and beside them are the interesting ones."""
    found: dict[str, set[float]] = {}
    for rule in rulebook.rules:
        for atom in atoms(rule.when):
            if isinstance(atom, Bound):
                found.setdefault(atom.fact.name, set()).add(atom.limit)
    return {name: sorted(values) for name, values in found.items()}


class BodyMaker:
    """Draws bodies from a seeded source; the same seed draws the same bodies."""

    def __init__(self, random: Random, limits: Limits) -> None:
        self._random, self._limits = random, limits
        self._density = 0.1
        self._askable = sorted(askable())

    def body(self, density: float | None = None) -> dict[str, Any]:
        """One body that is a valid consultation without faults; `density` is the share of fields that are answered."""
        while True:
            self._density = self._random.choice(DENSITIES) if density is None else density
            body = self._section(Consultation, "", keep=lambda name, _: name != "not_known")
            if self._random.random() < 0.3:
                body["not_known"] = self._random.sample(self._askable, self._random.randint(1, 5))
            if not _refused(body):
                return body

    def about(self, names: Iterable[str]) -> dict[str, Any]:
        """A body that says something of these facts, of some screening groups and of the region, and nothing else."""
        full = self.body(density=0.85)
        body: dict[str, Any] = {"complaint": {"regions": full["complaint"]["regions"]}}
        for name in names:
            section, _, key = name.partition(".")
            value = full.get(section, {}).get(key)
            if value is not None and self._random.random() < 0.7:
                body.setdefault(section, {})[key] = value
        if full.get("screening") and self._random.random() < 0.5:
            body["screening"] = full["screening"]
        return body

    def _section(
        self, model: type[Section], prefix: str, keep: Callable[[str, FieldInfo], bool] | None = None
    ) -> dict[str, Any]:
        if model is Duration:
            return self._duration(prefix)
        if model is Report:
            return self._report()
        if model in _QUANTITIES:
            return dict(_QUANTITIES[model](self._random))
        body: dict[str, Any] = {}
        for name, field in model.model_fields.items():
            inner = _inner(field.annotation)
            heading = isinstance(inner, type) and issubclass(inner, Section) and inner not in {Duration, *_QUANTITIES}
            if keep is not None and not keep(name, field):
                continue
            if field.is_required() or self._random.random() < (
                0.8 if heading or (get_origin(inner) is list and name in {"imaging", "motor"}) else self._density
            ):
                value = self._value(field, f"{prefix}{name}")
                if value not in ({}, []):
                    body[name] = value
        return body

    def _value(self, field: FieldInfo, name: str) -> Any:
        inner = _inner(field.annotation)
        extra: Any = field.json_schema_extra or {}
        if get_origin(inner) is list:
            return self._list(inner, name)
        if "enum" in extra:
            return self._random.choice(extra["enum"])
        if isinstance(inner, type) and issubclass(inner, Section):
            return self._section(inner, f"{name}.")
        return self._plain(inner, field, name)

    def _plain(self, inner: Any, field: FieldInfo, name: str) -> Any:
        random = self._random
        if inner is bool:
            return random.random() < 0.4
        if get_origin(inner) is Literal:
            extra: Any = field.json_schema_extra or {}
            loose = extra.get("x-stands-for", {})
            exact = [word for word in get_args(inner) if word not in loose]
            return random.choice(list(loose) if loose and random.random() < LOOSELY else exact)
        if inner in {int, float}:
            low, high = _bounds(field)
            number = random.choice(
                [low, high, random.uniform(low, high), *self._limits.get(name.removeprefix("imaging.levels."), ())]
            )
            number = min(max(number + random.choice([0, 0, 0, 1, -1]), low), high)
            return round(number) if inner is int else round(number, 1)
        if inner is str:
            return random.choice(["MRN-1042", "ward 7"])
        return random.choice([0, 1, 2, 3, 4, 5, "4-", "4", "4+"])

    def _list(self, inner: Any, name: str) -> list[Any]:
        item = get_args(inner)[0]
        if get_origin(item) is Literal:
            words = list(get_args(item))
            nothing = [word for word in words if word in _NOTHING]
            if nothing and self._random.random() < 0.3:
                return nothing[:1]
            words = [word for word in words if word not in _NOTHING]
            return self._random.sample(words, min(len(words), self._random.choice([1, 1, 2, 3])))
        count = self._random.choice([1, 1, 2, 3])
        if isinstance(item, type) and issubclass(item, Section):
            return [self._section(item, f"{name}.") for _ in range(count)]
        return self._random.sample(_LEVELS[1:], count)

    def _duration(self, name: str) -> dict[str, Any]:
        random, unit = self._random, self._random.choice(list(DAYS_IN))
        limits = self._limits.get(name.rstrip("."), [14.0])
        middle = random.choice([*limits, random.uniform(0, 400)]) / DAYS_IN[unit]
        first = round(max(0.0, min(middle, 90.0)), 2)
        second = round(first + random.choice([0, 1, 5]), 2)
        return random.choice(
            [
                {"value": first, "unit": unit},
                {"at_least": first, "at_most": second, "unit": unit},
                {"at_least": first, "unit": unit},
                {"at_most": second, "unit": unit},
            ]
        )

    def _report(self) -> dict[str, Any]:
        modality = self._random.choice(["radiograph", "radiograph", "ct", "mri"])
        body: dict[str, Any] = {}
        for name, field in Report.model_fields.items():
            if name not in {"modality", "levels", "date", "measured_by"} and self._random.random() < max(
                self._density, 0.2
            ):
                body[name] = self._value(field, f"imaging.{name}")
        body = {name: value for name, value in body.items() if value not in ({}, [])}
        if self._random.random() < 0.8:
            body["levels"] = [
                self._level(level, modality)
                for level in self._random.sample(sorted(set(_LEVELS)), self._random.choice([1, 1, 2, 4]))
            ]
        if self._random.random() < 0.3:
            body["date"] = f"2026-{self._random.randint(1, 12):02}-{self._random.randint(1, 28):02}"
        return {"modality": modality, **body}

    def _level(self, level: str, modality: str) -> dict[str, Any]:
        misplaced = VERTEBRA_FINDINGS if is_segment(level) else SEGMENT_FINDINGS

        def keep(name: str, field: FieldInfo) -> bool:
            return name != "level" and name not in misplaced

        body = self._section(LevelFindings, "", keep)
        return {"level": level, **_shown_on(LevelFindings, body, modality)}


def _shown_on(model: type[Section], body: dict[str, Any], modality: str) -> dict[str, Any]:
    """The findings that this modality can show."""
    shown: dict[str, Any] = {}
    for name, value in body.items():
        field = model.model_fields[name]
        extra: Any = field.json_schema_extra or {}
        inner = _inner(field.annotation)
        if isinstance(value, dict):
            below = _shown_on(inner, value, modality)
            if below:
                shown[name] = below
        elif modality in extra.get("x-seen-on", [modality]):
            shown[name] = value
    return shown


def _refused(body: dict[str, Any]) -> bool:
    try:
        return bool(faults_of(Consultation.model_validate(body)))
    except ValueError:
        return True


def _inner(annotation: Any) -> Any:
    """The type below Annotated and `| MISSING`; a union of several types (an MRC grade) stays one."""
    while get_origin(annotation) in {Annotated, Union, types.UnionType}:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
            continue
        arms = [arm for arm in get_args(annotation) if arm is not MISSING]
        if len(arms) > 1:
            return annotation
        annotation = arms[0]
    return annotation


def _bounds(field: FieldInfo) -> tuple[float, float]:
    low, high, queue = 0.0, 100.0, [field.annotation, *field.metadata]
    while queue:
        item = queue.pop()
        low = low if getattr(item, "ge", None) is None else float(item.ge)
        high = high if getattr(item, "le", None) is None else float(item.le)
        queue += [*get_args(item), *(item.metadata if isinstance(item, FieldInfo) else ())]
    return low, high


_QUANTITIES: dict[type[Section], Callable[[Random], dict[str, Any]]] = {
    Hba1c: lambda random: random.choice(
        [{"value": 7.5, "unit": "percent"}, {"value": 5.0, "unit": "percent"}, {"value": 64, "unit": "mmol_per_mol"}]
    ),
    SagittalOffset: lambda random: random.choice([{"value": 45, "unit": "mm"}, {"value": -3.5, "unit": "cm"}]),
    NeckDisability: lambda random: random.choice([{"value": 24, "scale": "raw"}, {"value": 24, "scale": "percent"}]),
    MyelopathyScore: lambda random: {"total": random.choice([11, 14, 15, 18]), "version": "benzel_18"},
}
