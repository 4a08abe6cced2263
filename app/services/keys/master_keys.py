"""The master keys of an installation: from the environment, or from a file that is made once."""

from __future__ import annotations

import os
from pathlib import Path

from app.errors import KeysMissing
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
            f"there are no master keys: {file} is not there. `spine-triage migrate` makes it beside an empty database;"
            " for one with data, bring back its own"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise KeysMissing(f"the master keys in {file} cannot be read: {type(error).__name__}") from None


def make_key_file(file: Path) -> None:
    """Write a file with one new key, which only its owner can read. KeysMissing when it cannot be written.

    A file that is there already is never touched.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(f"{_REMARK}{make_master_key('first')}\n")
            written.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise KeysMissing(f"no master key could be made in {file}: {error.strerror}") from None
