"""Requests that carry an Idempotency-Key are done once and answered the same, whatever happens in between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.access import Scope
from app.services.examples import FIRST, LATER
from tests.processes.site import postgres_site
from tests.routers.door import Door
from tests.routers.operations import Operation, ask, every_operation, store
from tests.routers.retries import CONSULTATIONS, JSON, OTHER_BODY, TRIAGE, count, post, told
from tests.stores import StoreUrls, only_postgres, only_sqlite

INVALID = {"complaint": {"regions": ["lumbar"], "leg_pain": 11}}


@pytest.fixture
def posts(door: Door) -> list[Operation]:
    return [operation for operation in every_operation(door.app) if operation.method == "POST"]


async def test_every_post_is_answered_the_same_byte_for_byte_here_and_in_another_process(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient, posts: list[Operation]
) -> None:
    place = await store(clinic, posts, "MRN-1")
    for number, operation in enumerate(posts):
        headers = {"Idempotency-Key": f"key-{number}"}
        first = await ask(clinic, operation, place, headers)
        assert first.is_success
        before = await count(clinic)
        for client in (clinic, elsewhere, clinic):
            assert told(await ask(client, operation, place, headers)) == told(first), str(operation)
        assert await count(clinic) == before
    assert len(posts) >= 4


async def test_without_a_key_each_request_is_one_of_its_own(clinic: httpx.AsyncClient) -> None:
    ids = {(await post(clinic, None)).json()["id"] for _ in range(3)}
    assert len(ids) == 3


async def test_the_same_value_written_otherwise_is_the_same_request(clinic: httpx.AsyncClient) -> None:
    first = await post(clinic, "k")
    turned = orjson.dumps(dict(reversed(FIRST.items())), option=orjson.OPT_INDENT_2)
    again = await clinic.post(CONSULTATIONS, content=turned, headers=JSON | {"Idempotency-Key": " k "})
    assert told(again) == told(first)


async def test_the_answer_is_repeated_in_the_form_that_is_asked_for(clinic: httpx.AsyncClient) -> None:
    first = await post(clinic, "k", Accept="text/plain")
    assert told(await post(clinic, "k", Accept="text/plain")) == told(first)
    as_json = await post(clinic, "k")
    assert as_json.headers["location"] == first.headers["location"]
    assert as_json.json()["revision"] == 1


async def test_the_first_answer_is_repeated_whatever_was_learned_since(
    clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    first = await post(clinic, "k")
    change = {"Content-Type": "application/merge-patch+json", "If-Match": first.headers["etag"]}
    revised = await clinic.patch(first.headers["location"], content=orjson.dumps(LATER), headers=change)
    assert revised.status_code == 200
    assert told(await post(elsewhere, "k")) == told(first)


async def test_a_note_stays_the_same_after_midnight(clinic: httpx.AsyncClient, elsewhere: httpx.AsyncClient) -> None:
    first = await post(clinic, "k", address=TRIAGE)
    assert told(await post(elsewhere, "k", address=TRIAGE)) == told(first)
    tomorrow = await post(elsewhere, None, address=TRIAGE)
    assert tomorrow.json()["made_on"] > first.json()["made_on"]


@pytest.mark.parametrize("body", [OTHER_BODY, INVALID, {}], ids=["another", "an invalid one", "an empty one"])
async def test_another_body_is_refused_and_the_first_answer_stays(clinic: httpx.AsyncClient, body: Any) -> None:
    for address in (CONSULTATIONS, TRIAGE):
        first = await post(clinic, address, address=address)
        refused = await post(clinic, address, body, address)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
        assert told(await post(clinic, address, address=address)) == told(first)
    assert await count(clinic) == 1


async def test_a_key_stands_for_one_operation_on_one_record(clinic: httpx.AsyncClient, posts: list[Operation]) -> None:
    one, another = await store(clinic, posts, "MRN-1"), await store(clinic, posts, "MRN-2")
    # Each line of a batch has a key of its own.
    asked = [(operation, one) for operation in posts if not operation.path.endswith(":batch")]
    asked += [(operation, another) for operation, _ in asked if operation.parameters]
    for number, (operation, place) in enumerate(asked):
        key = {"Idempotency-Key": f"key-{number}"}
        assert (await ask(clinic, operation, place, key)).is_success
        for other_operation, other_place in asked[:number] + asked[number + 1 :]:
            refused = await ask(clinic, other_operation, other_place, key)
            assert refused.json()["code"] == "idempotency-key-reused", (str(operation), str(other_operation))


async def test_a_key_of_another_clinic_says_nothing_here(clinic: httpx.AsyncClient, other: httpx.AsyncClient) -> None:
    theirs = await post(other, "k")
    mine = await post(clinic, "k")
    assert mine.json()["id"] != theirs.json()["id"]
    assert (await post(clinic, "k2", OTHER_BODY)).status_code == 201
    assert (await post(other, "k2")).status_code == 201
    assert [await count(client) for client in (clinic, other)] == [2, 2]


async def test_a_refused_request_does_not_use_up_its_key(clinic: httpx.AsyncClient) -> None:
    for address, done in ((CONSULTATIONS, 201), (TRIAGE, 200)):
        assert (await post(clinic, "k" + address, INVALID, address)).status_code == 422
        assert (await post(clinic, "k" + address, FIRST, address)).status_code == done


@only_sqlite
@pytest.mark.parametrize(
    "key",
    ["", " ", "two words", "k" * 256, "k\tk", "clé", "\x7f", "\x00", "k\r\nX-Injected: 1", "\u2028".encode()],
)
async def test_what_cannot_be_a_key_is_refused_with_its_place(clinic: httpx.AsyncClient, key: str | bytes) -> None:
    raw = key if isinstance(key, bytes) else key.encode("latin-1")
    for address in (CONSULTATIONS, TRIAGE):
        headers = [(b"content-type", b"application/json"), (b"idempotency-key", raw)]
        refused = await clinic.post(address, content=orjson.dumps(FIRST), headers=headers)
        assert refused.status_code == 422
        (fault,) = refused.json()["errors"]
        assert fault["pointer"] == "/header/Idempotency-Key"
        assert "x-injected" not in refused.headers
    assert await count(clinic) == 0


@only_sqlite
async def test_a_refused_key_is_told_in_the_audit_and_hides_no_missing_scope(
    door: Door, clinic: httpx.AsyncClient
) -> None:
    assert (await post(clinic, "two words")).status_code == 422
    events = (await clinic.get("/v1/audit")).json()["events"]
    assert ("consultation.recorded", "invalid-input") in {(each["action"], each["outcome"]) for each in events}
    key = await door.make_key(scopes=frozenset({Scope.TRIAGE}))
    async with door.caller(key.text) as client:
        assert (await post(client, "two words")).status_code == 403


@only_sqlite
async def test_two_keys_are_refused_and_the_longest_one_is_taken(clinic: httpx.AsyncClient) -> None:
    twice = [("content-type", "application/json"), ("idempotency-key", "k"), ("idempotency-key", "k")]
    assert (await clinic.post(CONSULTATIONS, content=orjson.dumps(FIRST), headers=twice)).status_code == 422
    for key in ("k" * 255, "'; DROP TABLE receipts; --".replace(" ", "_"), "%00"):
        assert told(await post(clinic, key)) == told(await post(clinic, key))


@only_postgres
def test_after_a_crash_another_process_repeats_the_answer(store_urls: StoreUrls, tmp_path: Path) -> None:
    site = postgres_site(tmp_path, store_urls.service, store_urls.owner, lambda _: "")
    headers = JSON | {"Idempotency-Key": "k"}
    with httpx.Client(headers=site.headers, trust_env=False, timeout=30) as client:
        with site.service() as first:
            stored = client.post(first.address + CONSULTATIONS, content=orjson.dumps(FIRST), headers=headers)
            first.kill()
        with site.service() as second:
            again = client.post(second.address + CONSULTATIONS, content=orjson.dumps(FIRST), headers=headers)
            listed = client.get(second.address + CONSULTATIONS).json()["consultations"]
    assert told(again) == told(stored)
    assert [each["id"] for each in listed] == [stored.json()["id"]]
