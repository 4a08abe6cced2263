"""Where an export is written: a file that is whole or not there, one that may be gone on with, or standard output."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import typer

from app.cli.private_file import private_file
from app.errors import InputError
from app.services.disk import sync_path
from app.services.moving.unfinished import Unfinished, read_unfinished

STANDARD_OUTPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class ExportFile:
    """Takes the lines of an export; `unfinished` is what an earlier run wrote of it."""

    write: Callable[[bytes], None]
    unfinished: Unfinished | None = None


@contextmanager
def export_file(out: str, clinic: str, since: datetime | None, *, resume: bool) -> Iterator[ExportFile]:
    """Open what `out` names. With `resume` what was written of the same export stays when the block fails.

    InputError when it cannot be written, is a terminal, or holds the beginning of another export.
    """
    if resume and out == STANDARD_OUTPUT:
        raise InputError("only a file can be gone on with: name it with --out")
    try:
        with _resumed(Path(out), clinic, since) if resume else _opened(out) as (file, unfinished):

            def write(line: bytes) -> None:
                # Said here, inside the database's read, which would take it for a failure of its own.
                try:
                    file.write(line)
                except OSError as error:
                    raise _unwritten(out, error) from None

            yield ExportFile(write, unfinished)
    except OSError as error:
        raise _unwritten(out, error) from None


@contextmanager
def _opened(out: str) -> Iterator[tuple[BinaryIO, None]]:
    if out != STANDARD_OUTPUT:
        with private_file(Path(out)) as file:
            yield file, None
        return
    stream = typer.get_binary_stream("stdout")
    if stream.isatty():
        raise InputError("an export is not for a terminal: name a file with --out, or pipe it")
    try:
        yield stream, None
        stream.flush()
    except BaseException:
        # Python would try once more to write what is left, and end with an exit code of its own.
        with suppress(OSError):  # of a stream that is no file
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise


@contextmanager
def _resumed(path: Path, clinic: str, since: datetime | None) -> Iterator[tuple[BinaryIO, Unfinished | None]]:
    """The file FILE.part, which takes the name of FILE at the end."""
    part = path.with_name(f"{path.name}.part")
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{part} is being written by another export") from None
        _check_own(file.fileno(), part)
        unfinished = read_unfinished(file, clinic, since)
        file.seek(0 if unfinished is None else unfinished.size)
        file.truncate()
        yield file, unfinished
        file.flush()
        os.fsync(file.fileno())
        part.replace(path)
    sync_path(path.parent)


def _check_own(descriptor: int, part: Path) -> None:
    """InputError unless the open file is still the one of this name, and ours; then nobody else may read it."""
    opened = os.fstat(descriptor)
    if not part.exists() or not os.path.samestat(opened, part.stat()):
        raise InputError(f"{part} was finished by another export at this moment")
    if opened.st_uid != os.getuid():
        raise InputError(f"{part} belongs to somebody else")
    os.fchmod(descriptor, 0o600)


def _unwritten(out: str, error: OSError) -> InputError:
    if isinstance(error, BrokenPipeError):
        return InputError("whoever read the export stopped before its end")
    return InputError(f"{out} cannot be written: {error.strerror}")
