"""Every operation, asked without credentials, with ones that count for nothing, and with each scope missing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.access import CALLS, OPEN, Issuer, Scope, TokenVerifier
from app.models import LOCAL_CLINIC
from app.routers.described.credentials import needed_scope
from app.services.service import Service
from app.store import Database
from tests.access.clock import Clock
from tests.access.issuing import LoopbackIssuer, as_jwk, sign
from tests.routers.door import EVERYTHING, Door
from tests.routers.operations import Operation, Place, ask, every_operation, store
from tests.stores import OTHER_CLINIC, only_sqlite

NOWHERE = Place()
AUDIENCE = "spine-triage"
KEY, FORGER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def issuing() -> Iterator[LoopbackIssuer]:
    with LoopbackIssuer() as issuer:
        issuer.published = [as_jwk(KEY, "p256")]
        yield issuer


@pytest.fixture
async def door(service: Service, owned: Database, issuing: LoopbackIssuer) -> AsyncIterator[Door]:
    """The application, which believes this issuer's tokens too."""
    clock, issuer = Clock(), Issuer(issuing.url)
    opened = Door(service, owned, TokenVerifier(issuer, AUDIENCE, now=clock.now), clock)
    yield opened
    await opened.close()
    await issuer.close()


@pytest.fixture
def operations(door: Door) -> list[Operation]:
    return every_operation(door.app)


@pytest.fixture
def closed(operations: list[Operation]) -> list[Operation]:
    """Those that need credentials."""
    return [operation for operation in operations if operation.path not in OPEN]


def token(issuing: LoopbackIssuer, clock: Clock, key: Any = KEY, **changed: Any) -> str:
    """A person's token with every scope, which some claims make good for nothing."""
    at = clock.moment.timestamp()
    sound = {
        "iss": issuing.url,
        "aud": AUDIENCE,
        "sub": "nurse-7",
        "exp": at + 300,
        "clinic": LOCAL_CLINIC,
        "scope": " ".join(Scope),
    }
    claims = {name: value for name, value in (sound | changed).items() if value is not None}
    return sign(claims, key, "HS256" if isinstance(key, bytes) else "ES256", "p256")


async def bad_keys(door: Door) -> dict[str, str]:
    """Keys that count for nothing, by what is wrong with them."""
    valid = (await door.make_key()).text
    expired = await door.make_key(lifetime=timedelta(seconds=5))
    revoked = await door.make_key()
    await door.revoke(revoked)
    start, key_id, secret = valid.rpartition(".")[0], valid.split(".")[1], valid.rpartition(".")[2]
    return {
        "expired": expired.text,
        "revoked": revoked.text,
        "forged": f"{start}.{secret[::-1]}",
        "unknown": f"st_{LOCAL_CLINIC}.{key_id[::-1]}.{secret}",
        "taken to another clinic": f"st_{OTHER_CLINIC}.{key_id}.{secret}",
        "of no clinic": f"st_nowhere.{key_id}.{secret}",
        "cut short": valid[:-1],
    }


def bad_tokens(door: Door, issuing: LoopbackIssuer) -> dict[str, str]:
    """Tokens that count for nothing, by what is wrong with them."""
    at = door.clock.moment.timestamp()
    return {
        "expired": token(issuing, door.clock, exp=at - 60),
        "of tomorrow": token(issuing, door.clock, nbf=at + 86_400, exp=at + 90_000),
        "without end": token(issuing, door.clock, exp=None),
        "for another audience": token(issuing, door.clock, aud="another-service"),
        "of another issuer": token(issuing, door.clock, iss="https://elsewhere.test"),
        "forged": token(issuing, door.clock, FORGER),
        "signed with a word": token(issuing, door.clock, b"a word that is long enough for this one"),
        "of no clinic": token(issuing, door.clock, clinic=None),
        "of a clinic that is not here": token(issuing, door.clock, clinic="nowhere"),
    }


