from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from app.access import Issuer
from app.errors import InputError, IssuerUnavailable
from tests.access.clock import Clock
from tests.access.issuing import DISCOVERY, KEYS, Answer, LoopbackIssuer, PrivateKey, as_json, as_jwk

ONCE = [DISCOVERY, KEYS]


async def test_keys_are_fetched_when_first_needed_and_kept(issuer: Issuer, issuing: LoopbackIssuer) -> None:
    assert issuing.asked == []
    for kid, algorithm in [("rsa", "RS256"), ("p256", "ES256"), ("ed25519", "EdDSA"), ("rsa", "PS512")]:
        found = await issuer.find_key(kid, algorithm)
        assert found is not None
        assert found.key_id == kid
    assert issuing.asked == ONCE


async def test_callers_who_come_at_once_share_one_fetch(issuer: Issuer, issuing: LoopbackIssuer) -> None:
    found = await asyncio.gather(*(issuer.find_key("rsa", "RS256") for _ in range(50)))
    assert None not in found
    assert issuing.asked == ONCE


async def test_a_caller_who_hangs_up_does_not_take_the_fetch_from_the_others(
    issuer: Issuer, issuing: LoopbackIssuer
) -> None:
    issuing.open.clear()
    first, second = (asyncio.create_task(issuer.find_key("rsa", "RS256")) for _ in range(2))
    await issuing.wait_until_asked(1)
    first.cancel()
    issuing.open.set()
    assert await second is not None
    assert first.cancelled()
    assert issuing.asked == ONCE


async def test_a_new_key_is_found_as_soon_as_a_token_names_it(
    issuer: Issuer, issuing: LoopbackIssuer, keys: dict[str, PrivateKey], clock: Clock
) -> None:
    assert await issuer.find_key("rsa", "RS256") is not None
    issuing.published = [as_jwk(keys["rsa-next"], "rsa-next")]
    clock.go_on(10)
    assert await issuer.find_key("rsa-next", "RS256") is not None
    assert await issuer.find_key("rsa", "RS256") is None


async def test_a_withdrawn_key_is_good_for_an_hour_at_most(
    issuer: Issuer, issuing: LoopbackIssuer, keys: dict[str, PrivateKey], clock: Clock
) -> None:
    assert await issuer.find_key("rsa", "RS256") is not None
    issuing.published = [as_jwk(keys["rsa-next"], "rsa-next")]
    clock.go_on(3599)
    assert await issuer.find_key("rsa", "RS256") is not None
    clock.go_on(1)
    assert await issuer.find_key("rsa", "RS256") is None


async def test_a_storm_of_invented_keys_asks_the_issuer_once_in_ten_seconds(
    issuer: Issuer, issuing: LoopbackIssuer, clock: Clock
) -> None:
    assert await issuer.find_key("rsa", "RS256") is not None
    for _ in range(5):
        clock.go_on(2)
        storm = (issuer.find_key(f"invented-{number}", "RS256") for number in range(100))
        assert set(await asyncio.gather(*storm)) == {None}
        assert await issuer.find_key("rsa", "RS256") is not None
    assert issuing.asked == ONCE * 2


