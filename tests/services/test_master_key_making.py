"""A new file of master keys, as several processes make it at once and a crash leaves it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.errors import KeysMissing
from app.services.keys.master_keys import load_keyring, make_key_file

AT_ONCE = 4


def make_and_read(file: Path) -> tuple[bool, bytes]:
    """What a process that migrates does: make the file, unless another one has, and use what is there."""
    made = make_key_file(file)
    return made, load_keyring(None, file).current.secret


def refuse_links(number: int = errno.EPERM) -> None:
    """Let every volume answer as those without hard links do, to this process: of a name that is taken, that it is."""

    def link(_: object, name: Path) -> None:
        taken = errno.EEXIST if name.exists() else number
        raise OSError(taken, os.strerror(taken))

    os.link = link  # type: ignore[assignment]  # for the life of a process that is about to end, or a test's patch


def make_and_read_without_links(file: Path) -> tuple[bool, bytes]:
    refuse_links()
    return make_and_read(file)


@pytest.fixture
def without_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", os.link)  # which is undone after the test
    refuse_links()


@pytest.mark.parametrize("make", [make_and_read, make_and_read_without_links])
def test_of_processes_that_make_it_at_once_one_does_and_all_use_its_key(
    tmp_path: Path, make: Callable[[Path], tuple[bool, bytes]]
) -> None:
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as processes:
        for number in range(10):
            found = list(processes.map(make, [tmp_path / f"{number}.keys"] * AT_ONCE))
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


@pytest.mark.parametrize("number", sorted({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}))
@pytest.mark.usefixtures("without_links")
def test_a_volume_without_hard_links_gets_its_file_all_the_same(tmp_path: Path, number: int) -> None:
    refuse_links(number)
    file = tmp_path / "master.keys"
    assert make_key_file(file)
    key = load_keyring(None, file).current.secret
    assert not make_key_file(file)
    assert load_keyring(None, file).current.secret == key
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("without_links")
def test_what_could_not_be_written_there_leaves_nothing_and_another_s_file_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "master.keys"
    synced: list[int] = []

    def sync(descriptor: int) -> None:
        synced.append(descriptor)
        if len(synced) == 2:  # the first is that of the part that has no name yet
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", sync)
        with pytest.raises(KeysMissing, match="No space left"):
            make_key_file(file)
    assert list(tmp_path.iterdir()) == []
    assert make_key_file(file)
    before = file.read_bytes()
    assert not make_key_file(file)
    assert file.read_bytes() == before


@pytest.mark.usefixtures("without_links")
def test_whoever_comes_while_another_process_writes_there_waits_until_the_key_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "master.keys"
    assert make_key_file(tmp_path / "whole")
    key = (tmp_path / "whole").read_text("utf-8")
    file.touch()  # the other one has made the name, and has written nothing yet

    def wait(_: float) -> None:
        file.write_text(file.read_text("utf-8") + key[file.stat().st_size :][:40], "utf-8")

    monkeypatch.setattr("app.services.keys.master_keys.sleep", wait)
    assert not make_key_file(file)
    assert file.read_text("utf-8") == key
    load_keyring(None, file)


@pytest.mark.parametrize("part", [0, 40, -10], ids=["nothing", "a remark", "a part of the key"])
def test_a_part_that_a_crash_left_is_refused_and_never_taken_for_a_key(tmp_path: Path, part: int) -> None:
    file = tmp_path / "master.keys"
    assert make_key_file(file)
    file.write_bytes(file.read_bytes()[:part])
    with pytest.raises(KeysMissing):
        load_keyring(None, file)
