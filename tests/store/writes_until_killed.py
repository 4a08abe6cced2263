"""Stores consultations from many tasks at once and prints the id of each as soon as it is answered. Never ends."""

import asyncio
import sys

from app.store import Database
from tests.store.samples import CONSULTATIONS, MORNING, judged, new_id


async def write_on(database: Database) -> None:
    while True:
        this = new_id()
        await database.write(CONSULTATIONS.add, this, judged(says=this), MORNING)
        sys.stdout.write(f"{this}\n")
        sys.stdout.flush()


async def main(url: str) -> None:
    database = Database.open(url)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(32):
            tasks.create_task(write_on(database))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
