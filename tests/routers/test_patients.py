from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

from app.access import Scope
from app.services.examples import FIRST
from app.store import Database, make_master_key, open_database, read_keyring
from app.triage import Triage
from tests.routers.door import Door
from tests.stores import StoreUrls, make_service

NASTY = [
    "MRN 10/42",
    "/",
    "//",
    "/leading",
    "trailing/",
    "a/export",
    "export",
    "a/export/export",
    "100%",
    "%2F",
    "%252F",
    "a%2Fb",
    "a?b=c",
    "a#b",
    "a;b",
    "a&b=c",
    "a+b",
    " a",
    "Ärztin 12/2026",
    "患者/四十二",
    "😀",
    "e\u0301",
    "\u00e9",
    "a\\b",
    "'; DROP TABLE patients; --",
    '"',
    "<script>",
    "{reference}",
    "a\r\nX-Evil: 1",
    "\u202eabc",
    "\x01",
    "x" * 64,
    "😀" * 64,
]


def of(reference: str) -> dict[str, Any]:
    body = deepcopy(FIRST)
    body["patient"]["reference"] = reference
    return body


async def post(clinic: httpx.AsyncClient, reference: str) -> httpx.Response:
    answer = await clinic.post("/v1/consultations", json=of(reference))
    assert answer.status_code == 201
    return answer


async def erase(clinic: httpx.AsyncClient, reference: str) -> httpx.Response:
    return await clinic.delete(f"/v1/patients/{quote(reference, safe='')}")


async def export(clinic: httpx.AsyncClient, reference: str, **headers: str) -> httpx.Response:
    return await clinic.get(f"/v1/patients/{quote(reference, safe='')}/export", headers=headers)


async def test_an_erased_patient_is_gone_from_every_address_and_cannot_be_erased_again(
    clinic: httpx.AsyncClient,
) -> None:
    stored = await post(clinic, "MRN-1")
    await post(clinic, "MRN-2")
    assert (await clinic.get(stored.headers["Location"])).status_code == 200
    erased = await erase(clinic, "MRN-1")
    assert (erased.status_code, erased.content) == (204, b"")
    for address in (stored.headers["Location"], f"{stored.headers['Location']}/notes/1"):
        assert (await clinic.get(address)).status_code == 404
    patch = await clinic.patch(
        stored.headers["Location"],
        content=b'{"complaint": {"back_pain": 1}}',
        headers={"Content-Type": "application/merge-patch+json", "If-Match": stored.headers["ETag"]},
    )
    assert patch.status_code == 404
    assert (await export(clinic, "MRN-1")).status_code == 404
    again = await erase(clinic, "MRN-1")
    assert (again.status_code, again.json()["code"]) == (404, "not-found")
    assert "MRN-1" not in again.text
    listed = (await clinic.get("/v1/consultations")).json()["consultations"]
    assert [each["patient_reference"] for each in listed] == ["MRN-2"]


async def test_references_of_all_sorts_are_exported_and_erased_each_by_itself(clinic: httpx.AsyncClient) -> None:
    stored = {}
    for reference in NASTY:
        stored[reference] = (await post(clinic, reference)).json()["id"]
    for reference, this in stored.items():
        found = await export(clinic, reference)
        assert found.status_code == 200, reference
        assert found.json()["patient"]["reference"] == reference
        assert [each["id"] for each in found.json()["consultations"]] == [this], reference
    for left, reference in enumerate(reversed(NASTY)):
        assert (await erase(clinic, reference)).status_code == 204, reference
        listed = (await clinic.get("/v1/consultations", params={"limit": 200})).json()["consultations"]
        assert len(listed) == len(NASTY) - left - 1


async def test_a_slash_may_be_written_as_it_is(clinic: httpx.AsyncClient) -> None:
    await post(clinic, "ward 3/bed 4")
    assert (await clinic.get("/v1/patients/ward%203/bed%204/export")).status_code == 200
    assert (await clinic.delete("/v1/patients/ward%203/bed%204")).status_code == 204


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/patients/%FF", 422),
        ("/v1/patients/a%C3/export", 422),
        ("/v1/patients/%ED%A0%80", 422),
        ("/v1/patients/%00", 404),
        ("/v1/patients/", 404),
        (f"/v1/patients/{'x' * 65}", 404),
        (f"/v1/patients/{'x' * 5_000}", 404),
        ("/v1/patients/nobody", 404),
    ],
    ids=["no UTF-8", "half a letter", "half a pair", "NUL", "nothing", "too long", "far too long", "nobody"],
)
async def test_what_can_be_nobody_s_reference_is_refused(clinic: httpx.AsyncClient, address: str, status: int) -> None:
    await post(clinic, "\ufffd")
    method = "GET" if address.endswith("/export") else "DELETE"
    refused = await clinic.request(method, address)
    assert refused.status_code == status
    if status == 422:
        assert refused.json()["errors"][0]["pointer"] == "/path/reference"
    assert (await export(clinic, "\ufffd")).status_code == 200


