from __future__ import annotations

import httpx
import pytest

from app.routers.described.answers import RulebookDescribed, Vocabulary
from app.routers.rulebook import KINDS, SINGULAR
from app.services.examples import FIRST
from app.services.service import Service
from tests.stores import only_sqlite

pytestmark = only_sqlite


async def test_the_vocabulary_holds_every_fact_that_a_note_asks_for(clinic: httpx.AsyncClient) -> None:
    vocabulary = (await clinic.get("/v1/vocabulary")).json()
    Vocabulary.model_validate(vocabulary)
    names = {fact["name"] for fact in vocabulary["facts"]}
    note = (await clinic.post("/v1/triage", json=FIRST)).json()
    assert note["questions"]
    asked = {question["fact"] for question in note["questions"]} | {
        name for flag in note["red_flags"] for name in flag["ask"]
    }
    assert asked <= names


async def test_a_fact_says_all_that_a_form_has_to_know(clinic: httpx.AsyncClient) -> None:
    facts = {fact["name"]: fact for fact in (await clinic.get("/v1/vocabulary")).json()["facts"]}
    leg_pain = facts["complaint.leg_pain"]
    assert leg_pain["hard_range"] == {"at_least": 0, "at_most": 10}
    assert leg_pain["question"].startswith("How bad is the leg pain")
    assert leg_pain["codes"] == [{"system": "http://snomed.info/sct", "code": "23056005"}]
    assert facts["complaint.duration"]["quantity"] == "Duration"
    assert facts["complaint.saddle_sensation"]["screening_group"] == "cauda_equina"
    assert facts["imaging.levels.spondylolisthesis.translation_mm"]["seen_on"] == ["radiograph"]
    assert facts["patient.bmi"]["derived"]
    assert facts["patient.bmi"]["inputs"] == ["patient.height_cm", "patient.weight_kg"]


async def test_a_screening_group_names_its_members(clinic: httpx.AsyncClient) -> None:
    vocabulary = (await clinic.get("/v1/vocabulary")).json()
    groups = {group["group"]: group for group in vocabulary["screening_groups"]}
    asked = {fact["name"] for fact in vocabulary["facts"] if fact["name"].startswith("screening.")}
    assert {f"screening.{group}" for group in groups} == asked
    assert "complaint.saddle_sensation" in groups["cauda_equina"]["members"]
    assert all(group["members"] and group["question"] for group in groups.values())


async def test_the_rulebook_says_which_it_is(clinic: httpx.AsyncClient, service: Service) -> None:
    described = (await clinic.get("/v1/rulebook")).json()
    RulebookDescribed.model_validate(described)
    assert described["digest"] == service.triage.rulebook.digest
    assert described["counts"]["rules"] == len(service.triage.rulebook.rules)
    for link in described["links"].values():
        assert (await clinic.get(link)).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
async def test_every_entry_of_the_rulebook_is_found_by_its_id(clinic: httpx.AsyncClient, kind: str) -> None:
    entries = (await clinic.get(f"/v1/rulebook/{kind}")).json()[kind]
    assert entries
    for entry in entries:
        name = entry["define" if kind == "definitions" else SINGULAR[kind]]
        assert (await clinic.get(f"/v1/rulebook/{kind}/{name}")).json() == entry


async def test_a_rule_shows_its_condition_as_its_file_writes_it(clinic: httpx.AsyncClient, service: Service) -> None:
    files = service.triage.rulebook.files
    for rule in (await clinic.get("/v1/rulebook/rules")).json()["rules"]:
        text = files[rule["file"]].split("\n")[rule["line"] - 1 :]
        assert rule["rule"] in text[0]
        written = " ".join("\n".join(text).split())
        assert f"when: {' '.join(rule['when'].split())}" in written
        assert rule["concludes"]


async def test_an_unknown_entry_is_told_which_was_meant(clinic: httpx.AsyncClient) -> None:
    response = await clinic.get("/v1/rulebook/categories/lumbar_decompresion")
    assert response.status_code == 404
    assert "lumbar_decompression" in response.json()["detail"]


@pytest.mark.parametrize("address", ["/v1/vocabulary", "/v1/rulebook", "/v1/rulebook/rules", "/openapi.json"])
async def test_what_does_not_change_is_sent_once(clinic: httpx.AsyncClient, address: str) -> None:
    tag = (await clinic.get(address)).headers["etag"]
    again = await clinic.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
