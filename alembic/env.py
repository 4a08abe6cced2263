"""How Alembic reaches the database: over the connection it is handed, or with `-x url=sqlite:///path.db`."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from sqlalchemy import Connection

from app.models import UtcDateTime, metadata
from app.store.sqlite.engine import open_migrator


def render_item(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """Write our own moment type into a migration as the plain one it is stored as: migrations outlive it."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def run_over(connection: Connection) -> None:
    """Run the migrations that were asked for, inside the transaction of whoever opened the connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=render_item,
        render_as_batch=True,  # SQLite changes a table by building it anew
    )
    context.run_migrations()


def run_from_command_line() -> None:
    """Open the database named by `-x url=...` and run the migrations in one transaction."""
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not isinstance(url, str):
        raise CommandError("which database? alembic -x url=sqlite:///path.db ...")
    engine = open_migrator(url)
    with engine.begin() as connection:
        run_over(connection)
    engine.dispose()


given = context.config.attributes.get("connection")
if given is None:
    run_from_command_line()
else:
    run_over(given)
