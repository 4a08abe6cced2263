from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.access import Action
from app.models import LOCAL_CLINIC, audit_events
from app.services.examples import FIRST, LATER
from app.services.input import parse_consultation
from app.services.record import record
from app.services.reviews.concordance import Concordance, Tally, count_concordance, count_reviewed
from app.services.reviews.review import record_review
from app.services.revise import merge, revise
from app.services.service import Service
from app.store import Database, Period, Unit
from app.triage import Triage
from tests.stores import FIRST_MOMENT, OTHER_CLINIC, make_call

UNSTABLE, TRIALS, FIRST_CARE = (
    "lumbar.fusion.unstable-slip",
    "lumbar.fusion.trials-disagree",
    "lumbar.conservative.first",
)
FUSION, DECOMPRESSION, CARE = "lumbar_decompression_and_fusion", "lumbar_decompression", "conservative_care"
AGREED = {"revision": 1, "verdict": "agreed"}
PARTLY = {"revision": 1, "verdict": "partly", "reason": "comorbidity"}
OVERRODE = {"revision": 1, "verdict": "overrode", "reason": "comorbidity"}

Told = dict[str, tuple[int, int, int]]


@pytest.fixture(scope="module")
def notes(triage: Triage) -> dict[str, dict[str, Any]]:
    """`open`: care could be discussed, fusion and decompression wait for information. `known`: all three could be."""
    bodies = {"open": FIRST, "known": merge(FIRST, LATER)}
    return {name: triage.note(parse_consultation(body), date(2026, 11, 23)) for name, body in bodies.items()}


def decided(**decisions: str) -> dict[str, Any]:
    return {"categories": [{"category": category, "decision": decision} for category, decision in decisions.items()]}


def counts(tally: Tally) -> tuple[int, int, int]:
    return tally.agreed, tally.disagreed, tally.not_said


def counted(review: dict[str, Any], note: dict[str, Any]) -> Concordance:
    found = Concordance()
    found.add(review, note)
    return found


def test_the_notes_of_these_tests_say_what_the_tests_build_on(notes: dict[str, dict[str, Any]]) -> None:
    statuses = {name: {each["category"]: each["status"] for each in note["categories"]} for name, note in notes.items()}
    assert statuses["open"] == {
        CARE: "discussable",
        FUSION: "needs_information",
        DECOMPRESSION: "needs_information",
    }
    assert statuses["known"] == dict.fromkeys((FUSION, DECOMPRESSION, CARE), "discussable_with_uncertainty")


@pytest.mark.parametrize(
    ("review", "expected"),
    [
        (AGREED, {UNSTABLE: (1, 0, 0), TRIALS: (1, 0, 0), FIRST_CARE: (1, 0, 0)}),
        (PARTLY | {"rules": [UNSTABLE]}, {UNSTABLE: (0, 1, 0), TRIALS: (1, 0, 0), FIRST_CARE: (1, 0, 0)}),
        (PARTLY, {UNSTABLE: (0, 0, 1), TRIALS: (0, 0, 1), FIRST_CARE: (0, 0, 1)}),
        (PARTLY | decided(conservative_care="set_aside"), {UNSTABLE: (0, 0, 1), FIRST_CARE: (0, 0, 1)}),
        (OVERRODE | {"rules": [UNSTABLE, TRIALS]}, {UNSTABLE: (0, 1, 0), TRIALS: (0, 1, 0), FIRST_CARE: (0, 0, 1)}),
        (OVERRODE, {UNSTABLE: (0, 0, 1), TRIALS: (0, 0, 1), FIRST_CARE: (0, 0, 1)}),
    ],
)
def test_what_a_review_says_of_a_rule(review: dict[str, Any], expected: Told, notes: dict[str, dict[str, Any]]) -> None:
    rules = counted(review, notes["open"]).rules
    assert {rule: counts(rules[rule]) for rule in expected} == expected


def test_rules_that_a_note_left_open_are_not_counted(notes: dict[str, dict[str, Any]]) -> None:
    waiting = "lumbar.fusion.slip-with-stenosis"
    assert waiting not in counted(AGREED, notes["open"]).rules
    assert counts(counted(AGREED, notes["known"]).rules[waiting]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("note", "review", "expected"),
    [
        ("open", AGREED, {CARE: (1, 0, 0), FUSION: (1, 0, 0)}),
        ("open", AGREED | decided(conservative_care="set_aside"), {CARE: (1, 0, 0)}),
        # What could be discussed is not set aside, and what waits is not pursued.
        ("open", OVERRODE | decided(conservative_care="pursued"), {CARE: (1, 0, 0), FUSION: (0, 0, 1)}),
        ("open", OVERRODE | decided(conservative_care="deferred"), {CARE: (1, 0, 0)}),
        ("open", OVERRODE | decided(conservative_care="set_aside"), {CARE: (0, 1, 0), FUSION: (0, 0, 1)}),
        ("open", OVERRODE | decided(lumbar_decompression_and_fusion="pursued"), {FUSION: (0, 1, 0), CARE: (0, 0, 1)}),
        ("open", OVERRODE | decided(lumbar_decompression_and_fusion="deferred"), {FUSION: (1, 0, 0)}),
        ("open", OVERRODE | decided(lumbar_decompression_and_fusion="set_aside"), {FUSION: (1, 0, 0)}),
        ("known", OVERRODE | decided(lumbar_decompression_and_fusion="set_aside"), {FUSION: (0, 1, 0)}),
        # A `partly` that says where it differs agrees with the rest; one that does not, says nothing of it.
        ("open", PARTLY | decided(conservative_care="set_aside"), {CARE: (0, 1, 0), FUSION: (1, 0, 0)}),
        ("open", PARTLY | decided(conservative_care="pursued"), {CARE: (1, 0, 0), FUSION: (0, 0, 1)}),
        ("open", PARTLY | {"rules": [UNSTABLE]}, {CARE: (0, 0, 1), FUSION: (0, 0, 1)}),
        # The note has no status for it, so there is nothing to be in line with.
        ("open", PARTLY | decided(hip_referral="pursued"), {CARE: (0, 0, 1)}),
    ],
)
def test_what_a_review_says_of_a_category(
    note: str, review: dict[str, Any], expected: Told, notes: dict[str, dict[str, Any]]
) -> None:
    categories = counted(review, notes[note]).categories
    assert {category: counts(categories[category]) for category in expected} == expected
    assert set(categories) == {CARE, FUSION, DECOMPRESSION}


