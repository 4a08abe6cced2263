"""Which schema a database has, and which one this program was written for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from app.errors import StoreUnavailable

# The migrations lie beside the package, not in it: they are run by Alembic, never imported.
_MIGRATIONS = Path(__file__).resolve().parents[2] / "alembic"


@cache
def expected_revision() -> str:
    """The newest migration's id. StoreUnavailable when this installation lacks the migrations."""
    try:
        head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    except CommandError as error:
        raise StoreUnavailable(f"the migrations are missing from this installation: {error}") from error
    if head is None:
        raise StoreUnavailable("the migrations are missing from this installation")
    return head


def known_revisions() -> list[str]:
    """The ids of all migrations, the oldest first."""
    walked = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return [script.revision for script in walked][::-1]


def current_revision(connection: Connection) -> str | None:
    """The id of the migration that the database is at; None for an empty one."""
    # Read here, not by Alembic, which would log two lines whenever somebody asks whether the service is ready.
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def alembic_config() -> Config:
    """Alembic's configuration, which needs no file."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
