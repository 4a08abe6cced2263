"""A new file of master keys, as several processes make it at once and a crash leaves it."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.services.keys.master_keys import load_keyring, make_key_file

AT_ONCE = 4


def make_and_read(file: Path) -> tuple[bool, bytes]:
    """What a process that migrates does: make the file, unless another one has, and use what is there."""
    made = make_key_file(file)
    return made, load_keyring(None, file).current.secret


def test_of_processes_that_make_it_at_once_one_does_and_all_use_its_key(tmp_path: Path) -> None:
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as processes:
        for number in range(10):
            found = list(processes.map(make_and_read, [tmp_path / f"{number}.keys"] * AT_ONCE))
            assert sorted(made for made, _ in found) == [False] * (AT_ONCE - 1) + [True]
            assert len({secret for _, secret in found}) == 1
    assert sorted(each.suffix for each in tmp_path.iterdir()) == [".keys"] * 10


def test_it_has_its_name_only_once_all_of_it_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "master.keys"
    there_before: list[bool] = []

    def sync(descriptor: int) -> None:
        there_before.append(file.exists())
        sync_really(descriptor)

    sync_really = os.fsync
    monkeypatch.setattr(os, "fsync", sync)
    assert make_key_file(file)
    assert there_before == [False, True]  # what it holds, and after that its name in the folder
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o600
