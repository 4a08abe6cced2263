"""Rulebooks as they were, by digest, so that any note can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, and_, bindparam, insert, select

from app.errors import NotFound
from app.models import rulebook_snapshots

_KEEP = insert(rulebook_snapshots)
_THIS_RULEBOOK = and_(
    rulebook_snapshots.c.clinic_id == bindparam("clinic"), rulebook_snapshots.c.digest == bindparam("rulebook")
)
_FIND = select(rulebook_snapshots.c.files).where(_THIS_RULEBOOK)
_IS_KEPT = select(rulebook_snapshots.c.digest).where(_THIS_RULEBOOK)


@dataclass(frozen=True, slots=True)
class Rulebooks:
    """The rulebook snapshots of one clinic."""

    clinic_id: str

    def keep_snapshot(self, connection: Connection, digest: str, version: str, files: Mapping[str, str]) -> None:
        """Store the files' texts under their digest. One that is already there stays as it is."""
        if connection.execute(_IS_KEPT, {"clinic": self.clinic_id, "rulebook": digest}).first() is not None:
            return
        row = {
            "clinic_id": self.clinic_id,
            "digest": digest,
            "version": version,
            "files": orjson.dumps(dict(files), option=orjson.OPT_SORT_KEYS),
        }
        connection.execute(_KEEP, row)

    def snapshot(self, connection: Connection, digest: str) -> dict[str, str]:
        """Each file's name and text, as they were. NotFound for a digest that was never kept."""
        stored = connection.execute(_FIND, {"clinic": self.clinic_id, "rulebook": digest}).scalar_one_or_none()
        if stored is None:
            raise NotFound(f"there is no rulebook with the digest {digest}")
        files: dict[str, str] = orjson.loads(stored)
        return files
