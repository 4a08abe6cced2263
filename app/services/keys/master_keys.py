"""The master keys of an installation: from the environment, or from a file that is made once."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile

from app.errors import KeysMissing
from app.services.disk import sync_path
from app.store import Keyring, make_master_key, read_keyring

_REMARK = """\
# Master keys of Spine Triage: the current one first. Keep a copy apart from the database.
# Whoever has both can read everything; without this file nobody can read anything.
"""


def load_keyring(given: str | None, file: Path) -> Keyring:
    """The keys that were given, or else those in the file. KeysMissing, saying what to do, without them."""
    if given is not None:
        return read_keyring(given)
    try:
        return read_keyring(file.read_text("utf-8"))
    except FileNotFoundError:
        raise KeysMissing(
            f"there are no master keys: {file} is not there. `spine-triage migrate` makes it for an empty database;"
            " for one with data, bring back its own"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeysMissing(f"the master keys in {file} cannot be read: {type(error).__name__}") from None


def _new_id() -> str:
    """An id that no other installation's first key has, so that a wrong ring lacks a key instead of having another."""
    return f"first-{secrets.token_hex(4)}"


def make_key_file(file: Path) -> bool:
    """Make a file with one new key, which only its owner can read; answers whether this call made it.

    It is there whole or not at all, also after a crash. One that is there already, made by another process perhaps at
    this very moment, is never touched, and is the one to use. KeysMissing when it cannot be written.
    """
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=f"{file.name}.", suffix=".part") as part:
            part.write(f"{_REMARK}{make_master_key(_new_id())}\n")
            part.flush()
            os.fsync(part.fileno())
            made = _give_name(Path(part.name), file)
        sync_path(file.parent)
    except OSError as error:
        raise KeysMissing(f"no master key could be made in {file}: {error.strerror}") from None
    return made


def _give_name(part: Path, file: Path) -> bool:
    """Give a finished file its name, unless something has that name. A link, unlike a renaming, replaces nothing."""
    try:
        os.link(part, file)
    except FileExistsError:
        return False
    return True
