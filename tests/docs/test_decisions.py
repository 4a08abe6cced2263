"""What decisions promise of the schema."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Table

from app.models import metadata
from tests.docs.conftest import ROOT

TABLES = metadata.sorted_tables


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_every_key_begins_with_the_clinic_so_that_its_rows_can_be_placed_together(table: Table) -> None:
    keys = [[column.name for column in table.primary_key]]
    keys += [[column.name for column in constraint.columns] for constraint in table.foreign_key_constraints]
    keys += [[getattr(part, "name", "") for part in index.expressions] for index in table.indexes]
    assert {key[0] for key in keys} == {"clinic_id"}
    for constraint in table.foreign_key_constraints:
        assert constraint.elements[0].column.name == "clinic_id"


def test_the_plan_to_distribute_the_tables_names_each_of_them_after_what_it_points_to() -> None:
    (decision,) = (ROOT / "docs" / "decisions").glob("0021-*.md")
    statements = re.findall(r"^  ```sql\n(.*?)^  ```", decision.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    named = [name for name in re.findall(r"'(\w+)'", statements[0]) if name != "clinic_id"]
    placed = list(dict.fromkeys(named))
    assert set(placed) == {table.name for table in TABLES}
    for table in TABLES:
        pointed_to = {constraint.referred_table.name for constraint in table.foreign_key_constraints}
        assert all(placed.index(name) < placed.index(table.name) for name in pointed_to), table.name
