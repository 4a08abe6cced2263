from __future__ import annotations

import pytest

from app.models import LOCAL_CLINIC
from app.services.examples import FIRST, LATER
from app.services.record import record
from app.services.rejudge import Rejudged, count_stored, rejudge
from app.services.revise import revise
from app.services.service import Service
from app.triage import Triage, load_rulebook
from tests.services.calls import RECORD, REVISE
from tests.store.damaging import break_seal, say_otherwise

NUMB = {"complaint": {"regions": ["lumbar"], "saddle_sensation": "absent", "duration": {"value": 2, "unit": "days"}}}


@pytest.fixture(scope="session")
def milder(triage: Triage) -> Triage:
    """The same rulebook in which nothing is an emergency."""
    files = triage.rulebook.files.items()
    return Triage(
        load_rulebook({name: words.replace("urgency: emergency", "urgency: urgent") for name, words in files})
    )


async def rejudged(service: Service, *rulebooks: Triage) -> list[Rejudged]:
    results: list[Rejudged] = []
    old, new = rulebooks
    await rejudge(service.database, LOCAL_CLINIC, (old, new), results.append)
    return results


async def test_each_consultation_is_judged_once_as_it_stands_now(service: Service, milder: Triage) -> None:
    first = await record(service, RECORD, FIRST)
    await revise(service, REVISE, first.consultation_id, LATER, expected=1)
    numb = await record(service, RECORD, NUMB)
    results = {each.consultation_id: each for each in await rejudged(service, service.triage, milder)}
    assert await count_stored(service.database, LOCAL_CLINIC) == 2
    assert {name: each.revision for name, each in results.items()} == {
        first.consultation_id: 2,
        numb.consultation_id: 1,
    }
    effect = results[numb.consultation_id].effect
    assert effect is not None
    assert (effect.old, effect.new) == (("emergency", "emergency"), ("urgent", "urgent"))


async def test_a_rulebook_beside_itself_changes_nothing(service: Service) -> None:
    await record(service, RECORD, NUMB)
    (only,) = await rejudged(service, service.triage, service.triage)
    assert only.effect is not None
    assert (only.effect.changed, only.effect.reworded) == (False, False)


async def test_a_damaged_body_is_named_and_does_not_end_the_judging(service: Service, milder: Triage) -> None:
    damaged, sound = await record(service, RECORD, FIRST), await record(service, RECORD, NUMB)
    await service.database.write(LOCAL_CLINIC, say_otherwise, "body", damaged.consultation_id, 1, lambda _: b"{}")
    results = {each.consultation_id: each for each in await rejudged(service, service.triage, milder)}
    assert results[damaged.consultation_id] == Rejudged(damaged.consultation_id, 1, None, "invalid-input")
    assert results[sound.consultation_id].effect is not None


async def test_a_body_that_does_not_open_is_named_wherever_it_stands(service: Service) -> None:
    stored = [(await record(service, RECORD, NUMB)).consultation_id for _ in range(3)]
    for broken in sorted(stored)[::2]:
        await service.database.write(LOCAL_CLINIC, break_seal, "body", broken, 1)
    results = await rejudged(service, service.triage, service.triage)
    assert [(each.consultation_id, each.failure) for each in results] == [
        (this, failure) for this, failure in zip(sorted(stored), ("damaged", None, "damaged"), strict=True)
    ]
