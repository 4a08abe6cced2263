"""PostgreSQL: asyncpg, row-level security by clinic, and a new consultation in one statement."""
