"""The master keys of an installation: from the environment, or from a file that is made once."""

from __future__ import annotations

import errno
import os
import secrets
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic, sleep
from typing import Final

from app.errors import KeysMissing
from app.services.disk import sync_path
from app.store import Keyring, make_master_key, read_keyring

_REMARK = """\
# Master keys of Spine Triage: the current one first. Keep a copy apart from the database.
# Whoever has both can read everything; without this file nobody can read anything.
"""

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""What a volume without hard links answers when asked for one."""

_WRITTEN_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.01


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

    Where the volume has no hard links (FAT, some network and container volumes), a crash of the machine at that moment
    may leave a part of the file. It does not pass for a key, and nothing was sealed under it: to be removed by hand.
    """
    text = f"{_REMARK}{make_master_key(_new_id())}\n"
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=f"{file.name}.", suffix=".part") as part:
            part.write(text)
            part.flush()
            os.fsync(part.fileno())
            made = _give_name(Path(part.name), file, text)
        sync_path(file.parent)
    except OSError as error:
        raise KeysMissing(f"no master key could be made in {file}: {error.strerror}") from None
    return made


def _give_name(part: Path, file: Path, text: str) -> bool:
    """Give a finished file its name, unless something has that name. A link, unlike a renaming, replaces nothing."""
    try:
        os.link(part, file)
    except FileExistsError:
        # Also what a volume without hard links answers for a taken name: another process may be writing there.
        _wait_for_end(file)
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _write_new(file, text)
    return True


def _write_new(file: Path, text: str) -> bool:
    """Write a file under its own name, unless something has that name: then wait until it is whole."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        _wait_for_end(file)
        return False
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
            written.flush()
            os.fsync(descriptor)
    except BaseException:
        # Only the one who made the name gets here, so that nobody else's file is removed.
        file.unlink(missing_ok=True)
        raise
    return True


def _wait_for_end(file: Path) -> None:
    """Wait a little for whoever is writing the file. What is not whole by then, reading it will say."""
    deadline = monotonic() + _WRITTEN_SECONDS
    while monotonic() < deadline:
        try:
            load_keyring(None, file)
        except KeysMissing:
            sleep(_LOOK_SECONDS)
        else:
            return
