"""What a test does to a database: cut its clients off, or hold its tables so that nobody gets an answer."""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.postgres.cluster import Cluster

_TERMINATE = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def terminate_connections(cluster: Cluster, database: str) -> int:
    """End every connection to a database from the server's side; how many there were."""
    return int(cluster.execute(_TERMINATE, database))


@contextmanager
def hold_tables(cluster: Cluster, database: str, *tables: str) -> Iterator[None]:
    """Nobody else reads or writes these tables as long as the block lasts: a database too slow to answer."""
    psql, url = cluster.programs / "psql", cluster.url(database=database)
    with subprocess.Popen(
        [psql, "-XqAt", "--dbname", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(f"BEGIN; LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE;\n\\echo held\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == "held\n"
        yield


@contextmanager
def hold_file(file: Path) -> Iterator[None]:
    """Nobody else writes this SQLite database as long as the block lasts."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")
