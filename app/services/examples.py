"""The consultation that the README, the OpenAPI document and the demo begin with, and what is learned later."""

from __future__ import annotations

from typing import Any, Final

FIRST: Final[dict[str, Any]] = {
    "patient": {"reference": "MRN-1042", "age": 52, "sex": "female"},
    "complaint": {
        "regions": ["lumbar"],
        "duration": {"at_least": 4, "at_most": 5, "unit": "months"},
        "back_pain": 8,
        "leg_pain": 6,
        "leg_side": "left",
    },
    "imaging": [
        {
            "modality": "radiograph",
            "views": ["standing_lateral", "flexion", "extension"],
            "levels": [
                {
                    "level": "L4-L5",
                    "spondylolisthesis": {"type": "degenerative", "slip_percent": 18, "translation_mm": 4.5},
                    "disc_height": "severe_loss",
                }
            ],
        }
    ],
}
"""A woman with severe back and leg pain for four to five months; X-rays show a slip at L4-L5."""

LATER: Final[dict[str, Any]] = {
    "screening": {
        "cauda_equina": "none",
        "weakness": "none",
        "infection": "none",
        "cancer": "none",
        "injury": "none",
        "cord": "none",
        "vessels_and_organs": "none",
        "mood": "none",
    },
    "treatments": {
        "conservative_care": "failed",
        "conservative_duration": {"value": 12, "unit": "weeks"},
        "active_physiotherapy": True,
    },
    "imaging": [
        *FIRST["imaging"],
        {
            "modality": "mri",
            "covers": ["lumbar"],
            "levels": [{"level": "L4-L5", "stenosis": {"central": "moderate", "foraminal": "severe"}}],
        },
    ],
}
"""As a merge patch: no red flag, twelve weeks of physiotherapy that failed, and an MRI of the whole lumbar spine.

A merge patch replaces lists, so the X-ray is sent again beside the MRI.
"""
