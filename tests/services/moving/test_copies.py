from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest

from app.access import Action
from app.errors import InputError
from app.services.consult import read_notes
from app.services.replay import replay
from app.services.reviews.review import record_review
from app.services.revise import revise
from app.services.search import search
from app.services.service import Service
from app.store import Database, Filter, StoredRevision, all_reviews, open_database
from app.triage import Triage
from tests.services.moving.carrying import AGREED, FIRST_CONSULTATION, bring_in, changed, fill, take_out
from tests.stores import KEYRING, OTHER_CLINIC, make_call, make_service, only_sqlite


@pytest.fixture
async def elsewhere(store_kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A database of the other kind than `database`, as its owner reaches it."""
    kept = request.getfixturevalue("another_file" if store_kind == "postgres" else "another_postgres")
    opened = open_database(kept, KEYRING, patient=True)
    yield opened
    await opened.close()


@pytest.fixture
def another_file(sqlite_template: Any, tmp_path: Any) -> str:
    file = tmp_path / "elsewhere.db"
    file.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{file}"


@pytest.fixture
def another_postgres(cluster: Any, postgres_template: str) -> Any:
    urls = cluster.make_database(postgres_template)
    yield urls.owner
    cluster.drop_database(urls.name)


async def revisions(service: Service, consultation_id: str) -> list[StoredRevision]:
    return await read_notes(service, make_call(Action.NOTES_LISTED), consultation_id)


async def differences(owned: Database) -> list[str | None]:
    found: list[str | None] = []
    await replay(owned, "local", lambda replayed: found.append(replayed.difference))
    return found


async def test_what_goes_to_the_other_database_and_back_is_the_same_to_the_byte(
    service: Service, owned: Database, elsewhere: Database, triage: Triage
) -> None:
    made = await fill(service)
    there = make_service(elsewhere, triage)
    lines = await take_out(service, owned)
    tally, rejected = await bring_in(there, elsewhere, lines)
    assert (tally.stored, rejected) == (len(made), [])
    assert (await take_out(there, elsewhere))[1:] == lines[1:]
    for each in made:
        assert await revisions(there, each) == await revisions(service, each)
        assert await elsewhere.read("local", all_reviews, each) == await owned.read("local", all_reviews, each)
    assert await differences(elsewhere) == await differences(owned) == [None] * 8
    # And back again, into the other clinic of the first database.
    tally, _ = await bring_in(service, owned, await take_out(there, elsewhere), clinic=OTHER_CLINIC)
    assert tally.stored == len(made)
    assert (await take_out(service, owned, clinic=OTHER_CLINIC))[1:] == lines[1:]


@only_sqlite
async def test_an_export_says_what_it_is_and_where_it_ends(service: Service, owned: Database) -> None:
    made = await fill(service)
    lines = [orjson.loads(line) for line in await take_out(service, owned)]
    assert [line["kind"] for line in lines] == ["header", "rulebook", *["consultation"] * 5, "end"]
    assert (lines[0]["format"], lines[0]["clinic"], lines[0]["since"]) == (1, "local", None)
    assert lines[1]["digest"] == service.triage.rulebook.digest
    assert [line["id"] for line in lines[2:-1]] == sorted(made)
    assert lines[-1] == {"kind": "end", "rulebooks": 1, "consultations": 5}
    (first,) = [line for line in lines[2:-1] if line["id"] == made[0]]
    assert [each["body"].get("patient", {})["reference"] for each in first["revisions"]][-1] == "MRN-ß–1"


@only_sqlite
async def test_the_copy_lists_the_same_and_knows_its_patients(
    service: Service, owned: Database, elsewhere: Database, triage: Triage
) -> None:
    await fill(service)
    there = make_service(elsewhere, triage)
    await bring_in(there, elsewhere, await take_out(service, owned))
    call = make_call(Action.CONSULTATIONS_LISTED)
    for wanted in (Filter(), Filter(patient_reference="MRN-ß–1"), Filter(patient_reference="MRN-9-2")):
        lists = [
            [
                (each.consultation_id, each.revision, each.created_at, each.revised_at, each.headline, each.settled)
                for each in (await search(one, call, wanted, None, 50)).consultations
            ]
            for one in (service, there)
        ]
        assert lists[0] == lists[1] != []


@only_sqlite
async def test_an_import_that_is_run_again_stores_nothing(
    service: Service, owned: Database, elsewhere: Database, triage: Triage
) -> None:
    await fill(service)
    there, lines = make_service(elsewhere, triage), await take_out(service, owned)
    await bring_in(there, elsewhere, lines)
    tally, rejected = await bring_in(there, elsewhere, lines)
    assert (tally.stored, tally.extended, tally.there, rejected) == (0, 0, 5, [])
    assert (await take_out(there, elsewhere))[1:] == lines[1:]


async def test_a_later_export_brings_only_what_was_added(
    service: Service, owned: Database, elsewhere: Database, triage: Triage
) -> None:
    made = await fill(service)
    there = make_service(elsewhere, triage)
    await bring_in(there, elsewhere, await take_out(service, owned))
    since = service.now()
    call = make_call(Action.CONSULTATION_REVISED)
    await revise(service, call, made[2], {"complaint": {"onset": "sudden"}}, 1)
    await revise(service, call, made[2], {"patient": {"reference": "MRN-2"}}, 2)
    await record_review(service, make_call(Action.REVIEW_RECORDED), made[3], AGREED)
    lines = await take_out(service, owned, since)
    assert {orjson.loads(line)["id"] for line in lines[2:-1]} == {made[2], made[3]}
    tally, rejected = await bring_in(there, elsewhere, lines)
    assert (tally.stored, tally.extended, rejected) == (0, 2, [])
    assert (await take_out(there, elsewhere))[1:] == (await take_out(service, owned))[1:]
    assert await differences(elsewhere) == [None] * 10


@only_sqlite
async def test_an_older_export_takes_nothing_back(service: Service, owned: Database) -> None:
    made = await fill(service)
    lines = await take_out(service, owned)
    await revise(service, make_call(Action.CONSULTATION_REVISED), made[2], {"complaint": {"onset": "sudden"}}, 1)
    now = await take_out(service, owned)
    tally, rejected = await bring_in(service, owned, lines)
    assert (tally.there, rejected) == (5, [])
    assert (await take_out(service, owned))[1:] == now[1:]


@only_sqlite
async def test_a_file_that_was_cut_short_is_noticed_and_what_it_holds_is_stored(
    service: Service, owned: Database
) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    tally, rejected = await bring_in(service, owned, lines[:-2], clinic=OTHER_CLINIC)
    assert tally.stored == 4
    assert [(each.line, each.code) for each in rejected] == [(len(lines) - 1, "unfinished")]
    tally, rejected = await bring_in(service, owned, [*lines[:-2], lines[-1]], clinic=OTHER_CLINIC)
    assert [(each.line, each.code) for each in rejected] == [(len(lines) - 1, "invalid-input")]
    tally, rejected = await bring_in(service, owned, lines, clinic=OTHER_CLINIC)
    assert (tally.stored, tally.there, rejected) == (1, 4, [])


@only_sqlite
async def test_a_consultation_that_a_file_holds_twice_is_stored_once(service: Service, owned: Database) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    doubled = [*lines[:-1], lines[FIRST_CONSULTATION - 1], orjson.dumps(orjson.loads(lines[-1]) | {"consultations": 6})]
    tally, rejected = await bring_in(service, owned, doubled, clinic=OTHER_CLINIC)
    assert (tally.stored, tally.there, rejected) == (5, 1, [])


@only_sqlite
async def test_an_export_of_another_format_is_refused_as_a_whole(service: Service, owned: Database) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    with changed(lines, 1) as document:
        document["format"] = 2
    with pytest.raises(InputError, match="format"):
        await bring_in(service, owned, lines, clinic=OTHER_CLINIC)


async def test_two_imports_of_one_export_at_once_store_each_consultation_once(
    service: Service, owned: Database, elsewhere: Database, triage: Triage
) -> None:
    made = await fill(service)
    there, lines = make_service(elsewhere, triage), await take_out(service, owned)
    tallies = await asyncio.gather(*(bring_in(there, elsewhere, lines) for _ in range(3)))
    assert sum(tally.stored for tally, _ in tallies) == len(made)
    assert (await take_out(there, elsewhere))[1:] == lines[1:]


@only_sqlite
async def test_an_export_is_audited_before_its_first_line_and_after_its_last(service: Service, owned: Database) -> None:
    await fill(service)
    since = service.now() - timedelta(days=9)
    await take_out(service, owned, since)

    def told(unit: Any) -> list[tuple[str, Any]]:
        rows = unit.connection.exec_driver_sql(
            "SELECT outcome, detail FROM audit_events WHERE action = 'consultations.exported' ORDER BY at"
        )
        return [(row.outcome, orjson.loads(row.detail)) for row in rows]

    assert await owned.read("local", told) == [
        ("begun", {"since": since.isoformat()}),
        ("done", {"since": since.isoformat(), "consultations": 5}),
    ]
