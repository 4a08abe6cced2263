"""Which schema a database has, in full and as the program asks it."""

from __future__ import annotations

import asyncio

from sqlalchemy import text

from app.store import open_database
from tests.store.first_version import change
from tests.stores import KEYRING

_SQLITE_SCHEMA = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
_POSTGRES_SCHEMA = """
SELECT 'column', table_name, column_name, ordinal_position::text, data_type, is_nullable, column_default
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', ''
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'index', tablename, indexname, indexdef, '', '', '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'policy', tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies
UNION ALL SELECT 'rights', relname, relacl::text, relrowsecurity::text, '', '', ''
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
UNION ALL SELECT 'kept as', attrelid::regclass::text, attname, attstorage::text, attstattarget::text, attacl::text, ''
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
ORDER BY 1, 2, 3, 4
"""


def schema(url: str) -> list[tuple[object, ...]]:
    """All that migrations make; on PostgreSQL rights and row-level security too."""
    query = _SQLITE_SCHEMA if url.startswith("sqlite") else _POSTGRES_SCHEMA
    return change(url, lambda connection: [tuple(row) for row in connection.execute(text(query))])


def check(url: str) -> None:
    """StoreUnavailable unless the database is as this program needs it."""

    async def opened() -> None:
        database = open_database(url, KEYRING)
        try:
            await database.check()
        finally:
            await database.close()

    asyncio.run(opened())
