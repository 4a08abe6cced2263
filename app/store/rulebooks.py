"""Rulebooks as they were, by digest, so that any note can be made again."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from sqlalchemy import and_, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable

from app.errors import NotFound
from app.models import rulebook_snapshots
from app.store.unit import Unit

# Another process may keep the same one at the same moment.
_KEEP: dict[str, Executable] = {
    "postgresql": postgresql.insert(rulebook_snapshots).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(rulebook_snapshots).on_conflict_do_nothing(),
}
_THIS_RULEBOOK = and_(
    rulebook_snapshots.c.clinic_id == bindparam("clinic"), rulebook_snapshots.c.digest == bindparam("rulebook")
)
_FIND = select(rulebook_snapshots.c.files).where(_THIS_RULEBOOK)
_IS_KEPT = select(rulebook_snapshots.c.digest).where(_THIS_RULEBOOK)


def keep_snapshot(unit: Unit, digest: str, version: str, files: Mapping[str, str]) -> None:
    """Store the files' texts under their digest. One that is already there stays as it is."""
    if has_snapshot(unit, digest):
        return
    row = {
        "clinic_id": unit.clinic,
        "digest": digest,
        "version": version,
        "files": orjson.dumps(dict(files), option=orjson.OPT_SORT_KEYS),
    }
    keep = _KEEP[unit.connection.dialect.name]
    unit.connection.execute(keep, row)


def has_snapshot(unit: Unit, digest: str) -> bool:
    """Whether the rulebook of this digest is kept."""
    return unit.connection.execute(_IS_KEPT, {"clinic": unit.clinic, "rulebook": digest}).first() is not None


def rulebook_snapshot(unit: Unit, digest: str) -> dict[str, str]:
    """Each file's name and text, as they were. NotFound for a digest that was never kept."""
    stored = unit.connection.execute(_FIND, {"clinic": unit.clinic, "rulebook": digest}).scalar_one_or_none()
    if stored is None:
        raise NotFound(f"there is no rulebook with the digest {digest}")
    files: dict[str, str] = orjson.loads(stored)
    return files
