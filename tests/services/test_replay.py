from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.services.examples import FIRST, LATER
from app.services.record import record
from app.services.replay import Replayed, count, replay
from app.services.revise import revise
from app.services.service import Service
from app.store import Database
from app.triage import Triage, load_rulebook


async def replayed(service: Service) -> list[Replayed]:
    results: list[Replayed] = []
    await replay(service.database, service.clinic, results.append)
    return results


async def test_nothing_stored_is_nothing_to_replay(service: Service) -> None:
    assert await count(service.database, service.clinic) == 0
    assert await replayed(service) == []


async def test_every_revision_is_made_again_bit_for_bit(service: Service) -> None:
    first = await record(service, FIRST)
    await revise(service, first.consultation_id, LATER, expected=1)
    await revise(service, first.consultation_id, {"screening": {"infection": "some"}}, expected=2)
    assert await count(service.database, service.clinic) == 3
    assert await replayed(service) == [Replayed(first.consultation_id, number, None) for number in (1, 2, 3)]


async def test_notes_are_made_again_with_the_rulebook_and_the_date_of_their_time(
    service: Service, triage: Triage
) -> None:
    first = await record(service, FIRST)
    later_service = newer(service, triage)
    second = await revise(later_service, first.consultation_id, LATER, expected=1)
    assert second.rulebook_digest != first.rulebook_digest
    assert second.made_on != first.made_on
    assert [each.difference for each in await replayed(later_service)] == [None, None]


async def test_a_restarted_service_keeps_one_snapshot_of_each_rulebook(service: Service, url: str) -> None:
    await record(service, FIRST)
    await service.database.close()
    again = replace(service, database=Database.open(url))
    await record(again, FIRST)
    assert [each.difference for each in await replayed(again)] == [None, None]
    await again.database.close()


async def test_notes_from_before_rulebooks_had_coverage_are_made_again(service: Service, triage: Triage) -> None:
    files = {name: text for name, text in triage.rulebook.files.items() if not name.startswith("coverage/")}
    assert files.keys() != triage.rulebook.files.keys()
    first = await record(replace(service, triage=Triage(load_rulebook(files, accounted=False))), FIRST)
    assert first.rulebook_digest != triage.rulebook.digest
    assert [each.difference for each in await replayed(service)] == [None]


def newer(service: Service, triage: Triage) -> Service:
    """The same clinic two years later, when its rulebook's version has changed."""
    files = dict(triage.rulebook.files)
    files["rulebook.yaml"] = files["rulebook.yaml"].replace(triage.rulebook.version, "2028.11.1")
    return replace(service, triage=Triage(load_rulebook(files)), today=lambda: date(2028, 11, 23))
