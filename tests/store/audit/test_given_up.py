"""What of an audit is held when its master key is given up, and what nobody can pass off as held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, delete, insert, update

from app.models import audit_events, audit_sealed, audit_seals
from app.store import Event, Keyring, Unit, add_event, make_master_key, read_keyring
from app.store.audit import GIVEN_UP, Finding, Flaw, Seal, hold_unproven
from app.store.audit.events import examine
from tests.store.audit.tampering import cut_off, rows_of
from tests.store.audit.trail import NEW, Trail

NEWEST = read_keyring(make_master_key("k3"))
NEWEST_AND_NEW = Keyring([*NEWEST.keys, *NEW.keys])


@pytest.fixture
def clinic(trail: Trail) -> str:
    """Two seals of the old key, an event that none covers, and a seal of the newer key that began after them."""
    name = trail.new_clinic()
    for _ in range(2):
        trail.add(name, 2)
        trail.seal(name)
    trail.add(name, 1)
    trail.add(name, 2, NEW)
    trail.seal(name, NEW)
    return name


def give_up(trail: Trail, clinic: str, key_id: str = "k1", ring: Keyring = NEW) -> bool:
    """As the command does with the audit; answers whether there was anything to hold."""

    def hold(unit: Unit) -> bool:
        unit = replace(unit, keyring=ring)
        held = hold_unproven(unit, key_id, trail.now())
        if held is not None:
            detail = {"master_key": key_id, "unproven": held.told()}
            add_event(unit, Event(GIVEN_UP, "done", "operator", "somebody", detail=detail), trail.now())
        return held is not None

    return trail.write(clinic, hold)


def flaws(findings: Iterable[Finding]) -> list[tuple[Flaw, int | None]]:
    return [(each.flaw, each.seal) for each in findings]


def test_what_only_the_lost_key_would_prove_is_a_finding_until_it_is_given_up(trail: Trail, clinic: str) -> None:
    assert flaws(trail.verify(clinic, NEW)[1]) == [(Flaw.SEAL_UNPROVEN, 1), (Flaw.EVENT_INSERTED, None)]
    assert give_up(trail, clinic)
    assert not give_up(trail, clinic)
    verdict, found = trail.verify(clinic, NEW)
    assert found == []
    (held,) = verdict.given_up
    assert (held.key_id, held.events, [each.number for each in held.anchors]) == ("k1", 1, [2])
    assert [(each.key_id, each.first, each.last) for each in verdict.vouched] == [("k1", 1, 2)]


def test_it_stays_held_after_the_key_that_held_it_was_rotated_away_or_was_lost_as_well(
    trail: Trail, clinic: str
) -> None:
    give_up(trail, clinic)
    trail.seal(clinic, NEW)
    trail.add(clinic, 1, NEWEST_AND_NEW)
    assert (Flaw.SEAL_UNPROVEN, 1) in flaws(trail.verify(clinic, NEWEST)[1])
    assert give_up(trail, clinic, "k2", NEWEST)
    verdict, found = trail.verify(clinic, NEWEST)
    assert found == []
    assert [each.key_id for each in verdict.given_up] == ["k1", "k2"]


def test_it_stays_held_when_the_chain_vouches_for_the_event_that_tells_of_it(trail: Trail, clinic: str) -> None:
    give_up(trail, clinic)
    trail.seal(clinic, NEW)
    trail.add(clinic, 1, NEWEST_AND_NEW)
    trail.seal(clinic, NEWEST_AND_NEW)
    verdict, found = trail.verify(clinic, NEWEST)
    assert found == []
    assert [each.key_id for each in verdict.given_up] == ["k1"]


def test_a_seal_that_was_changed_afterwards_is_a_finding_and_cannot_be_given_up_again(
    trail: Trail, clinic: str
) -> None:
    give_up(trail, clinic)
    trail.seal(clinic, NEW)
    of_it = (audit_seals.c.clinic_id == clinic, audit_seals.c.number == 2)
    trail.tamper(lambda c: c.execute(update(audit_seals).where(*of_it).values(root=bytes(32))))
    assert (Flaw.SEAL_CHANGED, 2) in flaws(trail.verify(clinic, NEW)[1])
    assert not give_up(trail, clinic)


def test_the_last_seals_of_a_key_that_was_given_up_cannot_be_cut_off(trail: Trail, clinic: str) -> None:
    give_up(trail, clinic)
    trail.tamper(lambda c: cut_off(c, clinic, 2))
    assert (Flaw.SEALS_CUT_OFF, 2) in flaws(trail.verify(clinic, NEW)[1])


def forged(trail: Trail, clinic: str, key_id: str) -> dict[str, Any]:
    """An event that tells of giving up the old key, as somebody without any master key can write one."""
    first = trail.tamper(lambda c: rows_of(c, audit_events, clinic))[0]
    seals = trail.tamper(lambda c: rows_of(c, audit_seals, clinic))
    anchor = next(Seal.read(each).anchor for each in seals if each["number"] == 2)
    unproven = {"events": 1, "seals": {"2": anchor.digest.hex()}}
    detail = orjson.dumps({"master_key": "k1", "unproven": unproven}).decode()
    this = "00000000-0000-4000-9000-" + clinic.removeprefix("clinic-").rjust(12, "0")
    return dict(first) | {"event_id": this, "action": GIVEN_UP, "detail": detail, "master_key": key_id}


@pytest.mark.parametrize("key_id", ["k1", "k2"], ids=["the lost key", "the key on the ring"])
def test_nobody_without_a_master_key_can_say_that_one_was_given_up(trail: Trail, clinic: str, key_id: str) -> None:
    row = forged(trail, clinic, key_id)
    trail.tamper(lambda c: c.execute(insert(audit_events), row))
    verdict, found = trail.verify(clinic, NEW)
    assert verdict.given_up == ()
    assert (Flaw.SEAL_UNPROVEN, 1) in flaws(found)


@pytest.mark.parametrize("replaced", [0, 1, None], ids=["the first", "the last", "none"])
def test_one_that_is_forged_into_the_list_of_an_honest_seal_is_a_finding_of_its_own_and_is_not_believed(
    trail: Trail, clinic: str, replaced: int | None
) -> None:
    row = forged(trail, clinic, "k1")
    leaf = examine(NEW, row).leaf
    place = 2 if replaced is None else replaced

    def forge(connection: Connection) -> None:
        connection.execute(insert(audit_events), row)
        of_it = (audit_sealed.c.clinic_id == clinic, audit_sealed.c.seal == 3, audit_sealed.c.place == place)
        connection.execute(delete(audit_sealed).where(*of_it))
        listed = {"clinic_id": clinic, "event_id": row["event_id"], "seal": 3, "place": place, "leaf": leaf}
        connection.execute(insert(audit_sealed), listed)

    trail.tamper(forge)
    verdict, found = trail.verify(clinic, NEW)
    assert verdict.given_up == ()
    changed = Flaw.LIST_CHANGED if replaced is None else Flaw.EVENTS_REORDERED
    assert {(changed, 3), (Flaw.SEAL_UNPROVEN, 1)} <= set(flaws(found))
    assert give_up(trail, clinic)
    verdict, _ = trail.verify(clinic, NEW)
    assert [[each.number for each in held.anchors] for held in verdict.given_up] == [[2]]
