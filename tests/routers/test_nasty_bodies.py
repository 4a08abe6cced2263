from __future__ import annotations

import httpx
import pytest

from app.services.examples import FIRST
from tests.stores import only_sqlite

pytestmark = only_sqlite

GOOD = b'{"complaint": {"regions": ["lumbar"], "leg_pain": 6}}'
NASTY = {
    "nothing": b"",
    "white space": b" \n",
    "not JSON": b"leg pain: 6",
    "two documents": GOOD + GOOD,
    "trailing garbage": GOOD + b"x",
    "a list": b"[]",
    "null": b"null",
    "a number": b"6",
    "NaN": GOOD.replace(b"6", b"NaN"),
    "Infinity": GOOD.replace(b"6", b"-Infinity"),
    "an overflowing number": GOOD.replace(b"6", b"1e999"),
    "a long whole number": GOOD.replace(b"6", b"9" * 5_000),
    "deep nesting": b'{"complaint":' * 100_000,
    "deep lists": b"[" * 500_000 + b"]" * 500_000,
    "ten megabytes": b'{"complaint": {"regions": ["' + b"x" * 10_000_000 + b'"]}}',
    "many unknown keys": b"{" + b",".join(b'"k%d":0' % number for number in range(50_000)) + b"}",
    "a key given twice": GOOD.replace(b'"leg_pain": 6', b'"leg_pain": 6, "leg_pain": 2'),
    "broken UTF-8": GOOD.replace(b"lumbar", b"lum\xffbar"),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf" + GOOD,
    "NUL in a value": b'{"complaint": {"regions": ["lumbar"]}, "patient": {"reference": "a\\u0000b"}}',
    "a raw NUL": GOOD.replace(b"lumbar", b"lum\x00bar"),
    "NUL in a key": GOOD.replace(b"leg_pain", b"leg\\u0000pain"),
    "a lone surrogate": b'{"complaint": {"regions": ["lumbar"]}, "patient": {"reference": "\\ud800"}}',
    "a prototype": b'{"__proto__": {}, "complaint": {"regions": ["lumbar"]}}',
    "true for a number": GOOD.replace(b"6", b"true"),
    "text for a number": GOOD.replace(b"6", b'"6"'),
    "null for an answer": GOOD.replace(b"6", b"[null]"),
}


async def assert_nothing_changed(clinic: httpx.AsyncClient, known: list[str]) -> None:
    listed = (await clinic.get("/v1/consultations")).json()["consultations"]
    assert [each["links"]["self"] for each in listed] == known
    assert all(each["revision"] == 1 for each in listed)


def assert_refused(response: httpx.Response) -> None:
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == "application/problem+json"
    assert len(response.content) < 100_000


@pytest.mark.parametrize("name", NASTY)
async def test_a_nasty_body_is_refused_and_nothing_is_stored(clinic: httpx.AsyncClient, name: str) -> None:
    address = (await clinic.post("/v1/consultations", json=FIRST)).headers["location"]
    as_json = {"Content-Type": "application/json"}
    as_patch = {"Content-Type": "application/merge-patch+json", "If-Match": "*"}
    assert_refused(await clinic.post("/v1/triage", content=NASTY[name], headers=as_json))
    assert_refused(await clinic.post("/v1/consultations", content=NASTY[name], headers=as_json))
    assert_refused(await clinic.patch(address, content=NASTY[name], headers=as_patch))
    await assert_nothing_changed(clinic, [address])


@pytest.mark.parametrize("media", ["", "text/plain", "application/xml", "multipart/form-data; boundary=x", "a/b"])
async def test_another_media_type_is_refused_and_nothing_is_stored(clinic: httpx.AsyncClient, media: str) -> None:
    headers = {"Content-Type": media}
    for address in ("/v1/triage", "/v1/consultations"):
        response = await clinic.post(address, content=GOOD, headers=headers)
        assert response.status_code == 415
        assert response.headers["accept-post"] == "application/json"
    await assert_nothing_changed(clinic, [])
