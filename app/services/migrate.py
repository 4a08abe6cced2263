"""Bringing a database up to date, with the master key that an empty one begins with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.errors import InputError, KeysMissing
from app.services.keys.master_keys import make_key_file
from app.store import Keyring, has_patients, known_revisions, migrate


def bring_up_to_date(url: str, load_keyring: Callable[[], Keyring], makes_keys: Path | None) -> bool:
    """Upgrade the schema; answers whether the file `makes_keys` was made.

    It is made where there is none and the database holds nothing sealed: with another key than its own, nothing in it
    could be read. KeysMissing, StoreUnavailable.
    """
    made = False
    if makes_keys is not None and not makes_keys.exists():
        if has_patients(url):
            raise KeysMissing(
                f"the database holds sealed data, and its master keys are not in {makes_keys}: bring back that file"
            )
        made = make_key_file(makes_keys)
    migrate(url, load_keyring())
    return made


def check_revision(revision: str) -> None:
    """InputError unless there is such a schema."""
    known = known_revisions()
    if revision not in known:
        raise InputError(f"there is no schema {revision}; from the oldest to the newest there are: {', '.join(known)}")
