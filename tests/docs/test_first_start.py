"""The first start on PostgreSQL, by the page's own statements, on a server that asks for passwords."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.errors import StoreUnavailable
from app.store import open_database
from tests.certificate import make_certificate
from tests.docs.conftest import fenced
from tests.docs.running import run_here
from tests.docs.tls_front import tls_front
from tests.postgres.cluster import GROUP, OWNER, SERVICE, Cluster
from tests.stores import KEYRING, MASTER_KEYS

WHO = text("SELECT current_user")


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    """A server without any role of ours, on which nobody but its superuser comes in without a password."""
    with Cluster() as running:
        running.execute(f"DROP ROLE {SERVICE}; DROP ROLE {GROUP}; DROP ROLE {OWNER}")
        rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (running.data / "pg_hba.conf").write_text(rules)
        running.execute("SELECT pg_reload_conf()")
        yield running


@pytest.fixture(scope="module")
def settings(server: Cluster) -> dict[str, str]:
    """The page's settings, over a database that its statements made."""
    page = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")
    for statement in fenced(page, "sql")[0].split(";"):
        server.execute(statement)
    shown = re.findall(r"^export SPINE_TRIAGE_(\w+)=(postgresql://\S+)$", page, re.MULTILINE)
    urls = {name: url.replace("db.example", f"127.0.0.1:{server.port}") for name, url in shown}
    assert set(urls) == {"DATABASE_URL", "OWNER_DATABASE_URL"}
    return {**urls, "MASTER_KEYS": MASTER_KEYS}


async def connect(url: str) -> str:
    """Who is let in by a URL, as the service opens it."""
    database = open_database(url, KEYRING)
    try:
        return await database.survey(lambda connection: str(connection.execute(WHO).scalar_one()))
    finally:
        await database.close()


def test_the_commands_of_the_page_make_a_database_that_is_served_and_an_owner_s_is_not(
    settings: dict[str, str],
) -> None:
    assert run_here(settings, "migrate").exit_code == 0
    made = run_here(settings, "keys", "create", "--name", "front desk")
    assert made.exit_code == 0
    assert made.stdout.startswith("st_local.")
    refused = run_here({**settings, "DATABASE_URL": settings["OWNER_DATABASE_URL"]}, "serve", "--port", "0")
    assert refused.exit_code == 3
    assert "a member of spine_triage_service" in refused.stderr


async def test_a_password_may_come_from_a_file_or_a_variable_and_has_to_be_right(
    settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = settings["DATABASE_URL"]
    password = url.partition("@")[0].rpartition(":")[2]
    bare = url.replace(f":{password}@", "@")
    with pytest.raises(StoreUnavailable):
        await connect(bare)
    with pytest.raises(StoreUnavailable) as refused:
        await connect(url.replace(password, "wrong"))
    assert "wrong" not in str(refused.value)
    with monkeypatch.context() as variable:
        variable.setenv("PGPASSWORD", password)
        assert await connect(bare) == "spine_triage"
    file = tmp_path / "pgpass"
    file.write_text(f"127.0.0.1:*:*:spine_triage:{password}\n")
    file.chmod(0o600)
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert await connect(bare) == "spine_triage"


async def test_tls_to_the_database_is_used_where_it_is_offered_and_insisted_on_where_it_is_asked_for(
    server: Cluster, settings: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = settings["DATABASE_URL"]
    certificate = make_certificate(tmp_path / "server.pem")
    assert await connect(plain) == "spine_triage"
    with pytest.raises(StoreUnavailable):
        await connect(f"{plain}?ssl=require")
    async with tls_front(server.port, certificate) as (port, encrypted):
        fronted = plain.replace(f":{server.port}/", f":{port}/")
        for asked in ("", "?ssl=require"):
            assert await connect(fronted + asked) == "spine_triage"
        assert encrypted == [True, True]
        monkeypatch.setenv("PGSSLROOTCERT", str(make_certificate(tmp_path / "stranger.pem")))
        with pytest.raises(StoreUnavailable):
            await connect(f"{fronted}?ssl=verify-full")
        monkeypatch.setenv("PGSSLROOTCERT", str(certificate))
        assert await connect(f"{fronted}?ssl=verify-full") == "spine_triage"
        with pytest.raises(StoreUnavailable):
            await connect(f"{fronted.replace('127.0.0.1', 'localhost')}?ssl=verify-full")
        assert encrypted == [True, True, True]
