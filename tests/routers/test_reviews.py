from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import jsonschema  # type: ignore[import-untyped]  # it has no types, nor have the dependencies its stubs
import pytest

from app.access import Scope
from app.routers.described.review_examples import AGREEING, PARTLY
from app.services.examples import FIRST, LATER
from tests.routers.door import Door
from tests.stores import make_service

MERGE_PATCH = {"Content-Type": "application/merge-patch+json", "If-Match": '"1"'}


@pytest.fixture
async def address(clinic: httpx.AsyncClient) -> str:
    """The reviews of a consultation with one revision."""
    posted = await clinic.post("/v1/consultations", json=FIRST)
    return f"{posted.headers['location']}/reviews"


async def revise(clinic: httpx.AsyncClient, address: str, patch: Any = LATER) -> None:
    here = address.removesuffix("/reviews")
    assert (await clinic.patch(here, content=json.dumps(patch), headers=MERGE_PATCH)).status_code == 200


async def listed(clinic: httpx.AsyncClient, address: str) -> list[Any]:
    reviews: list[Any] = (await clinic.get(address)).json()["reviews"]
    return reviews


def code_of(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_a_recorded_review_is_read_back_as_it_was_answered(clinic: httpx.AsyncClient, address: str) -> None:
    recorded = await clinic.post(address, json=PARTLY)
    assert recorded.status_code == 201
    said = recorded.json()
    assert said["review"] == PARTLY
    assert said["newest_revision"] == 1
    assert said["reviewed_at"].endswith("Z")
    assert recorded.headers["location"] == said["links"]["self"] == f"{address}/{said['id']}"
    assert (await clinic.get(recorded.headers["location"])).content == recorded.content
    assert (await clinic.get(address)).json() == {
        "reviews": [said],
        "links": {"self": address, "consultation": address.removesuffix("/reviews")},
    }
    for link in said["links"].values():
        assert (await clinic.get(link)).status_code == 200


async def test_the_reviewer_is_whoever_called(door: Door, clinic: httpx.AsyncClient, address: str) -> None:
    key = await door.make_key(scopes=frozenset({Scope.REVIEWS_WRITE}))
    async with door.caller(key.text) as nurse:
        recorded = await nurse.post(address, json=AGREEING)
        assert recorded.json()["reviewer"] == {"kind": "api_key", "subject": key.key.key_id}
        assert code_of(await nurse.get(recorded.headers["location"])) == (403, "forbidden")
    async with door.caller((await door.make_key(scopes=frozenset({Scope.CONSULTATIONS_READ}))).text) as reader:
        assert code_of(await reader.post(address, json=AGREEING)) == (403, "forbidden")
        assert len(await listed(reader, address)) == 1


async def test_a_correction_is_another_review_and_none_is_changed(clinic: httpx.AsyncClient, address: str) -> None:
    for body in (PARTLY, AGREEING):
        assert (await clinic.post(address, json=body)).status_code == 201
    assert [each["review"] for each in await listed(clinic, address)] == [PARTLY, AGREEING]
    one = (await listed(clinic, address))[0]["links"]["self"]
    for method in ("PUT", "PATCH", "DELETE"):
        assert (await clinic.request(method, one, json=AGREEING)).status_code == 405


async def test_an_older_note_can_be_reviewed_and_the_answer_says_which_is_the_newest(
    clinic: httpx.AsyncClient, address: str
) -> None:
    await revise(clinic, address)
    older = (await clinic.post(address, json=PARTLY)).json()
    newer = (await clinic.post(address, json=AGREEING | {"revision": 2})).json()
    assert [(each["review"]["revision"], each["newest_revision"]) for each in (older, newer)] == [(1, 2), (2, 2)]
    assert older["links"]["note"].endswith("/notes/1")


async def test_with_if_match_a_note_that_is_not_the_newest_any_more_is_not_reviewed(
    clinic: httpx.AsyncClient, address: str
) -> None:
    assert (await clinic.post(address, json=PARTLY, headers={"If-Match": '"1"'})).status_code == 201
    await revise(clinic, address)
    stale = await clinic.post(address, json=PARTLY, headers={"If-Match": '"1"'})
    assert code_of(stale) == (412, "stale-revision")
    assert stale.json()["current"] == 2
    assert code_of(await clinic.post(address, json=PARTLY, headers={"If-Match": "1"})) == (422, "invalid-input")
    for tag in ('"2"', '"1", "2"', "*"):
        assert (await clinic.post(address, json=PARTLY, headers={"If-Match": tag})).status_code == 201
    assert len(await listed(clinic, address)) == 4


async def test_what_is_not_there_is_404_and_nothing_is_stored(clinic: httpx.AsyncClient, address: str) -> None:
    nowhere = f"/v1/consultations/{uuid4()}/reviews"
    wrong: list[tuple[str, str, Any]] = [
        ("POST", nowhere, AGREEING),
        ("POST", "/v1/consultations/1/reviews", AGREEING),
        ("POST", address, AGREEING | {"revision": 2}),
        ("POST", address, AGREEING | {"revision": 10**17}),
        ("GET", nowhere, None),
        ("GET", f"{nowhere}/{uuid4()}", None),
        ("GET", f"{address}/{uuid4()}", None),
        ("GET", f"{address}/1", None),
    ]
    for method, path, body in wrong:
        assert code_of(await clinic.request(method, path, json=body)) == (404, "not-found"), (method, path)
    assert await listed(clinic, address) == []


async def test_another_clinic_reaches_no_review(
    clinic: httpx.AsyncClient, other: httpx.AsyncClient, stranger: httpx.AsyncClient, address: str
) -> None:
    there = (await clinic.post(address, json=PARTLY)).headers["location"]
    tries: list[tuple[str, str, Any]] = [("GET", there, None), ("GET", address, None), ("POST", address, AGREEING)]
    for method, path, body in tries:
        assert code_of(await other.request(method, path, json=body)) == (404, "not-found")
        assert code_of(await stranger.request(method, path, json=body)) == (401, "unauthenticated")
    assert len(await listed(clinic, address)) == 1


async def test_faults_are_listed_by_place_and_repeat_nothing_of_the_words(
    clinic: httpx.AsyncClient, address: str
) -> None:
    private = "Mrs Dolores Vanterpool said"
    body = PARTLY | {"words": private, "rules": [private], "categories": [{"category": private, "decision": "pursued"}]}
    refused = await clinic.post(address, json=body)
    assert code_of(refused) == (422, "invalid-input")
    assert {fault["pointer"] for fault in refused.json()["errors"]} == {"/rules/0", "/categories/0/category"}
    assert "Vanterpool" not in refused.text
    for content, media, status in ((b"{", "application/json", 400), (b"{}", "text/plain", 415)):
        assert (await clinic.post(address, content=content, headers={"Content-Type": media})).status_code == status
    assert await listed(clinic, address) == []


async def test_the_same_key_and_body_give_the_same_answer_byte_for_byte(
    clinic: httpx.AsyncClient, address: str
) -> None:
    key = {"Idempotency-Key": "review-1"}
    first = await clinic.post(address, json=PARTLY, headers=key)
    await revise(clinic, address)
    # The note is not the newest any more; the answer was given all the same, and stays.
    again = await clinic.post(address, json=PARTLY, headers=key | {"If-Match": '"1"'})
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert len(await listed(clinic, address)) == 1


async def test_a_key_stands_for_one_request_only(clinic: httpx.AsyncClient, address: str) -> None:
    key = {"Idempotency-Key": "review-1"}
    assert (await clinic.post(address, json=PARTLY, headers=key)).status_code == 201
    second = (await clinic.post("/v1/consultations", json=FIRST)).headers["location"] + "/reviews"
    others: list[tuple[str, Any]] = [
        (address, AGREEING),
        (address, {"revision": 1}),
        (second, PARTLY),
        ("/v1/consultations", FIRST),
    ]
    for path, body in others:
        refused = await clinic.post(path, json=body, headers=key)
        assert code_of(refused) == (422, "idempotency-key-reused"), (path, body)
    assert await listed(clinic, second) == []


async def test_of_many_requests_with_one_key_one_is_stored(clinic: httpx.AsyncClient, door: Door, address: str) -> None:
    """Each through a door of its own, as through processes that know nothing of one another."""
    database, triage = door.service.database, door.service.triage
    doors = [Door(make_service(database, triage), database) for _ in range(4)]
    authorization = clinic.headers["authorization"].removeprefix("Bearer ")

    async def post(through: Door) -> httpx.Response:
        async with through.caller(authorization) as caller:
            return await caller.post(address, json=PARTLY, headers={"Idempotency-Key": "review-1"})

    answers = await asyncio.gather(*(post(each) for each in doors))
    for each in doors:
        await each.close()
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert len(await listed(clinic, address)) == 1


async def test_reviews_stay_readable_while_their_consultation_goes_to_another_patient(
    clinic: httpx.AsyncClient, address: str
) -> None:
    posting = [clinic.post(address, json=PARTLY | {"words": f"Number {number}"}) for number in range(12)]
    moving = revise(clinic, address, {"patient": {"reference": "MRN-2"}})
    answers = await asyncio.gather(*posting[:6], moving, *posting[6:])
    assert all(answer is None or answer.status_code == 201 for answer in answers)
    words = {each["review"]["words"] for each in await listed(clinic, address)}
    assert words == {f"Number {number}" for number in range(12)}


async def test_bodies_that_contradict_themselves_do_not_fit_the_described_schema(
    clinic: httpx.AsyncClient, address: str
) -> None:
    components = (await clinic.get("/openapi.json")).json()["components"]
    schema = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/Review", "components": components})
    wrong = [
        AGREEING | {"reason": "comorbidity"},
        AGREEING | {"rules": PARTLY["rules"]},
        PARTLY | {"rules": PARTLY["rules"] * 2},
        {"revision": 1, "verdict": "overrode"},
        {"revision": 1, "verdict": "overrode", "reason": "other"},
        AGREEING | {"words": " "},
    ]
    for body in wrong:
        assert not schema.is_valid(body), body
        assert code_of(await clinic.post(address, json=body)) == (422, "invalid-input")
    assert schema.is_valid(AGREEING)
    assert schema.is_valid(PARTLY)