async def bad_headers(door: Door, issuing: LoopbackIssuer) -> list[list[str]]:
    """Values of the Authorization header, none to two of them, that let nobody in."""
    valid = (await door.make_key()).text
    texts = [*(await bad_keys(door)).values(), *bad_tokens(door, issuing).values()]
    spoilt = [f"Basic {valid}", valid, f"Bearer {valid}, Bearer {valid}", f"Bearer {valid} {valid}", "Bearer ", ""]
    return [[], [f"Bearer {valid}"] * 2, *([value] for value in spoilt), *([f"Bearer {text}"] for text in texts)]


async def test_without_valid_credentials_nothing_is_answered_and_nothing_is_done(
    door: Door, clinic: httpx.AsyncClient, stranger: httpx.AsyncClient, closed: list[Operation], issuing: LoopbackIssuer
) -> None:
    mine = await store(clinic, closed, "MRN-1")
    here = f"/v1/consultations/{mine.consultation_id}"
    before = (await clinic.get(here)).content
    for values in await bad_headers(door, issuing):
        for operation in closed:
            headers = [("authorization", value) for value in values] + list(operation.headers.items())
            answer = await stranger.request(
                operation.method, operation.address(mine), headers=headers, content=operation.example
            )
            assert answer.status_code == 401, (values, str(operation))
            assert answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "unauthenticated"
            assert mine.consultation_id not in answer.text
    assert (await clinic.get(here)).content == before
    assert len((await clinic.get("/v1/consultations")).json()["consultations"]) == 1


async def test_keys_that_do_not_count_are_refused_in_the_same_words(door: Door, stranger: httpx.AsyncClient) -> None:
    refusals = {
        (await stranger.get("/v1/consultations", headers={"Authorization": f"Bearer {text}"})).text
        for text in (await bad_keys(door)).values()
    }
    assert len(refusals) == 1


@only_sqlite
async def test_a_person_s_token_is_as_good_as_a_key(
    door: Door, clinic: httpx.AsyncClient, closed: list[Operation], issuing: LoopbackIssuer
) -> None:
    mine = await store(clinic, closed, "MRN-1")
    async with door.caller(token(issuing, door.clock)) as person:
        for operation in closed:
            assert (await ask(person, operation, mine)).is_success, str(operation)


@only_sqlite
async def test_what_is_open_is_open_whoever_asks(
    door: Door, stranger: httpx.AsyncClient, issuing: LoopbackIssuer
) -> None:
    for address in OPEN:
        for values in await bad_headers(door, issuing):
            answer = await stranger.get(address, headers=[("Authorization", value) for value in values])
            assert answer.status_code == 200


async def test_each_operation_needs_the_scope_that_the_documents_name_and_no_other(
    door: Door, clinic: httpx.AsyncClient, closed: list[Operation]
) -> None:
    mine = await store(clinic, closed, "MRN-1")
    for scope in Scope:
        async with (
            door.caller((await door.make_key(scopes=EVERYTHING - {scope})).text) as lacking,
            door.caller((await door.make_key(scopes=frozenset({scope}))).text) as having,
        ):
            for operation in closed:
                needed = needed_scope(operation.method, operation.path)
                assert operation.scopes == {needed}, str(operation)
                refused, let_in = (lacking, having) if needed == scope else (having, lacking)
                refusal = await ask(refused, operation, mine)
                assert refusal.status_code == 403, (str(operation), scope)
                assert needed is not None
                assert needed in refusal.json()["detail"]
                # About nothing, so that what is erased by one is there for the next.
                assert (await ask(let_in, operation, NOWHERE)).status_code not in {401, 403}, (str(operation), scope)


@only_sqlite
async def test_the_table_of_calls_has_each_operation_and_nothing_else(operations: list[Operation]) -> None:
    calls = [re.compile(re.sub(r"\{\w+\}", "[^/]+", call)) for call, _ in CALLS]
    there_are = [str(operation) for operation in operations if operation.path not in OPEN]
    for operation in there_are:
        assert any(call.fullmatch(operation) for call in calls), operation
    for call in calls:
        assert any(call.fullmatch(operation) for operation in there_are), call.pattern


async def test_a_revoked_key_is_refused_within_seconds(door: Door) -> None:
    key = await door.make_key()
    async with door.caller(key.text) as client:
        assert (await client.get("/v1/consultations")).status_code == 200
        await door.revoke(key)
        assert (await client.get("/v1/consultations")).status_code == 401
