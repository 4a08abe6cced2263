"""Requests made from the OpenAPI document, right and wrong ones, against the whole application, by two clinics.

Schemathesis makes them and holds the answers against all of its checks: statuses, media types, headers and schemas as
described, no 500, wrong requests refused and right ones not, no answer without credentials or with invented ones, and
nothing of one clinic for the other.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from random import randrange
from typing import Any
from zlib import crc32

import orjson
import pytest
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.meta import CoveragePhaseData

from app.models import LOCAL_CLINIC
from app.store import open_database
from app.triage import Triage
from tests.laws.effort import HUNT
from tests.routers.door import Door
from tests.stores import KEYRING, OTHER_CLINIC, make_service

Case = schemathesis.Case[Any]

EXAMPLES = 8
WALKS = 40
"""Along the document's links, from a consultation that was stored to what can be asked of it."""
ONE_IN = 1 if HUNT else 25
"""Of the thousands of ways in which one answer of a consultation can be wrong, a gate tries one in so many."""

_THIS = "/v1/consultations/{consultation_id}"
SELDOM_RIGHT = {
    f"PATCH {_THIS}",
    f"POST {_THIS}/reviews",
    f"GET {_THIS}/reviews/{{review_id}}",
    "GET /v1/patients/{reference}/export",
    "DELETE /v1/patients/{reference}",
}
"""What has to fit something that is stored is seldom guessed; tests of their own ask for these rightly."""

CHECKS = {
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "object_level_authorization",
    "use_after_free",
    "ensure_resource_availability",
}


def _off(check: str) -> dict[str, Any]:
    return {"checks": {check: {"enabled": False}}}


_OPERATIONS: list[dict[str, Any]] = [
    # A bad line is refused in the answer, whose own status is that lines were read; tests of the batch look at each.
    {"include-path": "/v1/consultations:batch", **_off("negative_data_rejection")},
    # Knowledge is the same for every clinic.
    {"include-path-regex": "^/v1/(rulebook|vocabulary)", **_off("object_level_authorization")},
    # A reference may hold slashes, so the address of an export is also that of the patient `MRN-7/export`.
    {"include-path": "/v1/patients/{reference}/export", **_off("allow_header_conformance")},
    # Erasing a patient takes along what was stored under other addresses, which the checks of lost things cannot know.
    {"include-method": "DELETE", "phases": {"stateful": {"enabled": False}}},
]


@schemathesis.serializer("application/x-ndjson")
def write_line(_: Any, value: Any) -> bytes:
    return orjson.dumps(value) + b"\n"


@pytest.fixture(scope="module")
def door(sqlite_template: Path, triage: Triage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    file = tmp_path_factory.mktemp("any-request") / "store.db"
    file.write_bytes(sqlite_template.read_bytes())
    database = open_database(f"sqlite:///{file}", KEYRING)
    yield Door(make_service(database, triage, lambda: datetime.now(UTC)), database)
    asyncio.run(database.close())


@pytest.fixture(scope="module")
def callers(door: Door) -> dict[str, str]:
    """A key of each clinic."""

    async def make_keys() -> dict[str, str]:
        return {clinic: (await door.make_key(clinic)).text for clinic in (LOCAL_CLINIC, OTHER_CLINIC)}

    return asyncio.run(make_keys())


@pytest.fixture
def config(callers: dict[str, str], tmp_path: Path) -> dict[str, Any]:
    """Two clinics as callers, and what the schema cannot say."""
    keys = [
        {"name": clinic, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {key}"}]}
        for clinic, key in callers.items()
    ]
    (tmp_path / "callers.json").write_text(json.dumps({"auth": keys}))
    return {
        "seed": randrange(2**32) if HUNT else 1,
        "operations": _OPERATIONS,
        "workers": 1,
        "continue-on-failure": True,
        "auth": {"wfc": {"path": str(tmp_path / "callers.json"), "peers": list(callers)}},
        "generation": {
            "max-examples": EXAMPLES * max(HUNT, 1),
            "deterministic": not HUNT,
            "database": "none",
            "with-security-parameters": False,
        },
        "phases": {"stateful": {"inference": {"algorithms": []}, "generation": {"max-examples": WALKS * max(HUNT, 1)}}},
        "checks": {
            # What the schema allows may still be refused: it cannot say that a slip belongs to a segment, nor which
            # revision is the newest.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "404", "412", "422"]},
            "missing_required_header": {"expected-statuses": ["404", "428", "422"]},
            "negative_data_rejection": {"expected-statuses": ["400", "404", "405", "406", "412", "415", "422", "428"]},
        },
    }


def test_requests_of_every_kind_are_answered_as_the_document_says(door: Door, config: dict[str, Any]) -> None:
    document = schemathesis.openapi.from_dict(_read_document(door), config=schemathesis.Config.from_dict(config))
    document.app = door.app
    document.hooks.hook("filter_case")(_is_tried)
    findings: list[str] = []
    performed: set[str] = set()
    answered: set[str] = set()
    for event in from_schema(document).execute():
        if isinstance(event, events.NonFatalError):
            findings.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            findings += _findings_of(event.recorder)
            performed |= {check.name for checks in event.recorder.checks.values() for check in checks}
            answered |= set(_answered_in(event.recorder))
    assert not findings, "\n\n".join(findings[:20])
    assert performed == CHECKS
    assert sorted(_labels(document) - answered - SELDOM_RIGHT) == []


def _findings_of(recorder: ScenarioRecorder) -> Iterator[str]:
    for check in chain.from_iterable(recorder.checks.values()):
        if check.failure_info is not None:
            yield f"{check.name}: {check.failure_info.failure.message}\n{check.failure_info.code_sample}"


def _answered_in(recorder: ScenarioRecorder) -> Iterator[str]:
    """The operations to which some request was right."""
    for case_id, node in recorder.cases.items():
        interaction = recorder.interactions.get(case_id)
        response = None if interaction is None else interaction.response
        if response is not None and response.status_code < HTTPStatus.BAD_REQUEST:
            yield node.value.operation.label


def _labels(document: schemathesis.BaseSchema) -> set[str]:
    return {found.ok().label for found in document.get_all_operations() if isinstance(found, Ok)}


def _read_document(door: Door) -> dict[str, Any]:
    """The document, where a gate makes the whole of a consultation wrong for one of the three operations it goes to."""
    document: dict[str, Any] = orjson.loads(orjson.dumps(door.app.openapi()))
    schemas = document["components"]["schemas"]
    few = {name: schemas["Complaint"]["properties"][name] for name in ("regions", "leg_pain")}
    sections = {
        "complaint": schemas["Complaint"] | {"properties": few},
        "patient": {"$ref": "#/components/schemas/Patient"},
    }
    schemas["FewAnswers"] = schemas["Consultation"] | {"properties": sections}
    for path in () if HUNT else ("/v1/consultations", "/v1/consultations:batch"):
        for content in document["paths"][path]["post"]["requestBody"]["content"].values():
            content["schema"] = {"$ref": "#/components/schemas/FewAnswers"}
    return document


def _is_tried(_: Any, case: Case) -> bool:
    data = None if case.meta is None else case.meta.phase.data
    if not isinstance(data, CoveragePhaseData) or data.parameter_location != ParameterLocation.BODY:
        return True
    return crc32(orjson.dumps(case.body, default=repr) + case.path.encode()) % ONE_IN == 0
