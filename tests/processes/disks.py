"""Disks without room: a limit to what processes may write, or a small file system that is filled."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.postgres.installation import Account

# Waits for the end of its input, which comes when the tests close it or die, however they die.
_KEEPER = """
trap '' HUP INT TERM
mount -t tmpfs -o "size=$2m,mode=777" tmpfs "$1" && echo mounted
cat > /dev/null
umount --lazy "$1"
rmdir "$1"
"""


@contextmanager
def limit_files(processes: Callable[[], list[int]], size: int, account: Account | None = None) -> Iterator[None]:
    """As long as the block lasts these processes can make no file larger than `size` bytes (EFBIG).

    Works for everybody, on whatever disk. `processes` (`cluster.processes`, with `cluster.account`) is asked again at
    the end, since processes that a limited one starts are limited too.
    """
    _limit(processes(), str(size), account)
    try:
        yield
    finally:
        _limit(processes(), "unlimited", account)


def _limit(pids: list[int], size: str, account: Account | None) -> None:
    # As the account itself, whose own processes it may limit: not every root may do that to others.
    # Only the soft limit, so that it can be raised again. A process that has ended meanwhile is none to limit.
    for pid in pids:
        subprocess.run(
            ["prlimit", "--pid", str(pid), f"--fsize={size}:"], check=False, capture_output=True, **(account or {})
        )


class SmallDisk:
    """A file system of `megabytes` in memory, to be filled (ENOSPC): `folder`. Use it as a context.

    Not everybody may mount one: see `mounted`. It is gone when the tests end, however they end.
    """

    def __init__(self, megabytes: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="spine-triage-disk-"))
        self._keeper = subprocess.Popen(
            ["sh", "-c", _KEEPER, "keeper", self.folder, str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._keeper.stdout is not None
        self.mounted = self._keeper.stdout.readline() == b"mounted\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def full(self) -> Iterator[None]:
        """Not a byte is free as long as the block lasts."""
        filler = self.folder / "filler"
        with filler.open("wb", buffering=0) as file:
            for piece in (1_048_576, 4_096, 1):
                with suppress(OSError):
                    while file.write(b"\0" * piece) == piece:
                        pass
        try:
            yield
        finally:
            filler.unlink()

    def close(self) -> None:
        """Unmount it, with all that it holds. Closing twice is harmless."""
        if self._keeper.poll() is None:
            self._keeper.communicate()
