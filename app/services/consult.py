"""Reading what is stored, as it was stored."""

from __future__ import annotations

from app.services.service import Service
from app.store import Consultations, StoredRevision


async def read_consultation(service: Service, consultation_id: str) -> StoredRevision:
    """The newest revision. NotFound, StoreUnavailable."""
    return await service.database.read(Consultations(service.clinic).newest, consultation_id)


async def read_notes(service: Service, consultation_id: str) -> list[StoredRevision]:
    """Every revision with its note, oldest first. NotFound, StoreUnavailable."""
    return await service.database.read(Consultations(service.clinic).revisions, consultation_id)


async def read_note(service: Service, consultation_id: str, revision: int) -> StoredRevision:
    """One revision with its note, counted from 1. NotFound, StoreUnavailable."""
    return await service.database.read(Consultations(service.clinic).revision, consultation_id, revision)
