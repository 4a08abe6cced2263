"""Whether the audit is as it was written: each event, what each seal covers, and the chain of seals.

What no seal covers yet is known to be genuine, but not to be complete; and that the newest seals were cut off shows
only against an anchor that was kept outside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import BindParameter, Connection, and_, bindparam, exists, func, select, type_coerce
from sqlalchemy.types import NullType

from app.models import audit_events, audit_sealed, audit_seals, clinics, consultations
from app.store.audit.chain import Chain
from app.store.audit.covered import check_covered
from app.store.audit.events import examine
from app.store.audit.findings import Finding, Flaw, Report, Verdict
from app.store.audit.given_up import find_given_up, with_given_up
from app.store.audit.sealing import UNSEALED
from app.store.audit.seals import Anchor, every_seal
from app.store.audit.stored import reading_anything, stored_rows
from app.store.unit import Unit

_CLINIC: BindParameter[str] = bindparam("clinic")
_HAS_SEAL = exists().where(
    and_(audit_seals.c.clinic_id == audit_sealed.c.clinic_id, audit_seals.c.number == audit_sealed.c.seal)
)
_WITHOUT_SEAL = (
    select(type_coerce(audit_sealed.c.seal, NullType()).label("seal"), func.count().label("events"))
    .where(audit_sealed.c.clinic_id == _CLINIC, ~_HAS_SEAL)
    .group_by(audit_sealed.c.seal)
    .order_by(audit_sealed.c.seal)
)
_COUNT = select(func.count()).select_from(audit_events).where(audit_events.c.clinic_id == _CLINIC)
_STORED_SINCE = (
    select(consultations.c.id)
    .join(clinics, clinics.c.clinic_id == consultations.c.clinic_id)
    .where(consultations.c.clinic_id == _CLINIC, consultations.c.created_at > clinics.c.created_at)
    .limit(1)
)
_AUDITED = select(clinics.c.clinic_id).union(select(audit_seals.c.clinic_id)).order_by("clinic_id")


def every_audited_clinic(connection: Connection) -> list[str]:
    """All clinics by id, those included of which nothing is left but seals; an owner sees all, the service none."""
    return list(connection.execute(_AUDITED).scalars())


def count_events(unit: Unit) -> int:
    """How many events the clinic has."""
    return unit.connection.execute(_COUNT, {"clinic": unit.clinic}).scalar_one()


def verify(
    unit: Unit, report: Report, advance: Callable[[], None] = lambda: None, anchors: Collection[Anchor] = ()
) -> Verdict:
    """Look at everything of the clinic's audit, as it is at this moment; a few rows are held at a time.

    Args:
        unit: of a transaction that sees one moment, as `Database.read` gives it.
        report: told of each finding as it is made.
        advance: called for each event that was looked at.
        anchors: seals of this clinic that were kept outside.
    """
    with reading_anything(unit):
        return _verify(unit, report, advance, anchors)


def _verify(unit: Unit, report: Report, advance: Callable[[], None], anchors: Collection[Anchor]) -> Verdict:
    findings = 0

    def tell(finding: Finding) -> None:
        nonlocal findings
        findings += 1
        report(finding)

    kept_outside = {each.number: each.digest for each in anchors}
    given_up = find_given_up(unit, kept_outside)
    chain = Chain(unit.keyring, with_given_up(kept_outside, given_up), tell)
    sealed = 0
    for seal in every_seal(unit):
        if seal is None:
            tell(Finding(Flaw.SEAL_CHANGED, "a seal holds what no seal was ever made of"))
            continue
        sealed += check_covered(unit, seal, tell, advance, certain=chain.take(seal))
    chain.end()
    for orphans in stored_rows(unit, _WITHOUT_SEAL):
        says = f"it is not there, and events are listed under it: {orphans['events']}"
        tell(Finding(Flaw.SEAL_MISSING, says, seal=orphans["seal"]))
    unsealed = _check_unsealed(unit, tell, advance)
    if not chain.seals and not count_events(unit) and _must_have_events(unit):
        tell(Finding(Flaw.EMPTIED, "there is no event at all, and consultations are stored that events must tell of"))
    vouched = tuple(chain.vouched)
    return Verdict(unit.clinic, chain.seals, sealed, unsealed, findings, vouched, chain.newest, tuple(given_up))


def _must_have_events(unit: Unit) -> bool:
    """Whether something was stored since the clinic was opened, which is told in the same transaction."""
    return unit.connection.execute(_STORED_SINCE, {"clinic": unit.clinic}).first() is not None


def _check_unsealed(unit: Unit, report: Report, advance: Callable[[], None]) -> int:
    """How many genuine events no seal covers; the others are reported."""
    count = 0
    for event in stored_rows(unit, UNSEALED):
        genuine = examine(unit.keyring, event).genuine
        if genuine:
            count += 1
        elif genuine is None:
            key_id = event["master_key"]
            says = f"no seal covers it, and its master key {key_id} is not on the ring: anybody may have written it"
            report(Finding(Flaw.EVENT_INSERTED, says, event_id=str(event["event_id"])))
        else:
            says = "no seal covers it, and it was changed or written by somebody else"
            report(Finding(Flaw.EVENT_INSERTED, says, event_id=str(event["event_id"])))
        advance()
    return count
