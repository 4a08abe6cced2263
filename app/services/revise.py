"""What was learned later: a merge patch makes the next revision, with a note that says what changed."""

from __future__ import annotations

from typing import Any

import orjson

from app.errors import PreconditionRequired, StaleRevision
from app.services.call import Call, consultation_path
from app.services.input import canonical_body, parse_consultation
from app.services.judge import judge, patient_reference, stored_as
from app.services.service import Service
from app.store import StoredRevision, Unit, add_event, add_revision, move_to_patient, newest_revision


async def revise(
    service: Service, call: Call, consultation_id: str, patch: Any, expected: int | None
) -> StoredRevision:
    """Apply a merge patch (RFC 7396) to the newest revision, which must be number `expected`; answers the next one.

    The patched document is validated as a whole, so faults point into it, not into the patch. A patch that
    changes nothing makes no revision: the newest one is answered as it is. One that changes the patient's
    reference hands the consultation over to that patient.

    Raises:
        NotFound: there is no such consultation.
        PreconditionRequired: `expected` is None.
        StaleRevision: another revision is the newest, perhaps since a moment ago.
        InvalidInput: every fault of the patched document.
        StoreUnavailable: the database did not answer.
    Nothing is stored then.
    """
    newest = await service.database.read(call.clinic, newest_revision, consultation_id)
    if expected is None:
        raise PreconditionRequired(f"say which revision this changes; the newest is {newest.revision}")
    if expected != newest.revision:
        raise StaleRevision(f"revision {expected} is not the newest, which is {newest.revision}", newest.revision)
    before = orjson.loads(newest.body)
    consultation = parse_consultation(merge(before, patch))
    # Compared as values: the order of keys, which the vocabulary decides, is no change of the consultation.
    if orjson.loads(canonical_body(consultation)) == before:
        unchanged = call.event(consultation_path(consultation_id, newest.revision), "unchanged")
        await service.database.write(call.clinic, add_event, unchanged, service.now())
        return newest
    judged = judge(service, consultation, previous=orjson.loads(newest.note))
    is_another_s = judged.patient_reference != patient_reference(parse_consultation(before))

    def store(unit: Unit) -> StoredRevision:
        at = service.now()
        revision = add_revision(unit, consultation_id, newest.revision, judged, at)
        if is_another_s:
            move_to_patient(unit, consultation_id, judged.patient_reference, at)
        add_event(unit, call.event(consultation_path(consultation_id, revision)), at)
        return stored_as(consultation_id, revision, judged, at)

    return await service.with_rulebook(call.clinic, lambda: service.database.write(call.clinic, store))


def merge(target: Any, patch: Any) -> Any:
    """`patch` applied to `target` (RFC 7396): null removes a key, objects are merged, anything else replaces.

    Neither argument is changed. Recursion is as deep as `patch`, which `read_document` has bounded.
    """
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged
