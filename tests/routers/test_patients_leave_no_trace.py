"""Whatever a caller sends of a patient, it comes back in what was asked for and is written nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from app.access import Scope
from app.services.examples import FIRST
from tests.processes.service import RunningService
from tests.stores import MASTER_KEYS, StoreUrls

REFERENCE, MEASURED, WORDS, STRAY = (f"zq{kind}{'7' * 6}zq" for kind in ("reference", "measured", "words", "stray"))
NUMBER = b"4711081547"
MARKER = re.compile(r"zq(?:reference|measured|words|stray)7{6}zq|4711081547", re.IGNORECASE)
JSON = {"Content-Type": "application/json"}
PATCH = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def running(store_urls: StoreUrls, tmp_path: Path) -> Iterator[RunningService]:
    settings = {
        "DATABASE_URL": store_urls.service,
        "OWNER_DATABASE_URL": store_urls.owner,
        "MASTER_KEYS": MASTER_KEYS,
        "LOG_LEVEL": "debug",
        "BODY_LIMIT_BYTES": "20000",
        "RATE_PER_MINUTE": "0",
    }
    with RunningService(tmp_path, settings) as service:
        yield service


def body() -> dict[str, Any]:
    document = deepcopy(FIRST)
    document["patient"]["reference"] = REFERENCE
    document["imaging"][0]["measured_by"] = MEASURED
    return document


def use_everything(http: httpx.Client) -> list[httpx.Response]:
    """Success and every kind of failure, with markers in all places where a caller could put them."""
    sent = orjson.dumps(body())
    keyed = JSON | {"Idempotency-Key": STRAY}
    stored = http.post("/v1/consultations", content=sent, headers=keyed)
    here, tag = stored.headers["Location"], stored.headers["ETag"]
    review = {"revision": 1, "verdict": "overrode", "reason": "other", "words": WORDS}
    patient = f"/v1/patients/{quote(REFERENCE)}"
    wrong = [
        sent[:-1],
        sent.replace(b'"lumbar"', orjson.dumps(STRAY)),
        sent.replace(b'"age":52', b'"age":' + orjson.dumps(STRAY)),
        sent.replace(b'"sex":"female"', b'"sex":' + orjson.dumps(STRAY)),
        sent.replace(b'"back_pain":8', b'"back_pain":NaN'),
        sent.replace(orjson.dumps(REFERENCE), NUMBER),
        sent.replace(b'"sex":"female"', b'"sex":' + NUMBER),
        orjson.dumps([STRAY]),
        orjson.dumps(body() | {"not_known": [STRAY]}),
        orjson.dumps(body() | {"screening": STRAY}),
        orjson.dumps(STRAY * 2_000),
        STRAY.encode() + b"\xff",
    ]
    answers = [
        stored,
        http.post("/v1/consultations", content=sent, headers=keyed),
        http.post("/v1/consultations", content=sent.replace(b"52", b"53"), headers=keyed),
        http.post("/v1/consultations", content=sent, headers={"Content-Type": f"text/{STRAY}"}),
        http.post("/v1/consultations", content=sent, headers=JSON | {"Accept": f"image/{STRAY}"}),
        http.post("/v1/triage", content=sent, headers=JSON),
        *(http.post("/v1/triage", content=each, headers=JSON) for each in wrong),
        *(http.post("/v1/consultations", content=each, headers=JSON) for each in wrong),
        http.patch(here, content=orjson.dumps({"patient": {"age": STRAY}}), headers=PATCH | {"If-Match": tag}),
        http.patch(here, content=orjson.dumps({"complaint": {"back_pain": 1}}), headers=PATCH | {"If-Match": tag}),
        http.patch(here, content=sent, headers=PATCH | {"If-Match": STRAY}),
        http.patch(here, content=sent, headers=PATCH),
        http.patch(here, content=sent, headers=PATCH | {"If-Match": tag}),
        http.post(f"{here}/reviews", json=review),
        http.post(f"{here}/reviews", json=review | {"verdict": STRAY}),
        http.get(f"{here}/reviews"),
        http.get(here, headers={"If-None-Match": STRAY}),
        http.get(f"{here}/notes"),
        http.get(f"{here}/notes/{STRAY}"),
        http.get("/v1/consultations", params={"patient_reference": REFERENCE, "limit": 1}),
        http.get("/v1/consultations", params={"category": STRAY}),
        http.get("/v1/consultations", params={"cursor": STRAY}),
        http.get("/v1/consultations", params={"created_from": STRAY}),
        http.get(f"/v1/{STRAY}", params={STRAY: STRAY}),
        http.get(f"/v1/consultations/{STRAY}"),
        http.get("/v1/audit"),
        http.get("/v1/consultations", headers={"Authorization": f"Bearer {STRAY}"}),
        http.get("/healthz", params={"reference": REFERENCE}, headers={"X-Request-ID": f"{STRAY}!"}),
        http.request("DELETE", here),
        http.get(f"{patient}/export"),
        http.put(patient),
        http.delete(f"/v1/patients/{STRAY}%FF"),
        http.delete(f"/v1/patients/{STRAY}"),
        http.delete(patient),
        http.delete(patient),
        http.get(f"{patient}/export"),
        http.get(here),
    ]
    assert {each.status_code for each in answers} >= {200, 201, 204, 400, 401, 404, 405, 406, 412, 413, 415, 422, 428}
    return answers


def links_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from map(str, each.values()) if key == "links" and isinstance(each, dict) else links_of(each)
    elif isinstance(value, list):
        for each in value:
            yield from links_of(each)


def test_no_log_metric_link_header_or_error_holds_what_was_sent_of_a_patient(
    running: RunningService, tmp_path: Path
) -> None:
    made = running.run("keys", "create", "--name", "test", "--scopes", ",".join(Scope))
    headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
    with httpx.Client(base_url=running.address, headers=headers, trust_env=False, timeout=30) as http:
        answers = use_everything(http)
        metrics = http.get("/metrics")
        whole_audit = http.get("/v1/audit", params={"limit": 200})
    assert any(MARKER.search(answer.text) for answer in answers if answer.is_success)

    for answer in answers:
        assert not MARKER.search(str(answer.headers)), answer.request.url
        if not answer.is_success:
            assert answer.status_code < 500, answer.text
            assert not MARKER.search(answer.text), (answer.request.method, answer.request.url, answer.text)
        elif answer.headers.get("Content-Type") == "application/json":
            assert not [link for link in links_of(answer.json()) if MARKER.search(link)]
    assert metrics.status_code == 200
    assert not MARKER.search(metrics.text)
    assert not MARKER.search(whole_audit.text)

    assert running.stop() == 0
    said = running.said()
    assert "consultation" in said
    assert not [line for line in said.splitlines() if MARKER.search(line)]
    retention = running.run("retention")
    assert retention.returncode == 0
    assert not MARKER.search(retention.stdout + retention.stderr)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert not MARKER.search(file.read_bytes().decode("latin-1")), file.name