async def test_keys_that_are_known_outlive_an_issuer_that_is_gone(
    issuer: Issuer, issuing: LoopbackIssuer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    assert await issuer.find_key("rsa", "RS256") is not None
    issuing.stop()
    with caplog.at_level(logging.WARNING):
        for _ in range(23):
            clock.go_on(3600)
            assert await issuer.find_key("rsa", "RS256") is not None
    assert "could not be fetched: ConnectError" in caplog.text
    with pytest.raises(IssuerUnavailable):
        await issuer.find_key("published-meanwhile", "RS256")
    clock.go_on(3600)
    with pytest.raises(IssuerUnavailable, match="does not answer"):
        await issuer.find_key("rsa", "RS256")
    issuing.start()
    clock.go_on(10)
    assert await issuer.find_key("rsa", "RS256") is not None


async def test_without_keys_and_without_an_issuer_nothing_is_decided(
    issuer: Issuer, issuing: LoopbackIssuer, clock: Clock
) -> None:
    issuing.stop()
    for _ in range(3):
        with pytest.raises(IssuerUnavailable):
            await issuer.find_key("rsa", "RS256")
    issuing.start()
    with pytest.raises(IssuerUnavailable):  # too soon to ask again
        await issuer.find_key("rsa", "RS256")
    clock.go_on(10)
    assert await issuer.find_key("rsa", "RS256") is not None


async def test_nobody_with_a_known_key_waits_again_for_an_issuer_that_stopped_answering(
    issuing: LoopbackIssuer, clock: Clock
) -> None:
    issuer = Issuer(issuing.url, timeout=0.2, monotonic=clock.monotonic)
    assert await issuer.find_key("rsa", "RS256") is not None
    issuing.open.clear()
    clock.go_on(3600)
    assert await issuer.find_key("rsa", "RS256") is not None  # this one finds out that nothing comes
    clock.go_on(10)
    waiting = issuer.find_key("rsa", "RS256")
    assert await asyncio.wait_for(waiting, 0.1) is not None
    await issuing.wait_until_asked(4)
    await issuer.close()
    assert issuing.asked == [*ONCE, DISCOVERY, DISCOVERY]


WRONG: dict[str, tuple[str, Answer]] = {
    "no issuer": (DISCOVERY, as_json({})),
    "not an object": (DISCOVERY, as_json([])),
    "not JSON": (DISCOVERY, (200, {}, b"<html>")),
    "keys that are no key set": (KEYS, as_json({"keys": {}})),
    "keys that are not an object": (KEYS, as_json("keys")),
    "a failure": (KEYS, (500, {}, b"")),
    "a redirect": (KEYS, (302, {"Location": "/elsewhere"}, b"")),
    "endless keys": (KEYS, (200, {}, b'{"keys": [' + b" " * 300_000 + b"]}")),
    "compressed keys": (KEYS, (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\x00")),
    "deeply nested keys": (KEYS, (200, {}, b"[" * 100_000)),
}


@pytest.mark.parametrize(("path", "answer"), WRONG.values(), ids=WRONG)
async def test_an_issuer_that_answers_something_else_is_as_good_as_gone(
    issuer: Issuer, issuing: LoopbackIssuer, path: str, answer: Answer
) -> None:
    issuing.answers[path] = lambda: answer
    with pytest.raises(IssuerUnavailable):
        await issuer.find_key("rsa", "RS256")
    assert set(issuing.asked) <= set(ONCE)


@pytest.mark.parametrize("name", ["http://127.0.0.1:1", "/", "", None], ids=repr)
async def test_an_issuer_that_calls_itself_otherwise_is_not_believed(
    issuer: Issuer, issuing: LoopbackIssuer, name: str | None
) -> None:
    called = issuing.url + name if name == "/" else name
    issuing.answers[DISCOVERY] = lambda: as_json({"issuer": called, "jwks_uri": issuing.url + KEYS})
    with pytest.raises(IssuerUnavailable):
        await issuer.find_key("rsa", "RS256")
    assert issuing.asked == [DISCOVERY]


@pytest.mark.parametrize(
    "address", ["http://keys.example/keys", "file:///etc/passwd", "http://user:word@127.0.0.1/keys", "//x", "", 7, None]
)
async def test_keys_are_not_fetched_from_an_address_that_is_not_safe(
    issuer: Issuer, issuing: LoopbackIssuer, address: Any
) -> None:
    issuing.answers[DISCOVERY] = lambda: as_json({"issuer": issuing.url, "jwks_uri": address})
    with pytest.raises(IssuerUnavailable):
        await issuer.find_key("rsa", "RS256")
    assert issuing.asked == [DISCOVERY]


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example",
        "http://localhost.example",
        "http://127.0.0.1.example",
        "ftp://127.0.0.1",
        "login.example",
        "https://",
        "https://login.example?a=b",
        "https://login.example#a",
        "https://user:word@login.example",
        "https://login.example:port",
        "",
    ],
)
def test_an_issuer_that_cannot_be_trusted_is_not_configured(url: str) -> None:
    with pytest.raises(InputError, match="https://"):
        Issuer(url)


@pytest.mark.parametrize("url", ["https://login.example/realms/north/", "http://localhost:8080", "http://[::1]:8080/a"])
def test_issuers_are_https_or_on_this_machine(url: str) -> None:
    assert Issuer(url).url == url
