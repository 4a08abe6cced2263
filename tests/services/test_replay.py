from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.models import LOCAL_CLINIC
from app.services.examples import FIRST, LATER
from app.services.record import record
from app.services.replay import Replayed, count, replay
from app.services.revise import revise
from app.services.service import Service
from app.store import open_database
from app.triage import Triage, load_rulebook
from tests.services.calls import RECORD, REVISE
from tests.store.damaging import Part, break_seal
from tests.stores import KEYRING, StoreUrls


@pytest.fixture(scope="session")
def renewed(triage: Triage) -> Triage:
    """The same rulebook under the version of two years later."""
    files = dict(triage.rulebook.files)
    files["rulebook.yaml"] = files["rulebook.yaml"].replace(triage.rulebook.version, "2028.11.1")
    return Triage(load_rulebook(files))


async def replayed(service: Service) -> list[Replayed]:
    results: list[Replayed] = []
    await replay(service.database, LOCAL_CLINIC, results.append)
    return results


async def test_nothing_stored_is_nothing_to_replay(service: Service) -> None:
    assert await count(service.database, LOCAL_CLINIC) == 0
    assert await replayed(service) == []


async def test_every_revision_is_made_again_bit_for_bit(service: Service) -> None:
    first = await record(service, RECORD, FIRST)
    await revise(service, REVISE, first.consultation_id, LATER, expected=1)
    await revise(service, REVISE, first.consultation_id, {"screening": {"infection": "some"}}, expected=2)
    assert await count(service.database, LOCAL_CLINIC) == 3
    assert await replayed(service) == [Replayed(first.consultation_id, number, None) for number in (1, 2, 3)]


async def test_what_does_not_open_is_named_and_does_not_end_the_replay(service: Service) -> None:
    first, last = sorted([(await record(service, RECORD, FIRST)).consultation_id for _ in range(2)])
    await revise(service, REVISE, last, LATER, expected=1)
    await service.database.write(LOCAL_CLINIC, break_seal, "body", first, 1)
    await service.database.write(LOCAL_CLINIC, break_seal, "note", last, 2)
    damaged = "cannot be made again: damaged"
    assert await replayed(service) == [Replayed(first, 1, damaged), Replayed(last, 1, None), Replayed(last, 2, damaged)]


@pytest.mark.parametrize(
    ("part", "second"), [("note", "cannot be made again: its predecessor is damaged"), ("body", None)]
)
async def test_what_follows_what_does_not_open_is_never_compared_against_another_predecessor(
    service: Service, part: Part, second: str | None
) -> None:
    this = (await record(service, RECORD, FIRST)).consultation_id
    await revise(service, REVISE, this, LATER, expected=1)
    await revise(service, REVISE, this, {"screening": {"infection": "some"}}, expected=2)
    await service.database.write(LOCAL_CLINIC, break_seal, part, this, 1)
    assert await replayed(service) == [
        Replayed(this, 1, "cannot be made again: damaged"),
        Replayed(this, 2, second),
        Replayed(this, 3, None),
    ]


async def test_notes_are_made_again_with_the_rulebook_and_the_date_of_their_time(
    service: Service, renewed: Triage
) -> None:
    first = await record(service, RECORD, FIRST)
    later_service = replace(service, triage=renewed, today=lambda: date(2028, 11, 23))
    second = await revise(later_service, REVISE, first.consultation_id, LATER, expected=1)
    assert second.rulebook_digest != first.rulebook_digest
    assert second.made_on != first.made_on
    assert [each.difference for each in await replayed(later_service)] == [None, None]


async def test_a_restarted_service_keeps_one_snapshot_of_each_rulebook(service: Service, store_urls: StoreUrls) -> None:
    await record(service, RECORD, FIRST)
    await service.database.close()
    again = replace(service, database=open_database(store_urls.service, KEYRING))
    await record(again, RECORD, FIRST)
    assert [each.difference for each in await replayed(again)] == [None, None]
    await again.database.close()


async def test_notes_from_before_rulebooks_had_coverage_are_made_again(service: Service, triage: Triage) -> None:
    files = {name: text for name, text in triage.rulebook.files.items() if not name.startswith("coverage/")}
    assert files.keys() != triage.rulebook.files.keys()
    first = await record(replace(service, triage=Triage(load_rulebook(files, accounted=False))), RECORD, FIRST)
    assert first.rulebook_digest != triage.rulebook.digest
    assert [each.difference for each in await replayed(service)] == [None]
