"""Stores consultations from many tasks at once and prints the id of each as soon as it is answered. Never ends.

Arguments: the database's URL and its master keys.
"""

from __future__ import annotations

import asyncio
import sys

from app.store import Database, open_database, read_keyring
from tests.store.samples import add, judged, new_id


async def write_on(database: Database) -> None:
    while True:
        this = new_id()
        await add(database, this, judged(says=this, patient=this))
        sys.stdout.write(f"{this}\n")
        sys.stdout.flush()


async def main(url: str, master_keys: str) -> None:
    database = open_database(url, read_keyring(master_keys))
    async with asyncio.TaskGroup() as tasks:
        for _ in range(32):
            tasks.create_task(write_on(database))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
