"""What is found is named: which event, under which seal, and what is wrong with it."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, insert, text, update

from app.models import audit_events, audit_sealed, audit_seals
from app.store.audit import Anchor, Flaw
from tests.store.audit.tampering import cut_off, rows_of
from tests.store.audit.trail import BOTH, NEW, OLD, Trail


@pytest.fixture
def clinic(trail: Trail) -> str:
    """Three seals over two events each."""
    name = trail.new_clinic()
    for _ in range(3):
        trail.add(name, 2)
        trail.seal(name)
    return name


def listed(trail: Trail, clinic: str, seal: int, place: int) -> str:
    rows = trail.tamper(lambda connection: rows_of(connection, audit_sealed, clinic))
    found: str = next(row["event_id"] for row in rows if (row["seal"], row["place"]) == (seal, place))
    return found


def found(trail: Trail, clinic: str) -> list[tuple[Flaw, int | None, str | None]]:
    return [(each.flaw, each.seal, each.event_id) for each in trail.verify(clinic)[1]]


def test_a_changed_event_is_named_with_its_seal_and_nothing_else_is(trail: Trail, clinic: str) -> None:
    event = listed(trail, clinic, 2, 1)
    trail.tamper(lambda c: c.execute(update(audit_events).where(audit_events.c.event_id == event).values(actor="x")))
    assert found(trail, clinic) == [(Flaw.EVENT_CHANGED, 2, event)]


def test_a_removed_event_is_named_and_the_others_of_its_seal_are_still_proven(trail: Trail, clinic: str) -> None:
    event = listed(trail, clinic, 2, 0)
    trail.tamper(lambda c: c.execute(delete(audit_events).where(audit_events.c.event_id == event)))
    assert found(trail, clinic) == [(Flaw.EVENT_REMOVED, 2, event)]


def test_an_inserted_event_is_named(trail: Trail, clinic: str) -> None:
    row = trail.tamper(lambda c: rows_of(c, audit_events, clinic))[0]
    forged = "00000000-0000-4000-8000-" + clinic.removeprefix("clinic-").rjust(12, "0")
    trail.tamper(lambda c: c.execute(insert(audit_events), dict(row) | {"event_id": forged}))
    assert found(trail, clinic) == [(Flaw.EVENT_INSERTED, None, forged)]
    sealing = trail.seal(clinic)
    assert (sealing.seal, sealing.left_out) == (None, 1)


def test_events_in_another_order_are_found_at_their_seal(trail: Trail, clinic: str) -> None:
    def swap(place: int, to: int) -> None:
        here = (audit_sealed.c.clinic_id == clinic, audit_sealed.c.seal == 3, audit_sealed.c.place == place)
        trail.tamper(lambda c: c.execute(update(audit_sealed).where(*here).values(place=to)))

    swap(0, 2)
    swap(1, 0)
    swap(2, 1)
    assert found(trail, clinic) == [(Flaw.EVENTS_REORDERED, 3, None)]


def test_a_removed_seal_is_named(trail: Trail, clinic: str) -> None:
    trail.tamper(lambda c: cut_off(c, clinic, 2, 2))
    assert found(trail, clinic) == [(Flaw.SEAL_MISSING, 2, None)]


def test_a_seal_that_was_removed_alone_leaves_its_list_which_tells_of_it(trail: Trail, clinic: str) -> None:
    here = (audit_seals.c.clinic_id == clinic, audit_seals.c.number == 3)
    trail.tamper(lambda c: c.execute(delete(audit_seals).where(*here)))
    assert found(trail, clinic) == [(Flaw.SEAL_MISSING, 3, None)]
    trail.add(clinic, 1)
    sealed = trail.seal(clinic).seal
    assert sealed is not None
    assert sealed.number == 4
    assert (Flaw.SEAL_MISSING, 3, None) in found(trail, clinic)


def test_seals_under_a_key_that_was_taken_off_the_ring_are_vouched_for_by_a_later_one(
    trail: Trail, clinic: str
) -> None:
    trail.add(clinic, 1, BOTH)
    trail.seal(clinic, BOTH)
    verdict, findings = trail.verify(clinic, NEW)
    assert findings == []
    assert [(each.key_id, each.first, each.last) for each in verdict.vouched] == [("k1", 1, 3)]
    assert trail.verify(clinic, BOTH)[0].vouched == ()


def test_seals_that_nobody_vouches_for_are_findings_until_their_key_is_back(trail: Trail, clinic: str) -> None:
    trail.add(clinic, 1, NEW)
    trail.seal(clinic, NEW)
    _, findings = trail.verify(clinic, NEW)
    assert [(each.flaw, each.seal) for each in findings] == [(Flaw.SEAL_UNPROVEN, 1)]
    assert trail.verify(clinic, BOTH)[1] == []


def test_an_anchor_vouches_for_the_seals_before_it(trail: Trail, clinic: str) -> None:
    newest = trail.verify(clinic, OLD)[0].newest
    assert newest is not None
    assert trail.verify(clinic, NEW)[1] != []
    kept = Anchor.parse(str(newest))
    assert trail.verify(clinic, NEW, anchors=[kept])[1] == []


ODD_IN_SQLITE = ("at = 'long ago'", "at = 12", "actor = x'00ff'", "actor = CAST(x'ff' AS TEXT)", "mac = 7", "mac = 'x'")
ODD_IN_POSTGRES = ("at = 'infinity'", "at = '20000-01-01'", "at = '4000-01-01 BC'", "mac = ''", "actor = ''")


@pytest.mark.parametrize(
    ("trail", "change"),
    [*(("sqlite", odd) for odd in ODD_IN_SQLITE), *(("postgres", odd) for odd in ODD_IN_POSTGRES)],
    indirect=["trail"],
)
def test_an_event_that_nobody_can_read_is_a_finding_and_no_failure(trail: Trail, clinic: str, change: str) -> None:
    event = listed(trail, clinic, 1, 0)
    trail.tamper(lambda c: c.execute(text(f"UPDATE audit_events SET {change} WHERE event_id = '{event}'")))  # noqa: S608 - a test's own words
    trail.add(clinic, 1)
    assert trail.seal(clinic).seal is not None
    assert found(trail, clinic) == [(Flaw.EVENT_CHANGED, 1, event)]


@pytest.mark.parametrize("trail", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["number", "sealed_at", "previous", "root", "events", "master_key", "mac"])
def test_a_seal_that_nobody_can_read_is_a_finding_and_no_failure(trail: Trail, clinic: str, column: str) -> None:
    odd = f"UPDATE audit_seals SET {column} = CAST(x'ff' AS TEXT) WHERE clinic_id = '{clinic}' AND number = 3"  # noqa: S608 - a test's own words
    trail.tamper(lambda c: c.execute(text(odd)))
    trail.add(clinic, 1)
    assert trail.seal(clinic).seal is not None
    assert Flaw.SEAL_CHANGED in {flaw for flaw, _, _ in found(trail, clinic)}
