"""Lines of an export that an import refuses, each with the place and the reason; the others are stored."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from app.services.moving.form import digest_of
from app.services.service import Service
from app.store import Database
from tests.services.moving.carrying import FIRST_CONSULTATION, bring_in, changed, fill, take_out
from tests.stores import OTHER_CLINIC, only_sqlite


@only_sqlite
async def test_another_consultation_under_the_same_id_is_rejected(service: Service, owned: Database) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    with changed(lines, FIRST_CONSULTATION) as document:
        document["revisions"][0]["created_at"] = "2020-02-02T02:02:02Z"
    before = (await take_out(service, owned))[1:]
    tally, rejected = await bring_in(service, owned, lines)
    assert (tally.there, tally.rejected) == (4, 1)
    assert [(each.line, each.code) for each in rejected] == [(FIRST_CONSULTATION, "different")]
    assert (await take_out(service, owned))[1:] == before


@only_sqlite
@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("revisions/0/note/headline", "All is well", "/revisions/0/note"),
        ("revisions/0/body/complaint/back_pain", 0, "/revisions/0/body"),
        ("revisions/0/note_sha256", "0" * 64, "/revisions/0/note"),
        ("revisions/0/note/urgency/at_least", "tomorrow", "/revisions/0/note/urgency/at_least"),
        ("revisions/0/note/made_on", "yesterday", "/revisions/0/note/made_on"),
        ("revisions/0/created_at", "2026-11-23T08:00:00", "/revisions/0/created_at"),
        ("revisions/0/created_at", "0001-01-01T00:00:00+14:00", "/revisions/0/created_at"),
        ("revisions", [], "/revisions"),
        ("id", "one", "/id"),
        ("extra", 1, "/extra"),
        ("kind", "consultations", "/kind"),
        ("reviews", [{}], "/reviews/0/review_id"),
    ],
)
async def test_a_line_that_was_changed_is_rejected_with_the_place(
    service: Service, owned: Database, path: str, value: Any, pointer: str
) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    *steps, last = path.split("/")
    with changed(lines, FIRST_CONSULTATION) as document:
        place = document
        for step in steps:
            place = place[int(step) if step.isdigit() else step]
        place[last] = value
    tally, rejected = await bring_in(service, owned, lines, clinic=OTHER_CLINIC)
    assert tally.stored == 4
    assert rejected[0].line == FIRST_CONSULTATION
    assert pointer in [fault.pointer for fault in rejected[0].faults]


@only_sqlite
async def test_a_body_that_this_version_cannot_read_is_rejected_with_the_place(
    service: Service, owned: Database
) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    with changed(lines, FIRST_CONSULTATION) as document:
        body = document["revisions"][0]["body"]
        body["complaint"]["aura"] = True
        document["revisions"][0]["body_sha256"] = digest_of(orjson.dumps(body))
    _, rejected = await bring_in(service, owned, lines, clinic=OTHER_CLINIC)
    assert [fault.pointer for fault in rejected[0].faults] == ["/revisions/0/body/complaint/aura"]


def reviewed(lines: list[bytes]) -> int:
    """The number of the line whose consultation has the review in words."""
    (number,) = [number for number, line in enumerate(lines, 1) if "Überlegt".encode() in line]
    return number


@only_sqlite
@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"verdict": "maybe"}, "/reviews/0/review/verdict"),
        ({"verdict": "partly"}, "/reviews/0/review/verdict"),
        ({"reason": 4}, "/reviews/0/review/reason"),
        ({"revision": 1}, "/reviews/0/review/revision"),
        ({"newest_revision": "2"}, "/reviews/0/review/newest_revision"),
        ({"newest_revision": 3}, "/reviews/0/review/newest_revision"),
        ({"mood": "good"}, "/reviews/0/review/mood"),
    ],
)
async def test_a_review_of_another_shape_is_rejected_with_the_place(
    service: Service, owned: Database, change: dict[str, Any], pointer: str
) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    line = reviewed(lines)
    with changed(lines, line) as document:
        document["reviews"][0]["review"] |= change
        document["reviews"][0]["review_sha256"] = digest_of(orjson.dumps(document["reviews"][0]["review"]))
    tally, rejected = await bring_in(service, owned, lines, clinic=OTHER_CLINIC)
    assert tally.stored == 4
    assert [(each.line, fault.pointer) for each in rejected for fault in each.faults] == [(line, pointer)]


@only_sqlite
async def test_a_line_with_a_review_twice_is_rejected_and_the_import_goes_on(service: Service, owned: Database) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    line = reviewed(lines)
    with changed(lines, line) as document:
        document["reviews"] *= 2
    tally, rejected = await bring_in(service, owned, lines, clinic=OTHER_CLINIC)
    assert tally.stored == 4
    assert [(each.line, each.faults[0].pointer) for each in rejected] == [(line, "/reviews/1/review_id")]


@only_sqlite
async def test_a_rulebook_that_was_changed_is_rejected_and_the_notes_made_with_it(
    service: Service, owned: Database
) -> None:
    await fill(service)
    lines = await take_out(service, owned)
    with changed(lines, 2) as document:
        document["files"]["rules/lumbar.yaml"] += "# changed\n"
    tally, rejected = await bring_in(service, owned, lines, clinic=OTHER_CLINIC)
    assert (tally.stored, tally.rejected) == (0, 6)
    assert [each.code for each in rejected] == ["invalid-input", *["no-rulebook"] * 5]
    assert (await take_out(service, owned, clinic=OTHER_CLINIC))[1:-1] == []