def test_a_suppressed_category_that_is_pursued_is_disagreed_with(notes: dict[str, dict[str, Any]]) -> None:
    for status in ("suppressed", "deferred", "not_supported"):
        listed = [each | {"status": status} for each in notes["known"]["categories"]]
        found = counted(OVERRODE | decided(conservative_care="pursued"), notes["known"] | {"categories": listed})
        assert counts(found.categories[CARE]) == (0, 1, 0)


def test_shares_leave_out_what_nobody_said() -> None:
    tally = Tally(agreed=3, disagreed=1, not_said=40)
    assert (tally.said, tally.share) == (4, 0.75)
    assert tally.interval == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert (Tally(not_said=2).share, Tally(not_said=2).interval) == (None, None)


async def test_the_latest_review_of_each_reviewer_is_counted_beside_the_note_it_is_of(
    service: Service, database: Database
) -> None:
    this = (await record(service, make_call(Action.CONSULTATION_RECORDED), FIRST)).consultation_id
    await revise(service, make_call(Action.CONSULTATION_REVISED), this, LATER, 1)
    await say(service, this, OVERRODE, "ada")
    await say(service, this, PARTLY | {"rules": [UNSTABLE]}, "ada")
    await say(service, this, AGREED, "bob")
    await say(service, this, AGREED | {"revision": 2}, "ada")
    told: list[None] = []
    found = await count(database, [LOCAL_CLINIC], report=lambda: told.append(None))
    assert counts(found.overall) == (2, 1, 0)
    assert counts(found.rules[UNSTABLE]) == (2, 1, 0)
    assert counts(found.rules["lumbar.fusion.slip-with-stenosis"]) == (1, 0, 0)  # only the second note states it
    assert counts(found.categories[CARE]) == (2, 0, 1)
    assert len(told) == await count_reviewed(database, [LOCAL_CLINIC], Period()) == 3


async def test_only_the_clinics_and_the_time_that_were_asked_for_are_counted(
    service: Service, database: Database
) -> None:
    for clinic in (LOCAL_CLINIC, OTHER_CLINIC):
        call = make_call(Action.CONSULTATION_RECORDED, clinic=clinic)
        this = (await record(service, call, FIRST)).consultation_id
        await say(service, this, AGREED, "ada", clinic)
    assert counts((await count(database, [LOCAL_CLINIC])).overall) == (1, 0, 0)
    assert counts((await count(database, [LOCAL_CLINIC, OTHER_CLINIC])).overall) == (2, 0, 0)
    before = Period(None, FIRST_MOMENT)
    assert counts((await count(database, [LOCAL_CLINIC, OTHER_CLINIC], before)).overall) == (0, 0, 0)
    assert counts((await count(database, [LOCAL_CLINIC], Period(FIRST_MOMENT, None))).overall) == (1, 0, 0)


async def test_the_audit_of_each_clinic_hears_of_a_report(service: Service, database: Database) -> None:
    await count(database, [LOCAL_CLINIC, OTHER_CLINIC], Period(FIRST_MOMENT, FIRST_MOMENT + timedelta(days=1)))

    def reports(unit: Unit) -> list[tuple[Any, ...]]:
        columns = (audit_events.c.actor_kind, audit_events.c.target, audit_events.c.detail)
        asked = select(*columns).where(
            audit_events.c.clinic_id == unit.clinic, audit_events.c.action == Action.REPORT_MADE
        )
        return [tuple(row) for row in unit.connection.execute(asked)]

    detail = '{"before":"2026-11-24T08:00:00+00:00","from":"2026-11-23T08:00:00+00:00"}'
    for clinic in (LOCAL_CLINIC, OTHER_CLINIC):
        assert await database.read(clinic, reports) == [("operator", "reports/concordance", detail)]


async def test_many_reviews_are_counted_a_few_at_a_time(service: Service, database: Database) -> None:
    this = (await record(service, make_call(Action.CONSULTATION_RECORDED), FIRST)).consultation_id
    for some in range(0, 230, 23):  # all at once, the last would wait for a connection longer than is allowed
        await asyncio.gather(*(say(service, this, AGREED, f"person-{some + number}") for number in range(23)))
    assert counts((await count(database, [LOCAL_CLINIC])).overall) == (230, 0, 0)


async def say(service: Service, this: str, review: dict[str, Any], who: str, clinic: str = LOCAL_CLINIC) -> None:
    call = make_call(Action.REVIEW_RECORDED, clinic=clinic)
    await record_review(service, replace(call, caller=replace(call.caller, subject=who)), this, review)


async def count(
    database: Database, clinics: list[str], period: Period | None = None, report: Callable[[], None] = lambda: None
) -> Concordance:
    return await count_concordance(database, clinics, period or Period(), FIRST_MOMENT, report)
