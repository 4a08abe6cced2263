"""An erasure as somebody sees it who has the disk: the raw files, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import orjson
import pytest
from sqlalchemy import select

from app.errors import Damaged
from app.models import LOCAL_CLINIC, patients, reviews, revisions
from app.store import Database, Scrubbed, Unit, erase_reference, make_master_key, migrate, open_database, read_keyring
from app.store.patients.keys import find_patients
from app.store.patients.rewrapping import rewrap_some
from app.store.protection import Keyring, PatientKey
from app.store.protection.patient_key import body_of, review_of
from tests.postgres.cluster import Cluster
from tests.store.remains import review
from tests.store.samples import add, judged, keep_rulebook, new_id
from tests.stores import KEYRING

IN_THE_OPEN = b"Bladder, bowel and saddle are not known"
"""Of a headline, which is stored as it is: what shows that the search finds what is there."""
NEWER = Keyring([*read_keyring(make_master_key("k2")).keys, *KEYRING.keys])


@dataclass(frozen=True, slots=True)
class Planted:
    """A patient whose every text can be recognised."""

    reference: str
    consultation_id: str
    review_id: str
    key: PatientKey
    body: bytes
    review: bytes
    """The last two as they are stored."""
    index: bytes
    wrapped: tuple[bytes, ...]
    """The key as it was stored, before and after the master key was rotated."""

    @property
    def markers(self) -> Iterable[bytes]:
        return (f"{kind}-{self.reference}".encode() for kind in ("reference", "measured", "words"))


async def plant(database: Database, number: int) -> Planted:
    name, this = f"planted{number:04}x", new_id()
    body = {"imaging": [{"modality": "radiograph", "measured_by": f"measured-{name}"}], "patient": {"sex": "female"}}
    await add(database, this, replace(judged(patient=f"reference-{name}"), body=orjson.dumps(body)))

    def read(unit: Unit) -> Planted:
        review_id = review(unit, this, f"words-{name}")
        key = find_patients(unit, f"reference-{name}")[0]
        row = unit.connection.execute(select(patients).where(patients.c.patient_id == key.patient_id)).one()
        stored = unit.connection.execute(select(revisions.c.body).where(revisions.c.consultation_id == this))
        words = unit.connection.execute(select(reviews.c.review).where(reviews.c.consultation_id == this))
        sealed = stored.scalar_one(), words.scalar_one()
        return Planted(name, this, review_id, key, *sealed, row.blind_index, (row.wrapped_key,))

    return await database.write(LOCAL_CLINIC, read)


async def rotate(owner_url: str, planted: list[Planted]) -> list[Planted]:
    """All of them under the newer master key, with both wrappings noted."""

    def rewrap_all(unit: Unit) -> list[Planted]:
        after = ""
        while (done := rewrap_some(unit, after, 50)) is not None:
            after = done.last
        rows = unit.connection.execute(select(patients.c.patient_id, patients.c.wrapped_key))
        again = {row.patient_id: row.wrapped_key for row in rows}
        return [replace(each, wrapped=(*each.wrapped, again[each.key.patient_id])) for each in planted]

    owned = open_database(owner_url, NEWER, patient=True)
    try:
        return await owned.write(LOCAL_CLINIC, rewrap_all)
    finally:
        await owned.close()


async def try_erasure(service_url: str, owner_url: str, count: int, files: Callable[[], bytes]) -> None:
    """Store `count` patients, erase half of them, and look at the files each time; `files` gives all their bytes."""
    database = open_database(service_url, NEWER)
    earlier = open_database(service_url, KEYRING)
    try:
        await keep_rulebook(earlier, LOCAL_CLINIC)
        planted = [await plant(earlier, number) for number in range(count)]
        planted = await rotate(owner_url, planted)
        raw = files()
        assert IN_THE_OPEN in raw
        for each in planted:
            assert each.wrapped[-1] in raw
            assert each.body in raw
            assert not found(raw, [*each.markers, each.key.secret])
            assert b"measured-" in each.key.open(each.body, body_of(each.consultation_id, 1))

        Random(4).shuffle(planted)
        erased, others = planted[: count // 2], planted[count // 2 :]
        for each in erased:
            await database.write(LOCAL_CLINIC, erase_reference, f"reference-{each.reference}")
        assert await database.scrub() is Scrubbed.DONE
        raw = files()
        for each in erased:
            gone = [*each.markers, each.key.secret, *each.wrapped, each.index]
            assert not found(raw, gone), each.reference
        for each in others:
            assert each.wrapped[-1] in raw
            assert not found(raw, [*each.markers, each.key.secret])
        await check_nothing_opens(database, erased)
    finally:
        await database.close()
        await earlier.close()


def found(raw: bytes, wanted: Iterable[bytes]) -> list[bytes]:
    return [each for each in wanted if each in raw]


async def check_nothing_opens(database: Database, erased: list[Planted]) -> None:
    """Neither the keys of patients who are left nor any key derived from a master key opens a copy of the old rows."""

    def every_key(unit: Unit) -> list[bytes]:
        rows = unit.connection.execute(select(patients))
        left = [unit.keyring.unwrap(LOCAL_CLINIC, row.patient_id, row.master_key, row.wrapped_key) for row in rows]
        masters = [(each.secret, each.wrapping, each.indexing, each.auditing, each.answering) for each in NEWER.keys]
        return [*(each.secret for each in left), *(secret for secrets in masters for secret in secrets)]

    keys = await database.read(LOCAL_CLINIC, every_key)
    assert len(keys) > 10
    for each in erased[:10]:
        assert b"words-" in each.key.open(each.review, review_of(each.consultation_id, each.review_id))
        for secret in keys:
            stranger = PatientKey(LOCAL_CLINIC, each.key.patient_id, secret)
            with pytest.raises(Damaged):
                stranger.open(each.body, body_of(each.consultation_id, 1))
            with pytest.raises(Damaged):
                stranger.open(each.review, review_of(each.consultation_id, each.review_id))


async def test_no_page_of_a_sqlite_file_or_its_log_holds_an_erased_patient_s_key(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    url = f"sqlite:///{file}"
    migrate(url, KEYRING)
    # Enough of them that their pages were split and joined again.
    await try_erasure(url, url, 160, lambda: b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir())))
    assert not file.with_name("store.db-wal").exists() or not file.with_name("store.db-wal").read_bytes()


async def test_no_file_of_a_postgresql_cluster_holds_an_erased_patient_s_key() -> None:
    """Not the tables, not the statistics about them, and not the log, once what was written before is put away."""
    settings = {"wal_recycle": "off", "full_page_writes": "on", "min_wal_size": "32MB"}
    with Cluster(settings) as cluster:
        urls = cluster.make_database()
        migrate(urls.owner, KEYRING)

        def files() -> bytes:
            for statement in ("ANALYZE", "CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"):
                cluster.execute(statement, urls.name)
            number = cluster.execute("SELECT oid FROM pg_database WHERE datname = current_database()", urls.name)
            folders = [cluster.data / "base" / number, *(cluster.data / name for name in ("global", "pg_wal"))]
            paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
            return b"".join(path.read_bytes() for path in (*paths, cluster.log))

        await try_erasure(urls.service, urls.owner, 24, files)
