"""What somebody with the database's password, but without the master keys, can do to an audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from hypothesis import strategies as st
from sqlalchemy import Column, Connection, Table, and_, delete, insert, select, update

from app.models import audit_events, audit_sealed, audit_seals
from app.store.audit import Seal
from app.store.audit.events import examine
from app.store.audit.merkle import tree_hash
from tests.store.audit.trail import OLD

Draw = Callable[[st.SearchStrategy[Any]], Any]
Tampering = Callable[[Connection, str, Draw], None]
Row = Mapping[str, Any]

_TABLES: Final = (audit_events, audit_sealed, audit_seals)


def rows_of(connection: Connection, table: Table, clinic: str) -> list[Row]:
    found = connection.execute(select(table).where(table.c.clinic_id == clinic).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]


def change_a_column(connection: Connection, clinic: str, draw: Draw) -> None:
    table, row = _any_row(connection, clinic, draw)
    column = draw(st.sampled_from(list(table.columns)))
    _set(connection, table, row, {column.name: _something_else(column, row[column.name], draw)})


def delete_a_row(connection: Connection, clinic: str, draw: Draw) -> None:
    table, row = _any_row(connection, clinic, draw)
    connection.execute(delete(table).where(_same(table, row)))


def delete_an_event_and_its_place(connection: Connection, clinic: str, draw: Draw) -> None:
    row = draw(st.sampled_from(rows_of(connection, audit_sealed, clinic)))
    connection.execute(delete(audit_sealed).where(_same(audit_sealed, row)))
    connection.execute(
        delete(audit_events).where(audit_events.c.clinic_id == clinic, audit_events.c.event_id == row["event_id"])
    )


def delete_a_seal_with_all_it_covers(connection: Connection, clinic: str, draw: Draw) -> None:
    """Any but the newest, of which nothing would be left to tell."""
    seal = draw(st.sampled_from(rows_of(connection, audit_seals, clinic)[:-1]))["number"]
    cut_off(connection, clinic, seal, seal)


def cut_off(connection: Connection, clinic: str, first: int, last: int = 1_000_000) -> None:
    """Seals `first` to `last` are gone with their lists and events, as if they had never been."""
    listed = and_(audit_sealed.c.clinic_id == clinic, audit_sealed.c.seal.between(first, last))
    events = select(audit_sealed.c.event_id).where(listed)
    connection.execute(
        delete(audit_events).where(audit_events.c.clinic_id == clinic, audit_events.c.event_id.in_(events))
    )
    connection.execute(delete(audit_sealed).where(listed))
    connection.execute(
        delete(audit_seals).where(audit_seals.c.clinic_id == clinic, audit_seals.c.number.between(first, last))
    )


def insert_an_event(connection: Connection, clinic: str, draw: Draw) -> None:
    """A copy of a real one, as if it had been done twice; perhaps listed under the newest seal as well."""
    row = draw(st.sampled_from(rows_of(connection, audit_events, clinic)))
    forged = dict(row) | {"event_id": str(uuid4()), "master_key": draw(st.sampled_from([row["master_key"], "k9"]))}
    connection.execute(insert(audit_events), forged)
    if draw(st.booleans()):
        number = rows_of(connection, audit_seals, clinic)[-1]["number"]
        _list(connection, clinic, forged["event_id"], number, draw(st.sampled_from([99, 100])), _leaf(forged))


def insert_a_seal(connection: Connection, clinic: str, draw: Draw) -> None:
    """One that follows the newest and covers a forged event, all of it under a key that nobody has."""
    newest = Seal.read(rows_of(connection, audit_seals, clinic)[-1])
    event = dict(draw(st.sampled_from(rows_of(connection, audit_events, clinic))))
    event |= {"event_id": str(uuid4()), "actor": "somebody else", "master_key": "k9"}
    connection.execute(insert(audit_events), event)
    leaf = _leaf(event)
    forged = dict(rows_of(connection, audit_seals, clinic)[-1])
    forged |= {"number": newest.number + 1, "previous": newest.anchor.digest, "root": tree_hash([leaf]), "events": 1}
    connection.execute(insert(audit_seals), forged | {"master_key": "k9"})
    _list(connection, clinic, event["event_id"], newest.number + 1, 0, leaf)


def rewrite_the_newest_seal(connection: Connection, clinic: str, draw: Draw) -> None:
    """An event says something else, and its seal fits that, as far as anybody can tell who lacks its key."""
    seal = rows_of(connection, audit_seals, clinic)[-1]
    listed = [row for row in rows_of(connection, audit_sealed, clinic) if row["seal"] == seal["number"]]
    changed = draw(st.sampled_from([row["event_id"] for row in listed]))
    event = next(row for row in rows_of(connection, audit_events, clinic) if row["event_id"] == changed)
    said = {"actor": "somebody else", "master_key": "k9"}
    _set(connection, audit_events, event, said)
    leaves = {row["event_id"]: row["leaf"] for row in sorted(listed, key=lambda row: row["place"])}
    leaves[changed] = _leaf(dict(event) | said)
    for row in listed:
        _set(connection, audit_sealed, row, {"leaf": leaves[row["event_id"]]})
    _set(connection, audit_seals, seal, {"root": tree_hash(leaves.values()), "master_key": "k9"})


def swap_two_places(connection: Connection, clinic: str, draw: Draw) -> None:
    first, second = _two(rows_of(connection, audit_sealed, clinic), draw)
    connection.execute(delete(audit_sealed).where(_same(audit_sealed, first)))
    connection.execute(delete(audit_sealed).where(_same(audit_sealed, second)))
    for row, other in ((first, second), (second, first)):
        connection.execute(insert(audit_sealed), dict(row) | {"seal": other["seal"], "place": other["place"]})


def swap_what_two_events_say(connection: Connection, clinic: str, draw: Draw) -> None:
    first, second = _two(rows_of(connection, audit_events, clinic), draw)
    said = [name for name in first if name not in {"clinic_id", "event_id"}]
    _set(connection, audit_events, first, {name: second[name] for name in said})
    _set(connection, audit_events, second, {name: first[name] for name in said})


def swap_two_seals(connection: Connection, clinic: str, draw: Draw) -> None:
    first, second = _two(rows_of(connection, audit_seals, clinic), draw)
    said = [name for name in first if name not in {"clinic_id", "number"}]
    _set(connection, audit_seals, first, {name: second[name] for name in said})
    _set(connection, audit_seals, second, {name: first[name] for name in said})


def move_an_event_to_another_clinic(connection: Connection, clinic: str, draw: Draw) -> None:
    row = draw(st.sampled_from(rows_of(connection, audit_events, clinic)))
    _set(connection, audit_events, row, {"clinic_id": f"not-{clinic}"})


TAMPERINGS: Final[tuple[Tampering, ...]] = (
    change_a_column,
    change_a_column,  # of many kinds
    delete_a_row,
    delete_an_event_and_its_place,
    delete_a_seal_with_all_it_covers,
    insert_an_event,
    insert_a_seal,
    rewrite_the_newest_seal,
    swap_two_places,
    swap_what_two_events_say,
    swap_two_seals,
    move_an_event_to_another_clinic,
)

_key_ids = st.sampled_from(["k1", "k2", "k9"])


def _any_row(connection: Connection, clinic: str, draw: Draw) -> tuple[Table, Row]:
    table = draw(st.sampled_from(_TABLES))
    return table, draw(st.sampled_from(rows_of(connection, table, clinic)))


def _two(rows: list[Row], draw: Draw) -> tuple[Row, Row]:
    first, second = sorted(draw(st.sets(st.integers(0, len(rows) - 1), min_size=2, max_size=2)))
    return rows[first], rows[second]


def _something_else(column: Column[Any], value: Any, draw: Draw) -> Any:
    if column.name == "clinic_id":
        return f"not-{value}"
    if column.name == "master_key":
        return draw(_key_ids.filter(lambda key_id: key_id != value))
    if isinstance(value, datetime):
        return value + draw(st.sampled_from([timedelta(microseconds=1), timedelta(days=-1), timedelta(seconds=1)]))
    if isinstance(value, int):
        return value + draw(st.sampled_from([-1, 1, 1_000]))
    if isinstance(value, bytes):
        place = draw(st.integers(0, len(value) - 1))
        flipped = value[:place] + bytes([value[place] ^ 1]) + value[place + 1 :]
        return draw(st.sampled_from([flipped, value[:-1], b"", bytes(32 if value != bytes(32) else 31)]))
    if value is None:
        return draw(st.sampled_from(["", "x"]))
    shorter = value[:-1]
    return draw(st.sampled_from([shorter, f"{shorter}~", *([None] if column.nullable else [])]))


def _set(connection: Connection, table: Table, row: Row, values: Row) -> None:
    connection.execute(update(table).where(_same(table, row)).values(values))


def _list(connection: Connection, clinic: str, event_id: str, seal: int, place: int, leaf: bytes) -> None:
    row = {"clinic_id": clinic, "event_id": event_id, "seal": seal, "place": place, "leaf": leaf}
    connection.execute(insert(audit_sealed), row)


def _leaf(event: Row) -> bytes:
    """What seals would cover the event by, which takes no key."""
    leaf = examine(OLD, event).leaf
    assert leaf is not None
    return leaf


def _same(table: Table, row: Row) -> Any:
    return and_(*(column == row[column.name] for column in table.primary_key))
