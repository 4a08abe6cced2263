"""An installation for the commands under test: the settings that they find, and what its service has stored."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import pytest

from app.access import Action
from app.models import LOCAL_CLINIC
from app.services.examples import FIRST
from app.services.record import record
from app.services.service import Service
from app.store import Keyring, open_database
from app.triage import Triage
from tests.stores import MASTER_KEYS, StoreUrls, make_call, make_service

PREFIX = "SPINE_TRIAGE_"

T = TypeVar("T")


def set_only(patch: pytest.MonkeyPatch, **settings: str) -> None:
    """Set these, without their prefix, and none of those that this machine may have."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        patch.delenv(name)
    for name, value in settings.items():
        patch.setenv(f"{PREFIX}{name}", value)


def install(patch: pytest.MonkeyPatch, urls: StoreUrls, **settings: str) -> None:
    """Set what an installation on a database has, and perhaps more or something else."""
    usual = {"DATABASE_URL": urls.service, "OWNER_DATABASE_URL": urls.owner, "MASTER_KEYS": MASTER_KEYS}
    set_only(patch, **{**usual, **settings})


def as_service(
    url: str, ring: Keyring, triage: Triage, now: Callable[[], datetime], fn: Callable[[Service], Awaitable[T]]
) -> T:
    """Do something as a service with a ring does."""

    async def run() -> T:
        database = open_database(url, ring)
        try:
            return await fn(make_service(database, triage, now))
        finally:
            await database.close()

    return asyncio.run(run())


async def post(service: Service, reference: str, clinic: str = LOCAL_CLINIC) -> str:
    """Store a consultation of a patient; answers its id."""
    call = make_call(Action.CONSULTATION_RECORDED, clinic=clinic, idempotency_key=f"the {reference}")
    body = FIRST | {"patient": FIRST["patient"] | {"reference": reference}}
    return (await record(service, call, body)).consultation_id
