"""What was learned later: a merge patch makes the next revision, with a note that says what changed."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import Connection

from app.errors import PreconditionRequired, StaleRevision
from app.services.input import canonical_body, parse_consultation
from app.services.judge import judge, stored_as
from app.services.service import Service
from app.store import Consultations, StoredRevision


async def revise(service: Service, consultation_id: str, patch: Any, expected: int | None) -> StoredRevision:
    """Apply a merge patch (RFC 7396) to the newest revision, which must be number `expected`; answers the next one.

    The patched document is validated as a whole, so faults point into it, not into the patch. A patch that
    changes nothing makes no revision: the newest one is answered as it is.

    Raises:
        NotFound: there is no such consultation.
        PreconditionRequired: `expected` is None.
        StaleRevision: another revision is the newest, perhaps since a moment ago.
        InvalidInput: every fault of the patched document.
        StoreUnavailable: the database did not answer.
    Nothing is stored then.
    """
    consultations = Consultations(service.clinic)
    newest = await service.database.read(consultations.newest, consultation_id)
    if expected is None:
        raise PreconditionRequired(f"say which revision this changes; the newest is {newest.revision}")
    if expected != newest.revision:
        raise StaleRevision(f"revision {expected} is not the newest, which is {newest.revision}", newest.revision)
    before = orjson.loads(newest.body)
    consultation = parse_consultation(merge(before, patch))
    # Compared as values: the order of keys, which the vocabulary decides, is no change of the consultation.
    if orjson.loads(canonical_body(consultation)) == before:
        return newest
    judged = judge(service, consultation, previous=orjson.loads(newest.note))

    def store(connection: Connection) -> StoredRevision:
        at = service.now()
        revision = consultations.add_revision(connection, consultation_id, newest.revision, judged, at)
        return stored_as(consultation_id, revision, judged, at)

    return await service.write(store)


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