async def test_only_the_documented_methods_are_possible(clinic: httpx.AsyncClient) -> None:
    for address, allowed in (
        ("/v1/patients/MRN-1", {"DELETE"}),
        ("/v1/patients/MRN-1/export", {"GET", "HEAD", "DELETE"}),
    ):
        refused = await clinic.put(address)
        assert refused.status_code == 405
        assert set(refused.headers["Allow"].split(", ")) == allowed


async def test_an_export_has_its_documented_shape(clinic: httpx.AsyncClient) -> None:
    stored = await post(clinic, "MRN-1")
    await clinic.get(stored.headers["Location"])
    await export(clinic, "MRN-1")
    found = await export(clinic, "MRN-1")
    document = (await clinic.get("/openapi.json")).json()
    schema = {"$ref": "#/components/schemas/PatientExport", "components": document["components"]}
    assert not list(Draft202012Validator(schema).iter_errors(found.json()))
    whole = found.json()
    assert [each["action"] for each in whole["events"]] == [
        "consultation.recorded",
        "consultation.read",
        "patient.exported",
    ]
    assert whole["consultations"][0]["revisions"][0]["consultation"] == of("MRN-1")
    assert whole["consultations"][0]["revisions"][0]["note"] == stored.json()["note"]
    assert {each["actor"]["kind"] for each in whole["events"]} == {"api_key"}


async def test_an_export_is_sent_again_only_when_something_but_exports_came_to_it(clinic: httpx.AsyncClient) -> None:
    stored = await post(clinic, "MRN-1")
    tag = (await export(clinic, "MRN-1")).headers["ETag"]
    assert tag.startswith('W/"')
    same = await export(clinic, "MRN-1", **{"If-None-Match": tag})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    await clinic.get(stored.headers["Location"])
    changed = await export(clinic, "MRN-1", **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert [each["action"] for each in changed.json()["events"]].count("patient.exported") == 2


async def test_each_right_needs_its_own_scope_and_another_clinic_finds_nobody(
    door: Door, clinic: httpx.AsyncClient, other: httpx.AsyncClient
) -> None:
    await post(clinic, "MRN-1")
    everything = frozenset(Scope)
    for missing, use in ((Scope.PATIENTS_ERASE, erase), (Scope.PATIENTS_EXPORT, export)):
        key = await door.make_key(scopes=everything - {missing})
        async with door.caller(key.text) as without:
            refused = await use(without, "MRN-1")
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await use(other, "MRN-1")).json()["code"] == "not-found"
    assert (await erase(clinic, "MRN-1")).status_code == 204


async def test_with_other_master_keys_the_service_says_that_keys_are_missing(
    clinic: httpx.AsyncClient, owned: Database, store_urls: StoreUrls, triage: Triage
) -> None:
    stored = await post(clinic, "MRN-1")
    lost = open_database(store_urls.service, read_keyring(make_master_key("another")))
    door = Door(make_service(lost, triage), owned)
    async with door.caller((await door.make_key()).text) as caller:
        answers = [
            await caller.get(stored.headers["Location"]),
            await caller.get("/v1/consultations"),
            await erase(caller, "MRN-1"),
            await export(caller, "MRN-1"),
        ]
    await door.close()
    await lost.close()
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(503, "keys-missing")] * 4
    assert all("Retry-After" in each.headers for each in answers)
    assert (await erase(clinic, "MRN-1")).status_code == 204


async def test_stored_and_erased_at_once_every_answer_is_a_clear_one(clinic: httpx.AsyncClient) -> None:
    statuses: set[int] = set()

    async def work() -> None:
        for _ in range(4):
            stored = await clinic.post("/v1/consultations", json=of("MRN-1"))
            statuses.add(stored.status_code)
            patched = await clinic.patch(
                stored.headers["Location"],
                json={"patient": {"reference": "MRN-2"}},
                headers={"Content-Type": "application/merge-patch+json", "If-Match": "*"},
            )
            statuses.add(patched.status_code)

    async def erase_both() -> None:
        for number in range(12):
            statuses.add((await erase(clinic, f"MRN-{number % 2 + 1}")).status_code)

    await asyncio.gather(*(work() for _ in range(3)), erase_both())
    assert statuses <= {200, 201, 204, 404}
    for reference in ("MRN-1", "MRN-2"):
        await erase(clinic, reference)
    assert (await clinic.get("/v1/consultations")).json()["consultations"] == []
