"""Every function of the store that takes a unit, tried by a clinic on what belongs to another.

Each stands here with what it answers: a value, or the error that it raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import IntegrityError, NoResultFound

from app import store
from app.errors import NotFound
from app.store import Unit, audit
from tests.store.samples import EVENT, MORNING, judged, minutes_later

LATER = minutes_later(60)
KEY = store.KeyRow("key-1", "desk", b"hash", "triage", MORNING, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other clinic has."""

    consultation: str
    review: str
    patient: str
    reference: str
    digest: str
    key: str
    receipt: store.Receipt


Try = Callable[[Unit, Elsewhere], object]


def _listed(unit: Unit, there: Elsewhere) -> list[Any]:
    wanted = (
        store.Filter(),
        store.Filter(patient_reference=there.reference),
        store.Filter(patient_id=there.patient),
        store.Filter(category="lumbar_decompression"),
    )
    return [each for one in wanted for each in store.search(unit, one, None, 10).consultations]


def _arrive(unit: Unit, there: Elsewhere) -> list[store.Outcome]:
    arrival = store.Arrival(there.consultation, (store.ArrivingRevision(judged(), MORNING),), EVENT)
    return store.add_arrivals(unit, [arrival], lambda: MORNING)


def _review(there: Elsewhere) -> store.StoredReview:
    return store.StoredReview(there.consultation, "review-2", 1, MORNING, "api_key:key-1", "agreed", b"{}")


READING: Final[Mapping[str, tuple[Try, object]]] = {
    "all_reviews": (lambda unit, there: store.all_reviews(unit, there.consultation), NotFound),
    "all_revisions": (lambda unit, there: store.all_revisions(unit, there.consultation), NotFound),
    "check_keys": (lambda unit, _: store.check_keys(unit), None),
    "count_consultations": (lambda unit, _: store.count_consultations(unit), 0),
    "count_departures": (lambda unit, _: store.count_departures(unit, None), 0),
    "count_events": (lambda unit, _: audit.count_events(unit), 0),
    "count_idle": (lambda unit, _: store.count_idle(unit, LATER), 0),
    "count_key_use": (lambda unit, _: store.count_key_use(unit), store.KeyUse()),
    "count_latest_reviews": (lambda unit, _: store.count_latest_reviews(unit, store.Period()), 0),
    "count_lost": (lambda unit, _: store.count_lost(unit, "k1"), store.Lost(0, 0, 0, 0, 0, 0, 0)),
    "count_notes": (lambda unit, _: store.count_notes(unit), 0),
    "count_receipts": (lambda unit, _: store.count_receipts(unit, LATER), 0),
    "count_unproven": (lambda unit, _: audit.count_unproven(unit, "k1"), audit.Unproven(0, 0, None)),
    "every_departure": (lambda unit, _: list(store.every_departure(unit, None)), []),
    "every_kept_note": (lambda unit, _: list(store.every_kept_note(unit)), []),
    "every_key": (lambda unit, _: list(store.every_key(unit)), []),
    "every_latest_review": (lambda unit, _: list(store.every_latest_review(unit, store.Period())), []),
    "every_newest": (lambda unit, _: list(store.every_newest(unit)), []),
    "every_note": (lambda unit, _: list(store.every_note(unit)), []),
    "every_snapshot": (lambda unit, _: list(store.every_snapshot(unit)), []),
    "find_clinic": (lambda unit, _: getattr(store.find_clinic(unit), "clinic", None), "local"),
    "find_consultations": (lambda unit, there: store.find_consultations(unit, [there.consultation]), set()),
    "find_idle": (lambda unit, _: store.find_idle(unit, LATER, "", 10), []),
    "find_key": (lambda unit, there: store.find_key(unit, there.key), None),
    "find_receipt": (lambda unit, there: store.find_receipt(unit, there.receipt), None),
    "has_snapshot": (lambda unit, there: store.has_snapshot(unit, there.digest), False),
    "has_unsealed": (lambda unit, _: audit.has_unsealed(unit), False),
    "held_of": (lambda unit, there: store.held_of(unit, there.reference), NotFound),
    "list_events": (lambda unit, _: audit.list_events(unit, audit.AuditFilter(), None, 10).events, ()),
    "look_back": (lambda unit, _: audit.look_back(unit, LATER), None),
    "newest_number": (lambda unit, there: store.newest_number(unit, there.consultation), NotFound),
    "newest_revision": (lambda unit, there: store.newest_revision(unit, there.consultation), NotFound),
    "newest_seal": (lambda unit, _: audit.newest_seal(unit), None),
    "one_review": (lambda unit, there: store.one_review(unit, there.consultation, there.review), NotFound),
    "one_revision": (lambda unit, there: store.one_revision(unit, there.consultation, 1), NotFound),
    "rulebook_snapshot": (lambda unit, there: store.rulebook_snapshot(unit, there.digest), NotFound),
    "search": (_listed, []),
    "tells_of_giving_up": (lambda unit, _: audit.tells_of_giving_up(unit, "k1"), False),
    "verify": (lambda unit, _: audit.verify(unit, lambda _: None), audit.Verdict("local", 0, 0, 0, 0, (), None)),
}
WRITING: Final[Mapping[str, tuple[Try, object]]] = {
    "add_arrivals": (_arrive, [store.Outcome.WITHOUT_RULEBOOK]),
    "add_event": (lambda unit, _: store.add_event(unit, EVENT, MORNING), None),
    "add_events": (lambda unit, _: audit.add_events(unit, [EVENT], MORNING), None),
    "add_key": (lambda unit, _: store.add_key(unit, KEY), None),
    "add_receipt": (lambda unit, there: store.add_receipt(unit, there.receipt, MORNING), IntegrityError),
    "add_review": (lambda unit, there: store.add_review(unit, _review(there)), NotFound),
    "add_revision": (lambda unit, there: store.add_revision(unit, there.consultation, 2, judged(), MORNING), NotFound),
    "change_key": (lambda unit, there: store.change_key(unit, there.key, revoked_at=MORNING), False),
    "drop_kept_under": (lambda unit, _: store.drop_kept_under(unit, "k1", 10), 0),
    "drop_receipts_under": (lambda unit, _: store.drop_receipts_under(unit, "k1", 10), 0),
    "drop_receipts": (lambda unit, _: store.drop_receipts(unit, LATER, 10), 0),
    "erase_idle": (lambda unit, there: store.erase_idle(unit, [there.patient], LATER, None).patients, ()),
    "erase_reference": (lambda unit, there: store.erase_reference(unit, there.reference), NotFound),
    "erase_under": (lambda unit, _: store.erase_under(unit, "k1", 10).patients, ()),
    "hold_newest": (lambda unit, there: store.hold_newest(unit, there.consultation), NotFound),
    "hold_unproven": (lambda unit, _: audit.hold_unproven(unit, "k1", LATER), None),
    "keep_snapshot": (lambda unit, there: store.keep_snapshot(unit, there.digest, "9", {"a": "b"}), None),
    "move_to_patient": (
        lambda unit, there: store.move_to_patient(unit, there.consultation, None, MORNING),
        NoResultFound,
    ),
    "open_clinic": (lambda unit, _: store.open_clinic(unit, "again", MORNING), IntegrityError),
    "reseal_some": (lambda unit, _: store.reseal_some(unit, "", 10), None),
    "rewrap_some": (lambda unit, _: store.rewrap_some(unit, "", 10), None),
    "seal_events": (lambda unit, _: audit.seal_events(unit, LATER, everything=True), audit.Sealing(None, 0)),
}
