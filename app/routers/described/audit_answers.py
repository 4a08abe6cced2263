"""The shape of the audit as it is read, for the OpenAPI document, and an example."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.access import Action, CallerKind
from app.store.audit import AuditEntry, AuditPage

_Id = Annotated[str, Field(min_length=36, max_length=36)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Actor(_Part):
    """Who did it."""

    kind: CallerKind
    id: str = Field(description="A key's id, a person's `sub` at their issuer, or the name of an operator")


class AuditEvent(_Part):
    """Who did what to which record when, from where, and with which result."""

    id: _Id
    at: datetime
    actor: Actor
    action: Action
    target: str | None = Field(description="The record as a path of ids; null where there was none yet, or many")
    outcome: str = Field(description="`done`, or another word for what came of it, such as the code of the problem")
    address: str | None = Field(description="Where the request came from")
    request_id: str | None
    detail: dict[str, Any] | None = Field(description="More about it, by action")
    seal: int | None = Field(ge=1, description="The seal that covers it; null if none does yet")


class AuditList(_Part):
    """Some events, newest first. `links.next` leads to those that follow; without it there are none."""

    events: list[AuditEvent]
    links: dict[str, str] = Field(description="Addresses on this service by what they lead to")


def example_page(consultation_id: str) -> AuditPage:
    """Two events: a consultation was recorded, and read by somebody who may not."""
    recorded = AuditEntry(
        event_id="3f6b8f0a-52c7-4c0d-8b57-2d8f1e0a9c44",
        at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
        actor_kind=CallerKind.API_KEY,
        actor="q5d7xkz2m4ab",
        action=Action.CONSULTATION_RECORDED,
        target=f"consultations/{consultation_id}/notes/1",
        outcome="done",
        address="10.0.3.17",
        request_id="0f8c6c1e2b7a4d5e9a3b1c2d4e5f6071",
        detail=None,
        seal=12,
    )
    refused = AuditEntry(
        event_id="c1b7d2aa-0f43-4f4e-9d53-7a3b5e6f8d21",
        at=datetime(2026, 11, 23, 9, 42, tzinfo=UTC),
        actor_kind=CallerKind.PERSON,
        actor="a1f0c7d2",
        action=Action.CONSULTATION_READ,
        target=f"consultations/{consultation_id}",
        outcome="forbidden",
        address="10.0.3.20",
        request_id="9d1c7a5b3f2e4c6d8e0f1a2b3c4d5e6f",
        detail=None,
        seal=None,
    )
    return AuditPage((refused, recorded), None)
