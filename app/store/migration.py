"""Bringing a database's schema to the one this program was written for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import StoreUnavailable
from app.store.engine import open_migrator
from app.store.failure import as_intended

# The migrations lie beside the package, not in it: they are run by Alembic, never imported.
_MIGRATIONS = Path(__file__).resolve().parents[2] / "alembic"


def migrate(url: str) -> None:
    """Upgrade the database to the newest schema, all of it or nothing; a current one is left as it is.

    Processes that migrate at once take turns. StoreUnavailable when the file cannot be opened or was
    written by a newer version of this program.
    """
    engine = open_migrator(url)
    config = _config()
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable(f"the database cannot be migrated: {error}") from error
    except SQLAlchemyError as error:
        shown = as_intended(error)
        raise shown from shown.__cause__
    finally:
        engine.dispose()


@cache
def expected_revision() -> str:
    """The newest migration's id. StoreUnavailable when this installation lacks the migrations."""
    try:
        head = ScriptDirectory.from_config(_config()).get_current_head()
    except CommandError as error:
        raise StoreUnavailable(f"the migrations are missing from this installation: {error}") from error
    if head is None:
        raise StoreUnavailable("the migrations are missing from this installation")
    return head


def current_revision(connection: Connection) -> str | None:
    """The id of the migration that the database is at; None for an empty one."""
    # Read here, not by Alembic, which would log two lines whenever somebody asks whether the service is ready.
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
