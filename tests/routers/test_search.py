from __future__ import annotations

import httpx
import pytest

from app.services.examples import FIRST
from tests.stores import only_sqlite

SADDLE_NUMBNESS_FOR_TWO_DAYS = {"saddle_sensation": "absent", "cauda_equina_onset": {"value": 2, "unit": "days"}}
EMERGENCY = FIRST | {"patient": {"reference": "MRN-7"}, "complaint": FIRST["complaint"] | SADDLE_NUMBNESS_FOR_TWO_DAYS}
# Stored at 08:00 and 09:00 on 2026-11-23.


@pytest.fixture
async def two(clinic: httpx.AsyncClient) -> httpx.AsyncClient:
    """A caller of a service that holds the README's consultation and, an hour younger, an emergency."""
    for body in (FIRST, EMERGENCY):
        assert (await clinic.post("/v1/consultations", json=body)).status_code == 201
    return clinic


async def references(clinic: httpx.AsyncClient, query: str) -> list[str]:
    response = await clinic.get(f"/v1/consultations?{query}")
    assert response.status_code == 200, response.text
    return [each["patient_reference"] for each in response.json()["consultations"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["MRN-7", "MRN-1042"]),
        ("patient_reference=MRN-1042", ["MRN-1042"]),
        ("patient_reference=MRN", []),
        ("urgency_at_least=emergency", ["MRN-7"]),
        ("settled=true", ["MRN-7"]),
        ("settled=false", ["MRN-1042"]),
        ("category=lumbar_decompression_and_fusion&status=suppressed", ["MRN-7"]),
        ("category=lumbar_decompression_and_fusion&status=needs_information", ["MRN-1042"]),
        ("status=suppressed&settled=false", []),
        ("created_from=2026-11-23", ["MRN-7", "MRN-1042"]),
        ("created_from=2026-11-24", []),
        ("created_to=2026-11-23", ["MRN-7", "MRN-1042"]),
        ("created_to=2026-11-22", []),
        ("created_from=2026-11-23T08:30:00Z", ["MRN-7"]),
        ("created_to=2026-11-23T08:30Z", ["MRN-1042"]),
        ("created_from=2026-11-23T09:30:00%2B01:00", ["MRN-7"]),
        ("limit=1", ["MRN-7"]),
    ],
)
async def test_a_list_holds_what_was_asked_for(two: httpx.AsyncClient, query: str, found: list[str]) -> None:
    assert await references(two, query) == found


async def test_links_of_a_list_name_a_patient_by_our_own_id(two: httpx.AsyncClient) -> None:
    assert (await two.post("/v1/consultations", json=FIRST)).status_code == 201
    page = (await two.get("/v1/consultations?patient_reference=MRN-1042&limit=1")).json()
    assert set(page["links"]) == {"self", "next"}
    assert "MRN" not in str(page["links"])
    again = (await two.get(page["links"]["self"])).json()
    assert again["consultations"] == page["consultations"]
    following = (await two.get(page["links"]["next"])).json()
    assert [each["patient_reference"] for each in page["consultations"] + following["consultations"]] == [
        "MRN-1042"
    ] * 2
    assert "next" not in following["links"]


async def test_nobody_s_list_has_no_links_that_would_name_them(two: httpx.AsyncClient) -> None:
    page = (await two.get("/v1/consultations?patient_reference=MRN-8")).json()
    assert page == {"consultations": [], "links": {}}


@only_sqlite
@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("patient_ref=MRN-1042", "/query/patient_ref"),
        ("patient_reference=", "/query/patient_reference"),
        ("patient_reference=a&patient_reference=b", "/query/patient_reference"),
        ("patient_reference=%00", "/query/patient_reference"),
        ("patient=MRN-1042", "/query/patient"),
        ("urgency_at_least=high", "/query/urgency_at_least"),
        ("settled=yes", "/query/settled"),
        ("category=lumbar_fusion", "/query/category"),
        ("status=not_supported", "/query/status"),
        ("created_from=yesterday", "/query/created_from"),
        ("created_from=2026-02-30", "/query/created_from"),
        ("created_from=2026-11-23T09:30:00", "/query/created_from"),
        ("created_to=1763856000", "/query/created_to"),
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("limit=ten", "/query/limit"),
        (f"limit={'9' * 5_000}", "/query/limit"),
        ("a/b=1", "/query/a~1b"),
    ],
)
async def test_a_parameter_that_cannot_be_meant_is_refused(two: httpx.AsyncClient, query: str, pointer: str) -> None:
    response = await two.get(f"/v1/consultations?{query}")
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


@only_sqlite
@pytest.mark.parametrize("query", ["created_from=yesterday", "created_to=2026-11-23T09:30:00", "patient_reference=%00"])
async def test_what_is_allowed_is_said_in_words(clinic: httpx.AsyncClient, query: str) -> None:
    (fault,) = (await clinic.get(f"/v1/consultations?{query}")).json()["errors"]
    if query.startswith("created"):
        assert fault["problem"] == "this is neither a day nor a moment"
        assert fault["allowed"].startswith("a day such as 2026-11-23, or a moment with its zone such as")
    else:
        assert fault["allowed"] == "text of whole characters"


async def test_a_misspelt_parameter_is_told_what_was_meant(clinic: httpx.AsyncClient) -> None:
    response = await clinic.get("/v1/consultations?patient_referense=MRN-1042&limit=0")
    assert len(response.json()["errors"]) == 2
    assert "patient_reference" in response.text


async def test_a_cursor_that_was_never_given_out_is_refused(clinic: httpx.AsyncClient) -> None:
    response = await clinic.get("/v1/consultations?cursor=MjAyNi0xMS0yMw")
    assert response.status_code == 422
    assert response.json()["code"] == "invalid-cursor"


async def test_a_list_is_only_written_as_json(clinic: httpx.AsyncClient) -> None:
    response = await clinic.get("/v1/consultations", headers={"Accept": "text/plain"})
    assert response.status_code == 406
