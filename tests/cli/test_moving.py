from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from time import monotonic, sleep
from uuid import UUID

import orjson
import pytest
from typer.testing import CliRunner, Result

from app.cli import commands
from app.main import open_rooms
from app.services.examples import FIRST
from bench.bodies import pool
from tests.cli.installation import set_only
from tests.postgres.cluster import Cluster
from tests.stores import MASTER_KEYS, StoreUrls, only_sqlite

ROOT = Path(__file__).parents[2]
BODIES = [orjson.dumps(body) + b"\n" for body in pool(6, seed=10)]
WRONG = orjson.dumps(FIRST | {"complaint": {"regions": ["lumbar"], "leg_pain": 11}}) + b"\n"
MANY = 600

Run = Callable[..., Result]


def run_one(*arguments: str | Path) -> Result:
    """Run one command line as `main` would."""
    texts = [str(argument) for argument in arguments]
    return CliRunner().invoke(commands, texts, obj=open_rooms, catch_exceptions=False)


def choose(patch: pytest.MonkeyPatch, service: str, owner: str) -> None:
    """Choose the database of the commands that follow."""
    set_only(patch, DATABASE_URL=service, OWNER_DATABASE_URL=owner, MASTER_KEYS=MASTER_KEYS)


@pytest.fixture
def run(store_urls: StoreUrls, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run one command line on a database with both clinics."""
    choose(monkeypatch, store_urls.service, store_urls.owner)
    return run_one


@pytest.fixture
def bodies(tmp_path: Path) -> Path:
    """A file of six consultations as callers send them."""
    file = tmp_path / "bodies.ndjson"
    file.write_bytes(b"".join(BODIES))
    return file


@pytest.fixture(scope="session")
def exported(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An export of six consultations."""
    folder = tmp_path_factory.mktemp("exported")
    store = shutil.copyfile(sqlite_template, folder / "store.db")
    file = folder / "bodies.ndjson"
    file.write_bytes(b"".join(BODIES))
    with pytest.MonkeyPatch.context() as patch:
        choose(patch, f"sqlite:///{store}", f"sqlite:///{store}")
        assert run_one("import", file).exit_code == 0
        assert run_one("export", "--out", folder / "out.ndjson").exit_code == 0
    return (folder / "out.ndjson").read_bytes()


@pytest.fixture
def file(exported: bytes, tmp_path: Path) -> Path:
    """A file with that export."""
    file = tmp_path / "exported.ndjson"
    file.write_bytes(exported)
    return file


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def without_header(file: Path) -> list[bytes]:
    return file.read_bytes().splitlines()[1:]


def test_what_was_exported_is_imported_and_exported_the_same(run: Run, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.ndjson"
    imported = run("import", file)
    assert imported.exit_code == 0
    assert imported.stdout == "Clinic local: 6 stored, 0 extended, 0 there already, 0 rejected.\n"
    exported = run("export", "--out", out)
    assert exported.exit_code == 0
    assert "6 consultations written" in exported.stderr
    assert "readable patient data" in exported.stderr
    assert without_header(out) == without_header(file)
    replayed = run("replay")
    assert (replayed.exit_code, replayed.stdout) == (0, "6 notes made again; none differs.\n")


@only_sqlite
def test_an_export_belongs_to_its_owner_alone(run: Run, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.ndjson"
    out.write_text("an older one")
    out.chmod(0o644)
    run("import", file)
    assert run("export", "--out", out).exit_code == 0
    assert mode(out) == 0o600
    assert out.read_bytes().count(b"\n") == 9
    assert list(tmp_path.glob("*.part")) == []


@only_sqlite
def test_an_export_that_fails_leaves_the_older_file(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.ndjson"
    out.write_text("an older one")
    failed = run("export", "--out", out, "--clinic", "nowhere")
    assert failed.exit_code == 2
    assert "there is no clinic nowhere" in failed.stderr
    assert out.read_text() == "an older one"
    assert list(tmp_path.glob("*.part")) == []


@only_sqlite
def test_an_export_goes_to_standard_output(run: Run, file: Path) -> None:
    run("import", file)
    exported = run("export")
    kinds = [orjson.loads(line)["kind"] for line in exported.stdout_bytes.splitlines()]
    assert kinds == ["header", "rulebook", *["consultation"] * 6, "end"]


@only_sqlite
def test_an_export_since_tomorrow_holds_no_consultation(run: Run, file: Path) -> None:
    run("import", file)
    assert "0 consultations written" in run("export", "--since", "2999-01-01").stderr
    assert "6 consultations written" in run("export", "--since", "2020-01-01T08:30:00").stderr
    assert run("export", "--since", "yesterday").exit_code == 2


@only_sqlite
def test_rejected_lines_are_named_in_a_file_for_its_owner_alone(run: Run, bodies: Path) -> None:
    rejects = bodies.with_name("bodies.ndjson.rejects.ndjson")
    bodies.write_bytes(b"".join([BODIES[0], b"not JSON\n", WRONG, BODIES[1]]))
    rejected = run("import", bodies)
    assert rejected.exit_code == 1
    assert "2 stored" in rejected.stdout
    assert "2 rejected" in rejected.stdout
    assert str(rejects) in rejected.stderr.replace("\n", "")
    first, second = [orjson.loads(line) for line in rejects.read_bytes().splitlines()]
    assert (first["line"], first["code"]) == (2, "malformed-body")
    assert (second["line"], second["code"]) == (3, "invalid-input")
    assert second["faults"][0]["pointer"] == "/complaint/leg_pain"
    assert mode(rejects) == 0o600
    # Put right where they stand, they are the only ones that are stored, and nothing is rejected any more.
    bodies.write_bytes(b"".join([BODIES[0], BODIES[2], BODIES[3], BODIES[1]]))
    again = run("import", bodies)
    assert (again.exit_code, again.stdout) == (0, "Clinic local: 2 stored, 0 extended, 2 there already, 0 rejected.\n")
    assert not rejects.exists()


@only_sqlite
def test_an_export_goes_to_the_clinic_it_is_of_unless_another_is_named(run: Run, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.ndjson"
    run("import", file, "--clinic", "other")
    run("export", "--clinic", "other", "--out", out)
    assert without_header(out) == without_header(file)
    assert run("import", out).stdout == "Clinic other: 0 stored, 0 extended, 6 there already, 0 rejected.\n"
    named = run("import", out, "--clinic", "local")
    assert named.stdout == "Clinic local: 6 stored, 0 extended, 0 there already, 0 rejected.\n"


@only_sqlite
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", "missing.ndjson"), "missing.ndjson"),
        (("import", "{file}", "--clinic", "nowhere"), "there is no clinic nowhere"),
        (("import", "{file}", "--name", " "), "name"),
        (("export", "--out", "{folder}/missing/out.ndjson"), "cannot be written"),
    ],
)
def test_what_cannot_be_used_is_said(run: Run, file: Path, arguments: tuple[str, ...], says: str) -> None:
    result = run(*(argument.format(file=file, folder=file.parent) for argument in arguments))
    assert result.exit_code == 2
    assert says in result.stderr


def test_without_its_database_nothing_is_moved(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = f"sqlite:///{file.parent}/missing.db"
    choose(monkeypatch, missing, missing)
    assert run_one("export").exit_code == 3
    assert run_one("import", file).exit_code == 3


@pytest.mark.parametrize(
    ("store_kind", "lines"), [("sqlite", "bodies"), ("postgres", "exported")], indirect=["store_kind"]
)
def test_an_import_that_was_killed_goes_on_when_it_is_run_again(
    run: Run, store_urls: StoreUrls, cluster: Cluster, exported: bytes, lines: str, tmp_path: Path
) -> None:
    file = tmp_path / "many.ndjson"
    file.write_bytes(multiply(exported) if lines == "exported" else b"".join(pooled(MANY)))
    command = [sys.executable, "-m", "app.main", "import", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as importing:
        deadline = monotonic() + 60
        while count(store_urls, cluster) == 0:
            assert importing.poll() is None
            assert monotonic() < deadline
            sleep(0.02)  # an import that nobody watches says nothing before its end
        importing.kill()
        importing.communicate(timeout=60)
    stored = count(store_urls, cluster)
    assert 0 < stored < MANY
    for table in ("revisions", "notes"):
        assert count(store_urls, cluster, table) == stored
    again = run("import", file)
    assert again.exit_code == 0
    assert f" {MANY - stored:,} stored, 0 extended, {stored:,} there already, 0 rejected." in again.stdout
    for table in ("consultations", "revisions", "notes"):
        assert count(store_urls, cluster, table) == MANY


def pooled(number: int) -> list[bytes]:
    """As many consultations, each with a reference of its own."""
    return [orjson.dumps(FIRST | {"patient": {"reference": f"MRN-{each}"}}) + b"\n" for each in range(number)]


def multiply(exported: bytes) -> bytes:
    """An export of MANY consultations, all of them the first one under other ids."""
    header, rulebook, first, *_ = exported.splitlines(keepends=True)
    ids = [str(UUID(int=number)).encode() for number in range(MANY)]
    this = orjson.loads(first)["id"].encode()
    end = orjson.dumps({"kind": "end", "rulebooks": 1, "consultations": MANY})
    return b"".join([header, rulebook, *(first.replace(this, each, 1) for each in ids), end])


def count(urls: StoreUrls, cluster: Cluster, table: str = "consultations") -> int:
    question = f"SELECT count(*) FROM {table}"  # noqa: S608 - our own names
    if urls.kind == "postgres":
        return int(cluster.execute(question, urls.owner.rpartition("/")[2]))
    file = urls.owner.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute(question).fetchone()[0])


@only_sqlite
@pytest.mark.parametrize("kind", ["export to a full disk", "export to a reader who leaves"])
def test_an_export_that_cannot_be_written_to_its_end_says_so(run: Run, file: Path, kind: str) -> None:
    run("import", file)
    command = [sys.executable, "-m", "app.main", "export"]
    with ExitStack() as opened:
        if kind == "export to a full disk":
            output = opened.enter_context(Path("/dev/full").open("wb")).fileno()
        else:
            reading, output = os.pipe()
            os.close(reading)
            opened.callback(os.close, output)
        done = subprocess.run(command, cwd=ROOT, stdout=output, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "written" in done.stderr or "stopped before its end" in done.stderr
