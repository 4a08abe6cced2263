from __future__ import annotations

import hashlib
from typing import Any

import httpx
import orjson
import pytest

from app.routers.described.answers import ConsultationPage, NoteList
from app.services.examples import FIRST, LATER
from app.triage import Consultation, Note
from tests.stores import only_sqlite

UNKNOWN = "/v1/consultations/0b8f1b1e-6a53-4c0e-9d2f-3f6c1f0a7c11"
WEAK_AND_STRONG = 'W/"1", "1"'


async def record(clinic: httpx.AsyncClient, body: dict[str, Any] = FIRST) -> str:
    response = await clinic.post("/v1/consultations", json=body)
    assert response.status_code == 201
    return response.headers["location"]


async def revise(
    clinic: httpx.AsyncClient, address: str, patch: Any, if_match: str | None, **headers: str
) -> httpx.Response:
    condition = {} if if_match is None else {"If-Match": if_match}
    media = {"Content-Type": "application/merge-patch+json"}
    return await clinic.patch(address, content=orjson.dumps(patch), headers=media | condition | headers)


async def test_a_recorded_consultation_is_found_at_its_location(clinic: httpx.AsyncClient) -> None:
    posted = await clinic.post("/v1/consultations", json=FIRST)
    assert posted.status_code == 201
    assert posted.headers["etag"] == '"1"'
    read = await clinic.get(posted.headers["location"])
    assert read.status_code == 200
    assert read.headers["etag"] == '"1"'
    assert read.content == posted.content
    Consultation.model_validate(read.json()["consultation"])
    Note.model_validate(read.json()["note"])


async def test_every_link_of_an_answer_leads_somewhere(clinic: httpx.AsyncClient) -> None:
    answer = (await clinic.get(await record(clinic))).json()
    listed = (await clinic.get("/v1/consultations?settled=false&limit=1")).json()
    for link in [*answer["links"].values(), *listed["links"].values(), *listed["consultations"][0]["links"].values()]:
        assert (await clinic.get(link)).status_code == 200


async def test_what_is_known_already_is_not_sent_again(clinic: httpx.AsyncClient) -> None:
    address = await record(clinic)
    for tags in ('"1"', 'W/"1"', '"7", "1"', "*"):
        response = await clinic.get(address, headers={"If-None-Match": tags})
        assert (response.status_code, response.content) == (304, b"")
    assert (await clinic.get(address, headers={"If-None-Match": '"2"'})).status_code == 200


async def test_text_and_json_have_tags_of_their_own(clinic: httpx.AsyncClient) -> None:
    address = await record(clinic)
    text = await clinic.get(address, headers={"Accept": "text/plain", "If-None-Match": '"1"'})
    assert text.status_code == 200
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["vary"] == "Accept"
    assert (await revise(clinic, address, LATER, text.headers["etag"])).status_code == 200


