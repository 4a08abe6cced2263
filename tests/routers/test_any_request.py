"""Requests made from the OpenAPI document, right and wrong ones, against the whole application."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.core.result import Ok

from app.models import LOCAL_CLINIC
from app.routers.service import build_service
from app.services.examples import FIRST
from app.services.record import record
from app.services.service import Service
from app.store import Database, migrate
from app.triage import Triage

# What the schema allows may still be refused: it cannot say that a slip belongs to a segment, nor which revision is
# the newest.
_REFUSED_ALL_THE_SAME = ["2xx", "304", "404", "412", "422"]
EXAMPLES = 40
POSITIVE, NEGATIVE = schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE
_CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": _REFUSED_ALL_THE_SAME},
        "missing_required_header": {"expected-statuses": ["404", "428", "422"]},
        "negative_data_rejection": {"expected-statuses": ["400", "404", "405", "406", "412", "415", "422", "428"]},
    }
}


Api = tuple[schemathesis.BaseSchema, str]
Case = schemathesis.Case[Any]
Operation = schemathesis.APIOperation[Any, Any, Any, Any]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, triage: Triage) -> Iterator[Api]:
    """The document, and the id of a consultation that is stored."""
    url = f"sqlite:///{tmp_path_factory.mktemp('any-request') / 'store.db'}"
    migrate(url)
    database = Database.open(url)
    service = Service(
        triage=triage,
        database=database,
        today=lambda: date(2026, 11, 23),
        now=lambda: datetime.now(UTC),
        clinic=LOCAL_CLINIC,
        body_limit=1_048_576,
    )
    stored = asyncio.run(record(service, FIRST))
    config = schemathesis.Config.from_dict(_CONFIG)
    document = schemathesis.openapi.from_asgi("/openapi.json", build_service(service), config=config)
    yield document, stored.consultation_id
    asyncio.run(database.close())


def test_requests_that_the_document_allows_are_answered_as_it_says(api: Api) -> None:
    for operation in _operations(api[0]):
        _send_any(operation.as_strategy(POSITIVE))


@pytest.mark.parametrize("mode", [POSITIVE, NEGATIVE])
def test_requests_about_a_stored_consultation_are_answered_as_the_document_says(
    api: Api, mode: schemathesis.GenerationMode
) -> None:
    document, stored = api
    path = "/v1/consultations/{consultation_id}"
    this = {"consultation_id": stored}
    _send_any(document[path]["PATCH"].as_strategy(mode, headers={"If-Match": "*"}, path_parameters=this))
    if mode is POSITIVE:
        _send_any(document[path]["GET"].as_strategy(mode, path_parameters=this))
        _send_any(document[f"{path}/notes"]["GET"].as_strategy(mode, path_parameters=this))


def test_requests_that_the_document_does_not_allow_are_refused(api: Api) -> None:
    tried = 0
    for operation in _operations(api[0]):
        described = operation.definition.raw
        # A request with neither a body nor a query cannot be made wrong: any id may be asked for.
        if "requestBody" in described or any(each["in"] == "query" for each in described.get("parameters", ())):
            _send_any(operation.as_strategy(NEGATIVE))
            tried += 1
    assert tried == 4


def _operations(document: schemathesis.BaseSchema) -> Iterator[Operation]:
    for result in document.get_all_operations():
        assert isinstance(result, Ok), "an operation of the document cannot be read"
        yield result.ok()


def _send_any(requests: SearchStrategy[Case]) -> None:
    @given(requests)
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    def send(case: Case) -> None:
        case.call_and_validate()

    send()
