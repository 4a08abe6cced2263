from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson
import pytest

from app.access import Action
from app.errors import InputError, NotFound
from app.services.consult import read_consultation
from app.services.examples import FIRST
from app.services.replay import replay
from app.services.search import search
from app.services.service import Service
from app.store import Database, Filter
from tests.services.moving.carrying import BODIES, bring_in
from tests.stores import OTHER_CLINIC, make_call, make_service, only_sqlite, ticking

WRONG = orjson.dumps(FIRST | {"complaint": {"regions": ["lumbar"], "leg_pain": 11}})


async def ids(service: Service, clinic: str = "local") -> list[str]:
    call = make_call(Action.CONSULTATIONS_LISTED, clinic=clinic)
    return [each.consultation_id for each in (await search(service, call, Filter(), None, 200)).consultations]


async def test_each_line_is_judged_and_stored(service: Service, owned: Database) -> None:
    tally, rejected = await bring_in(service, owned, BODIES)
    assert (tally.stored, tally.there, tally.rejected, rejected) == (len(BODIES), 0, 0, [])
    call = make_call(Action.CONSULTATION_READ)
    found = [orjson.loads((await read_consultation(service, call, each)).body) for each in await ids(service)]
    assert sorted(each["patient"]["reference"] for each in found) == sorted(
        orjson.loads(each)["patient"]["reference"] for each in BODIES
    )
    differences: list[str | None] = []
    await replay(owned, "local", lambda replayed: differences.append(replayed.difference))
    assert differences == [None] * len(BODIES)


async def test_an_import_that_is_run_again_stores_nothing(service: Service, owned: Database) -> None:
    await bring_in(service, owned, BODIES)
    before = await ids(service)
    tally, _ = await bring_in(service, owned, BODIES)
    assert (tally.stored, tally.there) == (0, len(BODIES))
    assert await ids(service) == before


@only_sqlite
async def test_an_import_goes_on_where_an_earlier_one_ended(service: Service, owned: Database) -> None:
    await bring_in(service, owned, BODIES[:5])
    tally, _ = await bring_in(service, owned, BODIES)
    assert (tally.stored, tally.there) == (len(BODIES) - 5, 5)
    assert len(await ids(service)) == len(BODIES)


@only_sqlite
async def test_rejected_lines_are_named_with_every_fault_and_harm_no_other(service: Service, owned: Database) -> None:
    tally, rejected = await bring_in(service, owned, [BODIES[0], b"", WRONG, b"not JSON", b"[]", BODIES[1]])
    assert (tally.stored, tally.rejected) == (2, 3)
    assert [(each.line, each.code) for each in rejected] == [
        (3, "invalid-input"),
        (4, "malformed-body"),
        (5, "invalid-input"),
    ]
    assert [fault.pointer for fault in rejected[0].faults] == ["/complaint/leg_pain"]


@only_sqlite
async def test_a_line_put_right_where_it_stands_is_the_only_one_stored(service: Service, owned: Database) -> None:
    await bring_in(service, owned, [BODIES[0], WRONG, BODIES[1]])
    tally, rejected = await bring_in(service, owned, [BODIES[0], BODIES[2], BODIES[1]])
    assert (tally.stored, tally.there, rejected) == (1, 2, [])


@only_sqlite
async def test_equal_lines_are_two_consultations(service: Service, owned: Database) -> None:
    tally, _ = await bring_in(service, owned, [BODIES[0], BODIES[0]])
    assert tally.stored == 2
    assert len(await ids(service)) == 2


@only_sqlite
async def test_another_job_stores_the_same_lines_anew(service: Service, owned: Database) -> None:
    await bring_in(service, owned, BODIES[:2])
    tally, _ = await bring_in(service, owned, BODIES[:2], job="another")
    assert tally.stored == 2


async def test_equal_references_are_one_patient(service: Service, owned: Database) -> None:
    await bring_in(service, owned, [BODIES[0]])
    await bring_in(service, owned, [BODIES[0], BODIES[1], BODIES[0]], job="another")
    reference = orjson.loads(BODIES[0])["patient"]["reference"]
    call = make_call(Action.CONSULTATIONS_LISTED)
    page = await search(service, call, Filter(patient_reference=reference), None, 50)
    assert len(page.consultations) == 3
    assert len({each.patient_id for each in page.consultations}) == 1


async def test_two_imports_of_one_job_at_once_store_each_line_once(service: Service, owned: Database) -> None:
    lines = BODIES * 20
    tallies = await asyncio.gather(*(bring_in(service, owned, lines) for _ in range(3)))
    assert sum(tally.stored for tally, _ in tallies) == len(lines)
    assert all(tally.stored + tally.there == len(lines) for tally, _ in tallies)


async def test_an_import_stays_in_its_clinic(service: Service, owned: Database) -> None:
    await bring_in(service, owned, BODIES[:2], clinic=OTHER_CLINIC)
    assert await ids(service) == []
    assert len(await ids(service, OTHER_CLINIC)) == 2
    tally, _ = await bring_in(service, owned, BODIES[:2])
    assert tally.stored == 2


@only_sqlite
async def test_every_imported_consultation_is_audited_with_its_job_and_line(service: Service, owned: Database) -> None:
    await bring_in(service, owned, [BODIES[0], WRONG, BODIES[1]], job="from paper")

    def told(unit: object) -> list[tuple[str | None, dict[str, object]]]:
        rows = unit.connection.exec_driver_sql(  # type: ignore[attr-defined]  # a Unit
            "SELECT target, detail FROM audit_events WHERE action = 'consultations.imported' AND outcome = 'done'"
        )
        return [(row.target, orjson.loads(row.detail)) for row in rows]

    events = await owned.read("local", told)
    stored = await ids(service)
    assert sorted(target for target, _ in events if target) == sorted(
        f"consultations/{each}/notes/1" for each in stored
    )
    assert {detail["line"] for target, detail in events if target} == {1, 3}
    (run,) = [detail for target, detail in events if target is None]
    assert run == {"job": "from paper", "stored": 2, "extended": 0, "there": 0, "rejected": 1}


@only_sqlite
@pytest.mark.parametrize("job", ["", "  ", "x" * 201, "line\nbreak"])
async def test_a_name_that_cannot_be_one_is_refused(service: Service, owned: Database, job: str) -> None:
    with pytest.raises(InputError, match="name"):
        await bring_in(service, owned, BODIES, job=job)
    assert await ids(service) == []


@only_sqlite
async def test_nothing_is_imported_into_a_clinic_that_was_never_opened(service: Service, owned: Database) -> None:
    with pytest.raises(NotFound, match="clinics open"):
        await bring_in(service, owned, BODIES, clinic="nowhere")


@only_sqlite
async def test_a_new_day_changes_nothing_of_what_was_imported(service: Service, owned: Database) -> None:
    await bring_in(service, owned, BODIES[:2])
    before = await ids(service)
    later = make_service(service.database, service.triage, ticking(timedelta(days=1)))
    tally, _ = await bring_in(later, owned, BODIES[:2])
    assert tally.there == 2
    assert await ids(service) == before
