"""Files with patients' data: readable by their owner alone, and there as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

from app.services.disk import sync_path


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file, which takes its name, and the place of an older one, once all of it is on the disk. OSError.

    Until then it lies beside under a name that ends in `.part`, and goes if the block fails.
    """
    with NamedTemporaryFile(dir=path.parent, prefix=f"{path.name}.", suffix=".part", delete=False) as file:  # mode 0600
        try:
            yield file  # type: ignore[misc]  # a wrapper around one
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
    sync_path(path.parent)


def open_private(path: Path) -> BinaryIO:
    """A new file to be written to as one goes, in place of an older one. OSError."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