async def test_the_tag_of_a_text_follows_its_bytes(clinic: httpx.AsyncClient) -> None:
    address = f"{await record(clinic)}/notes/1"
    text = await clinic.get(address, headers={"Accept": "text/plain"})
    digest = hashlib.sha256(text.content).hexdigest()[:16]
    assert text.headers["etag"] == f'"1-text-{digest}"'
    again = await clinic.get(address, headers={"Accept": "text/plain", "If-None-Match": text.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    older = await clinic.get(address, headers={"Accept": "text/plain", "If-None-Match": '"1-text-0123456789abcdef"'})
    assert older.status_code == 200


async def test_no_browser_keeps_what_is_about_a_patient_and_asking_whether_it_changed_is_audited(
    clinic: httpx.AsyncClient,
) -> None:
    address = await record(clinic)
    reads = [address, f"{address}/notes/1", f"/v1/patients/{FIRST['patient']['reference']}/export"]
    for path in reads:
        first = await clinic.get(path)
        again = await clinic.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code) == (200, 304)
        assert {first.headers["cache-control"], again.headers["cache-control"]} == {"no-store"}
    done = [event["action"] for event in (await clinic.get("/v1/audit")).json()["events"]]
    for action in ("consultation.read", "note.read", "patient.exported"):
        assert done.count(action) == 2


async def test_answers_that_accept_chooses_say_so(clinic: httpx.AsyncClient) -> None:
    posted = await clinic.post("/v1/consultations", json=FIRST)
    address = posted.headers["location"]
    answers = [
        posted,
        await clinic.get(address),
        await clinic.get(f"{address}/notes/1"),
        await revise(clinic, address, LATER, '"1"'),
        await clinic.post("/v1/triage", json=FIRST),
    ]
    assert [answer.headers.get("vary") for answer in answers] == ["Accept"] * len(answers)


async def test_what_is_learned_later_makes_the_next_revision(clinic: httpx.AsyncClient) -> None:
    address = await record(clinic)
    response = await revise(clinic, address, LATER, '"1"')
    assert response.status_code == 200
    assert response.headers["etag"] == '"2"'
    assert response.json()["note"]["changes"]
    assert (await clinic.get(address)).content == response.content


async def test_a_change_without_a_condition_is_refused(clinic: httpx.AsyncClient) -> None:
    response = await revise(clinic, await record(clinic), LATER, None)
    assert response.status_code == 428
    assert response.json()["code"] == "precondition-required"


@only_sqlite
@pytest.mark.parametrize("if_match", ['"2"', 'W/"1"', '"2", "3"', '"of-somebody-else"', '""', '"01"'])
async def test_a_condition_that_names_another_revision_is_stale(clinic: httpx.AsyncClient, if_match: str) -> None:
    address = await record(clinic)
    response = await revise(clinic, address, LATER, if_match)
    assert response.status_code == 412
    assert response.json()["current"] == 1
    assert (await clinic.get(address)).headers["etag"] == '"1"'


@only_sqlite
@pytest.mark.parametrize(
    ("if_match", "says"),
    [
        ('"2"', "revision 2 is not the newest, which is 1"),
        ('"2", "3"', "If-Match names the revisions 2, 3; the newest is 1"),
        ('"of-somebody-else"', 'If-Match holds no ETag of a revision; that of the newest is "1"'),
        ('W/"1"', 'If-Match holds no ETag of a revision; that of the newest is "1"'),
    ],
)
async def test_a_stale_condition_is_told_what_it_named(clinic: httpx.AsyncClient, if_match: str, says: str) -> None:
    problem = (await revise(clinic, await record(clinic), LATER, if_match)).json()
    assert (problem["title"], problem["detail"]) == ("The newest revision is another one", says)


@only_sqlite
@pytest.mark.parametrize("if_match", ["*", '"1"', '"7" ,"1"', WEAK_AND_STRONG, ' "1" '])
async def test_a_condition_that_names_the_newest_revision_is_met(clinic: httpx.AsyncClient, if_match: str) -> None:
    assert (await revise(clinic, await record(clinic), LATER, if_match)).status_code == 200


@only_sqlite
@pytest.mark.parametrize("if_match", ["1", '"1', "", '"1" "2"', "*, *"])
async def test_a_condition_that_cannot_be_read_is_refused(clinic: httpx.AsyncClient, if_match: str) -> None:
    response = await revise(clinic, await record(clinic), LATER, if_match)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/header/If-Match"


async def test_a_change_as_plain_json_is_refused(clinic: httpx.AsyncClient) -> None:
    response = await clinic.patch(await record(clinic), json=LATER, headers={"If-Match": '"1"'})
    assert response.status_code == 415
    assert response.headers["accept-patch"] == "application/merge-patch+json"


async def test_faults_of_a_change_point_into_the_changed_consultation(clinic: httpx.AsyncClient) -> None:
    response = await revise(clinic, await record(clinic), {"complaint": {"leg_pain": 11}}, '"1"')
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == ["/complaint/leg_pain"]


@only_sqlite
@pytest.mark.parametrize("patch", [[], "text", 7, None, True])
async def test_a_change_that_is_no_object_is_refused(clinic: httpx.AsyncClient, patch: Any) -> None:
    assert (await revise(clinic, await record(clinic), patch, '"1"')).status_code == 422


@pytest.mark.parametrize(
    "address",
    [
        UNKNOWN,
        "/v1/consultations/7",
        UNKNOWN.upper().replace("/V1/CONSULTATIONS", "/v1/consultations"),
        "/v1/consultations/%00",
        "/v1/consultations/" + "9" * 6_000,
        f"{UNKNOWN}/notes",
        f"{UNKNOWN}/notes/1",
    ],
)
async def test_an_address_with_nothing_behind_it_is_a_404(clinic: httpx.AsyncClient, address: str) -> None:
    response = await clinic.get(address)
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_change_to_nothing_is_a_404(clinic: httpx.AsyncClient) -> None:
    for condition in (None, "*", '"1"', '"1", "2"'):
        assert (await revise(clinic, UNKNOWN, LATER, condition)).status_code == 404


async def test_notes_stay_as_they_were_made(clinic: httpx.AsyncClient) -> None:
    address = await record(clinic)
    first = await clinic.get(f"{address}/notes/1")
    await revise(clinic, address, LATER, '"1"')
    again = await clinic.get(f"{address}/notes/1")
    assert again.content == first.content
    Note.model_validate(again.json())
    text = await clinic.get(f"{address}/notes/2", headers={"Accept": "text/plain"})
    assert "CHANGED SINCE THE LAST REVISION" in text.text


async def test_the_notes_of_a_consultation_are_listed_oldest_first(clinic: httpx.AsyncClient) -> None:
    address = await record(clinic)
    await revise(clinic, address, LATER, '"1"')
    listed = (await clinic.get(f"{address}/notes")).json()
    NoteList.model_validate(listed)
    assert [note["revision"] for note in listed["notes"]] == [1, 2]
    for note in listed["notes"]:
        assert (await clinic.get(note["links"]["self"])).json()["headline"] == note["headline"]


@pytest.mark.parametrize("revision", ["2", "0", "-1", "01", "one", "9" * 5_000, "1.0", "\u0661"])
async def test_a_note_that_was_never_made_is_a_404(clinic: httpx.AsyncClient, revision: str) -> None:
    assert (await clinic.get(f"{await record(clinic)}/notes/{revision}")).status_code == 404


async def test_pages_follow_one_another_without_gap_or_repetition(clinic: httpx.AsyncClient) -> None:
    recorded = [await record(clinic) for _ in range(5)]
    seen: list[str] = []
    address: str | None = "/v1/consultations?limit=2&urgency_at_least=routine"
    while address is not None:
        page = (await clinic.get(address)).json()
        ConsultationPage.model_validate(page)
        seen += [each["links"]["self"] for each in page["consultations"]]
        await record(clinic)
        address = page["links"].get("next")
    assert seen == recorded[::-1]
