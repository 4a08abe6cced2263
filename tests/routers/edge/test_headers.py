from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from fastapi.openapi.docs import get_swagger_ui_html

from app.routers.edge import EdgeOptions, page_policy
from tests.routers.edge.clinic import Clinic
from tests.routers.edge.conftest import asked

SAFE = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization, if-match"}


@pytest.mark.parametrize("path", ["/patients/1", "/nowhere", "/broken/x", "/broken/1"])
def test_every_answer_tells_browsers_to_do_no_more_with_it(path: str) -> None:
    headers = asked(Clinic(EdgeOptions()).app, "GET", path).headers
    assert {name: headers.get(name) for name in SAFE} == SAFE
    assert "strict-transport-security" not in headers


def test_what_an_endpoint_says_itself_stands_and_is_not_said_twice() -> None:
    headers = asked(Clinic(EdgeOptions()).app, "GET", "/kept").headers
    assert headers.get_list("cache-control") == ["private, no-cache"]
    assert headers.get_list("content-security-policy") == ["sandbox"]
    assert headers["x-frame-options"] == "DENY"


def test_browsers_insist_on_https_only_when_the_operator_says_so() -> None:
    headers = asked(Clinic(EdgeOptions(strict_transport=31_536_000)).app, "GET", "/kept").headers
    assert headers["strict-transport-security"] == "max-age=31536000"


def test_the_page_of_the_documentation_may_run_its_own_script_and_no_other() -> None:
    page = bytes(get_swagger_ui_html(openapi_url="openapi.json", title="Spine Triage").body)
    (script,) = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    directives = dict(part.split(" ", 1) for part in page_policy(page).split("; "))
    digest = b64encode(sha256(script).digest()).decode()
    assert directives["script-src"] == f"https://cdn.jsdelivr.net 'sha256-{digest}'"
    assert directives["default-src"] == directives["frame-ancestors"] == "'none'"
    assert directives["connect-src"] == "'self'"
    loaded = set(re.findall(rb'(?:src|href)="(https://[^/"]+)', page)) - {b"https://fastapi.tiangolo.com"}
    assert loaded == {b"https://cdn.jsdelivr.net"}


def test_no_other_origin_may_call_unless_it_is_named() -> None:
    answer = asked(Clinic(EdgeOptions()).app, "OPTIONS", "/notes", headers={"Origin": "https://a.test"} | PREFLIGHT)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_named_origin_may_call_with_its_key_but_not_by_cookies() -> None:
    app = Clinic(EdgeOptions(origins=("https://a.test",))).app
    allowed = asked(app, "OPTIONS", "/notes", headers={"Origin": "https://a.test"} | PREFLIGHT)
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "https://a.test")
    assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in allowed.headers
    assert allowed.headers["x-content-type-options"] == "nosniff"
    refused = asked(app, "OPTIONS", "/notes", headers={"Origin": "https://b.test"} | PREFLIGHT)
    assert "access-control-allow-origin" not in refused.headers
    failed = asked(app, "GET", "/broken/x", headers={"Origin": "https://a.test"})
    assert (failed.status_code, failed.headers["access-control-allow-origin"]) == (500, "https://a.test")
    assert "etag" in failed.headers["access-control-expose-headers"].lower()
