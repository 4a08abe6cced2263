"""Consultations to measure with: a seeded pool as varied as a clinic's day, and the README's example."""

from __future__ import annotations

from random import Random
from typing import Any

import orjson

from app.services.examples import FIRST
from app.triage import Consultation, faults_of

Body = dict[str, Any]

_GROUPS = (
    "cauda_equina",
    "weakness",
    "infection",
    "cancer",
    "injury",
    "cord",
    "vessels_and_organs",
    "mood",
)
_REGIONS = (["lumbar"], ["lumbar"], ["lumbar"], ["cervical"], ["thoracic"], ["cervical", "lumbar"])
_SEGMENTS = {"lumbar": ("L3-L4", "L4-L5", "L5-S1"), "cervical": ("C4-C5", "C5-C6", "C6-C7"), "thoracic": ("T7-T8",)}
_NARROWING = ("none", "mild", "moderate", "severe")

_EMERGENCIES: tuple[Body, ...] = (
    {"complaint": {"saddle_sensation": "altered", "bladder": ["retention"]}},
    {"complaint": {"limb_weakness": True, "weakness_course": "worsening", "weakness_speed": "minutes_to_days"}},
    {"complaint": {"infection": {"fever": True, "unwell": True}}, "history": {"iv_drug_use": True}},
    {"complaint": {"gait": "spastic", "hand_clumsiness": True, "balance_or_hands_speed": "within_days"}},
    {"history": {"trauma": "high_speed_collision", "since_trauma": {"value": 6, "unit": "hours"}}},
)


def pool(size: int, seed: int = 1) -> list[Body]:
    """`size` valid bodies, each with a reference of its own: a quarter fresh, the rest answered further and further."""
    rng = Random(seed)
    bodies = [_body(rng, f"MRN-{seed}-{number}", number % 4) for number in range(size)]
    for body in bodies:
        check(body)
    return bodies


def readme_body() -> Body:
    """The README's first example."""
    return FIRST


def written(body: Body) -> bytes:
    """A body as it is sent."""
    return orjson.dumps(body)


def check(body: Body) -> Consultation:
    """The consultation that a body means. An invalid one would be measured as a refusal, so it fails here."""
    consultation = Consultation.model_validate(body)
    assert not faults_of(consultation)
    return consultation


def _body(rng: Random, reference: str, stage: int) -> Body:
    """Stage 0 is a complaint alone; 1 half screened; 2 screened, with X-ray and care; 3 with MRI and examination."""
    regions = rng.choice(_REGIONS)
    body: Body = {
        "patient": {"reference": reference, "age": rng.randint(16, 88), "sex": rng.choice(["female", "male"])},
        "complaint": _complaint(rng, regions),
    }
    if stage:
        asked = _GROUPS if stage > 1 else rng.sample(_GROUPS, 4)
        body["screening"] = {group: "some" if rng.random() < 0.04 else "none" for group in asked}
    if stage > 1 or rng.random() < 0.3:
        body["imaging"] = [_report(rng, "radiograph", regions[0])]
    if stage > 1:
        body["treatments"] = _treatments(rng)
        body["history"] = _history(rng)
    if stage > 2:
        body["imaging"].append(_report(rng, "mri", regions[0]))
        body["examination"] = _examination(rng)
    if rng.random() < 0.1:
        for section, found in rng.choice(_EMERGENCIES).items():
            body[section] = body.get(section, {}) | found
    return body


def _complaint(rng: Random, regions: list[str]) -> Body:
    low = rng.randint(1, 20)
    spine, limb = ("neck_pain", "arm_pain") if "cervical" in regions else ("back_pain", "leg_pain")
    found: Body = {
        "regions": regions,
        "duration": {"at_least": low, "at_most": low + rng.randint(0, 3), "unit": rng.choice(["weeks", "months"])},
        spine: rng.randint(2, 10),
        limb: rng.randint(0, 9),
    }
    if rng.random() < 0.5:
        found["neurogenic_claudication"] = rng.random() < 0.5
        found["relief"] = [rng.choice(["sitting", "lying", "movement"])]
    if rng.random() < 0.3:
        found |= {"onset": rng.choice(["gradual", "sudden"]), "course": rng.choice(["stable", "worsening"])}
    return found


def _report(rng: Random, modality: str, region: str) -> Body:
    levels: list[Body] = []
    for level in rng.sample(_SEGMENTS[region], rng.randint(1, len(_SEGMENTS[region]))):
        found: Body = {"level": level, "disc_height": rng.choice(["normal", "mild_loss", "severe_loss"])}
        if modality == "mri":
            found["stenosis"] = {"central": rng.choice(_NARROWING), "foraminal": rng.choice(_NARROWING)}
            found["herniation"] = {"type": rng.choice(["none", "protrusion", "extrusion"])}
        elif region == "lumbar" and rng.random() < 0.5:
            slip = {"type": rng.choice(["degenerative", "isthmic"]), "slip_percent": rng.randint(3, 45)}
            found["spondylolisthesis"] = slip | ({"translation_mm": rng.randint(1, 8)} if rng.random() < 0.6 else {})
        levels.append(found)
    report: Body = {"modality": modality, "date": f"2026-0{rng.randint(1, 9)}-11", "levels": levels}
    if modality == "mri" or rng.random() < 0.3:
        report["covers"] = [region]
    return report


def _treatments(rng: Random) -> Body:
    return {
        "conservative_care": rng.choice(["failed", "ongoing", "partly_helped"]),
        "conservative_duration": {"value": rng.randint(2, 30), "unit": "weeks"},
        "active_physiotherapy": rng.random() < 0.8,
    }


def _history(rng: Random) -> Body:
    found: Body = {"smoking": rng.choice(["never", "former", "current"]), "anticoagulant": rng.choice(["none", "doac"])}
    if rng.random() < 0.4:
        found |= {"diabetes": True, "hba1c": {"value": rng.randint(55, 95) / 10, "unit": "percent"}}
    return found


def _examination(rng: Random) -> Body:
    found: Body = {"power_otherwise_normal": True, "straight_leg_raise": rng.random() < 0.4}
    if rng.random() < 0.4:
        movement = rng.choice(["ankle_dorsiflexion", "knee_extension", "elbow_extension"])
        found["motor"] = [{"movement": movement, "side": rng.choice(["left", "right"]), "grade": rng.randint(2, 5)}]
    return found
