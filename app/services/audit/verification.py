"""Whether the audit is as it was written, for operators."""

from __future__ import annotations

from collections.abc import Callable, Collection

from app.errors import InputError, NotFound
from app.store import Database
from app.store.audit import Anchor, Finding, Verdict, count_events, every_audited_clinic, verify


async def audited_clinics(database: Database, clinic: str | None, anchors: Collection[Anchor] = ()) -> list[str]:
    """The clinic that was named, or all that have an audit or an anchor, whether or not they are still there.

    NotFound for a clinic without either; InputError for an anchor of another one than was named; StoreUnavailable.
    """
    anchored = {anchor.clinic for anchor in anchors}
    known = anchored.union(await database.survey(every_audited_clinic))
    if clinic is None:
        return sorted(known)
    if anchored - {clinic}:
        raise InputError(f"the anchor is of the clinic {min(anchored - {clinic})}, and only {clinic} was asked for")
    if clinic not in known:
        raise NotFound(f"there is no clinic {clinic}; `spine-triage clinics list` shows those there are")
    return [clinic]


async def count_to_verify(database: Database, clinic: str) -> int:
    """How many events there are to look at. StoreUnavailable."""
    return await database.read(clinic, count_events)


async def verify_audit(
    database: Database,
    clinic: str,
    report: Callable[[Finding], None],
    advance: Callable[[], None],
    anchors: Collection[Anchor] = (),
) -> Verdict:
    """Look at the whole audit of a clinic as it is at this moment, telling `report` of each finding as it is made.

    `advance` is called for each event looked at; both perhaps in another thread. Memory does not grow with the audit.
    StoreUnavailable.
    """
    here = [anchor for anchor in anchors if anchor.clinic == clinic]
    return await database.read(clinic, verify, report, advance, here)
