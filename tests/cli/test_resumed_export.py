"""An export that is interrupted, and gone on with."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import orjson
import pytest

from tests.cli.test_moving import (
    MANY,
    ROOT,
    Run,
    bodies,
    exported,
    file,
    mode,
    multiply,
    run,
    without_header,
)
from tests.stores import only_sqlite

__all__ = ["bodies", "exported", "file", "run"]

pytestmark = only_sqlite


@pytest.mark.parametrize("kept", ["nothing", "a part of the header", "two and a half", "all but the end", "all"])
def test_an_export_goes_on_after_its_last_whole_line(run: Run, file: Path, tmp_path: Path, kept: str) -> None:
    out, part = tmp_path / "out.ndjson", tmp_path / "out.ndjson.part"
    run("import", file)
    lines = file.read_bytes().splitlines(keepends=True)
    written = {
        "nothing": b"",
        "a part of the header": lines[0][:20],
        "two and a half": b"".join(lines[:4]) + lines[4][:3000],
        "all but the end": b"".join(lines[:-1]),
        "all": b"".join(lines),
    }[kept]
    part.write_bytes(written)
    part.chmod(0o600)
    done = run("export", "--out", out, "--resume")
    assert done.exit_code == 0
    assert "6 consultations written" in done.stderr
    assert ("--since 20" in done.stderr) == (len(written) > len(lines[0]))
    assert without_header(out) == without_header(file)
    assert mode(out) == 0o600
    assert not part.exists()


def test_an_export_that_was_killed_is_gone_on_with(run: Run, exported: bytes, tmp_path: Path) -> None:
    many, out = tmp_path / "many.ndjson", tmp_path / "out.ndjson"
    part = tmp_path / "out.ndjson.part"
    many.write_bytes(multiply(exported))
    assert run("import", many).exit_code == 0
    command = [sys.executable, "-m", "app.main", "export", "--out", str(out), "--resume"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as exporting:
        deadline = monotonic() + 60
        while not part.exists() or not part.stat().st_size:
            assert exporting.poll() is None
            assert monotonic() < deadline
            sleep(0.002)
        exporting.kill()
        exporting.communicate(timeout=60)
    assert not out.exists()
    assert part.stat().st_size < many.stat().st_size
    assert mode(part) == 0o600
    done = run("export", "--out", out, "--resume")
    assert done.exit_code == 0
    assert f"{MANY} consultations written" in done.stderr
    kept = [orjson.loads(line) for line in without_header(out)]
    assert kept == [orjson.loads(line) for line in without_header(many)]


@pytest.mark.parametrize("arguments", [("--clinic", "other"), ("--since", "2026-01-01")])
def test_another_export_is_not_gone_on_with(run: Run, file: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    part = tmp_path / "out.ndjson.part"
    part.write_bytes(file.read_bytes()[:-1])
    refused = run("export", "--out", tmp_path / "out.ndjson", "--resume", *arguments)
    assert refused.exit_code == 2
    assert "another export" in refused.stderr
    assert part.read_bytes() == file.read_bytes()[:-1]


def test_only_a_file_is_gone_on_with(run: Run) -> None:
    refused = run("export", "--resume")
    assert refused.exit_code == 2
    assert "--out" in refused.stderr


def test_an_export_is_not_shown_on_a_terminal(run: Run, file: Path) -> None:
    run("import", file)
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "app.main", "export"]
        done = subprocess.run(
            command, cwd=ROOT, stdout=theirs, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
        assert done.returncode == 2
        assert "name a file with --out, or pipe it" in done.stderr
        os.set_blocking(ours, False)
        with pytest.raises(BlockingIOError):
            os.read(ours, 1)
    finally:
        os.close(ours)
        os.close(theirs)
