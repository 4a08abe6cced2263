"""Whatever is done to an audit without the master keys shows."""

from __future__ import annotations

from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.laws.effort import examples
from tests.store.audit.tampering import TAMPERINGS, Tampering, cut_off
from tests.store.audit.trail import BOTH, NEW, OLD, Trail

BATCHES = st.lists(st.integers(1, 5), min_size=2, max_size=3)
FEW = settings(examples(20), deadline=None)


def sealed_clinic(trail: Trail, batches: list[int]) -> str:
    clinic = trail.new_clinic()
    for events in batches:
        trail.add(clinic, events)
        trail.seal(clinic)
    return clinic


def tamper(trail: Trail, clinic: str, tampering: Tampering, data: st.DataObject) -> None:
    try:
        trail.tamper(lambda connection: tampering(connection, clinic, data.draw))
    except IntegrityError:  # two rows for one place: nothing was changed
        reject()


@FEW
@given(steps=st.lists(st.one_of(st.integers(0, 4), st.just("rotate")), max_size=6))
def test_an_audit_that_nobody_touched_verifies_whatever_was_sealed_when(trail: Trail, steps: list[int | str]) -> None:
    clinic, ring, events = trail.new_clinic(), OLD, 0
    for step in steps:
        if isinstance(step, str):
            ring = BOTH
        else:
            trail.add(clinic, step, ring)
            events += step
            if step % 2:
                trail.seal(clinic, ring)
    verdict, found = trail.verify(clinic, ring)
    assert found == []
    assert verdict.sealed + verdict.unsealed == events


@FEW
@given(batches=BATCHES, tampering=st.sampled_from(TAMPERINGS), data=st.data())
def test_every_tampering_is_found(trail: Trail, batches: list[int], tampering: Tampering, data: st.DataObject) -> None:
    clinic = sealed_clinic(trail, batches)
    assert trail.verify(clinic)[1] == []
    tamper(trail, clinic, tampering, data)
    assert trail.verify(clinic)[1] != []


@FEW
@given(batches=BATCHES, tampering=st.sampled_from(TAMPERINGS), data=st.data())
def test_no_later_seal_hides_a_tampering_even_when_the_key_of_what_was_tampered_with_is_gone(
    trail: Trail, batches: list[int], tampering: Tampering, data: st.DataObject
) -> None:
    clinic = sealed_clinic(trail, batches)
    tamper(trail, clinic, tampering, data)
    for _ in range(2):
        trail.add(clinic, 2, BOTH)
        trail.seal(clinic, BOTH)
    assert trail.verify(clinic, BOTH)[1] != []
    assert trail.verify(clinic, NEW)[1] != []


@FEW
@given(batches=BATCHES, data=st.data(), sealed_again=st.booleans())
def test_newest_seals_that_were_cut_off_are_missed_by_an_anchor(
    trail: Trail, batches: list[int], data: st.DataObject, sealed_again: bool
) -> None:
    clinic = sealed_clinic(trail, batches)
    anchor = trail.verify(clinic)[0].newest
    assert anchor is not None
    assert trail.verify(clinic, anchors=[anchor])[1] == []
    first = data.draw(st.integers(1, len(batches)))
    trail.tamper(lambda connection: cut_off(connection, clinic, first))
    if sealed_again:
        for _ in batches:
            trail.add(clinic, 1)
            trail.seal(clinic)
    assert trail.verify(clinic)[1] == []
    assert trail.verify(clinic, anchors=[anchor])[1] != []
