"""What the gatekeeper asks of the store: keys, their last use, and whether there is such a clinic."""

from __future__ import annotations

from datetime import datetime

from app.access import StoredKey, parse_scopes
from app.store import Database, KeyRow, change_key, find_clinic, find_key


class Admission:
    """The store, as `Gatekeeper` needs it. Each question is bound to the clinic that the credentials name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find_key(self, clinic: str, key_id: str) -> StoredKey | None:
        """What is stored of a key. StoreUnavailable."""
        row = await self._database.read(clinic, find_key, key_id)
        return None if row is None else as_stored_key(clinic, row)

    async def note_use(self, key: StoredKey, at: datetime) -> None:
        """Store when a key was last used. StoreUnavailable."""
        await self._database.write(key.clinic, lambda unit: change_key(unit, key.key_id, last_used_at=at))

    async def clinic_exists(self, clinic: str) -> bool:
        """Whether the clinic was opened. StoreUnavailable."""
        return await self._database.read(clinic, find_clinic) is not None


def as_stored_key(clinic: str, row: KeyRow) -> StoredKey:
    """A row of the store as a key."""
    return StoredKey(
        clinic=clinic,
        key_id=row.key_id,
        name=row.name,
        secret_hash=row.secret_hash,
        scopes=parse_scopes(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        replaced_by=row.replaced_by,
    )


def as_key_row(key: StoredKey) -> KeyRow:
    """A key as a row of the store."""
    return KeyRow(
        key_id=key.key_id,
        name=key.name,
        secret_hash=key.secret_hash,
        scopes=" ".join(sorted(key.scopes)),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
        replaced_by=key.replaced_by,
    )
