"""Every operation, asked by one clinic about what belongs to another: as if it were not there, told in no way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import Engine, event

from app.services.examples import FIRST
from tests.routers.door import Door
from tests.routers.operations import NOBODY_S, Operation, Place, ask, every_operation, store

REFERENCE = "MRN-7361"
NO_REFERENCE = "MRN-7362"
RECORDS = {"consultation_id", "review_id", "reference"}
"""Parameters of an address that name a clinic's own records."""

CONDITIONS: list[dict[str, str | None]] = [
    {},
    {"If-Match": None},
    {"If-Match": '"1"'},
    {"If-Match": '"1", "2"'},
    {"If-None-Match": "*"},
    {"Accept": "text/plain, */*"},
]
_OF_THE_MOMENT = {"x-request-id", "date"}


@dataclass(frozen=True)
class Held:
    """What the other clinic has."""

    place: Place
    patient_id: str
    cursor: str


@pytest.fixture
def operations(door: Door) -> list[Operation]:
    return every_operation(door.app)


@pytest.fixture
async def held(other: httpx.AsyncClient, operations: list[Operation]) -> Held:
    """Two consultations of a patient of the other clinic, with a review."""
    place = await store(other, operations, REFERENCE)
    await store(other, operations, REFERENCE)
    links = (await other.get(f"/v1/consultations?patient_reference={REFERENCE}&limit=1")).json()["links"]
    asked = httpx.URL(links["next"]).params
    return Held(place, asked["patient"], asked["cursor"])


async def test_what_another_clinic_has_is_answered_as_what_nobody_has(
    clinic: httpx.AsyncClient, other: httpx.AsyncClient, operations: list[Operation], held: Held
) -> None:
    await clinic.post("/v1/consultations", json=FIRST)  # so that nothing is done for the first time
    before = await everything_of(other, held)
    nowhere = Place(NOBODY_S, NOBODY_S, NO_REFERENCE)
    tried = 0
    for operation in (each for each in operations if each.parameters & RECORDS):
        for headers in CONDITIONS:
            for asked in _also_by_head(operation):
                with statements() as foreign_work:
                    foreign = await ask(clinic, asked, held.place, headers)
                with statements() as vain_work:
                    vain = await ask(clinic, asked, nowhere, headers)
                assert foreign.status_code == vain.status_code == 404, (str(asked), headers, foreign.text)
                assert _told(foreign, held.place) == _told(vain, nowhere), (str(asked), headers)
                assert foreign_work == vain_work, (str(asked), headers)
                assert foreign_work, str(asked)
                tried += 1
    assert tried > 40
    assert await everything_of(other, held) == before


async def test_a_review_of_another_consultation_is_not_found_under_one_s_own(
    clinic: httpx.AsyncClient, operations: list[Operation], held: Held
) -> None:
    mine = await store(clinic, operations, REFERENCE)
    reading = next(operation for operation in operations if "review_id" in operation.parameters)
    assert (await ask(clinic, reading, mine)).status_code == 200
    for review in (held.place.review_id, NOBODY_S):
        assert (await ask(clinic, reading, replace(mine, review_id=review))).status_code == 404


async def test_a_list_asked_for_another_clinic_s_patient_is_that_of_nobody(
    clinic: httpx.AsyncClient, held: Held
) -> None:
    await clinic.post("/v1/consultations", json=FIRST)
    lists = [
        (f"patient_reference={REFERENCE}", f"patient_reference={NO_REFERENCE}"),
        (f"patient={held.patient_id}", f"patient={NOBODY_S}"),
        (f"patient={held.patient_id}&cursor={held.cursor}", f"patient={NOBODY_S}&cursor={held.cursor}"),
    ]
    for foreign, vain in lists:
        with statements() as foreign_work:
            one = await clinic.get(f"/v1/consultations?{foreign}")
        with statements() as vain_work:
            none = await clinic.get(f"/v1/consultations?{vain}")
        assert one.status_code == none.status_code == 200
        assert one.json()["consultations"] == none.json()["consultations"] == []
        assert one.text.replace(held.patient_id, NOBODY_S) == none.text
        assert foreign_work == vain_work


async def test_no_list_holds_a_trace_of_another_clinic(
    clinic: httpx.AsyncClient, operations: list[Operation], held: Held
) -> None:
    mine = await store(clinic, operations, "MRN-0001")
    lists = [operation for operation in operations if operation.method == "GET" and not operation.parameters - {"id"}]
    assert len(lists) > 10
    for operation in lists:
        answer = await ask(clinic, operation, mine)
        assert answer.status_code == 200
        for trace in (REFERENCE, held.place.consultation_id, held.place.review_id, held.patient_id):
            assert trace not in answer.text, str(operation)


async def test_the_same_reference_in_two_clinics_is_two_patients(
    clinic: httpx.AsyncClient, other: httpx.AsyncClient, operations: list[Operation], held: Held
) -> None:
    before = await everything_of(other, held)
    mine = await store(clinic, operations, REFERENCE)
    erasing = next(operation for operation in operations if operation.method == "DELETE")
    exported = (await clinic.get(f"/v1/patients/{REFERENCE}/export")).text
    assert mine.consultation_id in exported
    assert held.place.consultation_id not in exported
    assert held.patient_id not in exported
    assert (await ask(clinic, erasing, mine)).status_code == 204
    assert (await clinic.get(f"/v1/consultations/{mine.consultation_id}")).status_code == 404
    assert await everything_of(other, held) == before


async def everything_of(client: httpx.AsyncClient, held: Held) -> list[Any]:
    """All that a clinic can read of its own records."""
    here = f"/v1/consultations/{held.place.consultation_id}"
    addresses = [here, f"{here}/notes", f"{here}/notes/1", f"{here}/reviews", "/v1/consultations"]
    return [orjson.loads((await client.get(address)).content) for address in addresses]


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that is sent to a database meanwhile: what takes its time takes it for one as for the other."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _also_by_head(operation: Operation) -> list[Operation]:
    return [operation, replace(operation, method="HEAD")] if operation.method == "GET" else [operation]


def _told(answer: httpx.Response, place: Place) -> tuple[str, dict[str, str]]:
    """All that the caller is told, but for the names it was asked with, which are as long, and the moment."""
    text = answer.text
    for name, asked in (("id", place.consultation_id), ("id", place.review_id), ("reference", place.reference)):
        text = text.replace(asked, f"<{name}>")
    return text, {name: value for name, value in answer.headers.items() if name not in _OF_THE_MOMENT}
