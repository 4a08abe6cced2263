"""What was broken how often and what clients saw, as the rows of the table in docs/failures.md."""

from __future__ import annotations

from collections.abc import Sequence

from tests.processes.record import Record

HEAD = (
    "| what was broken | database | times | acknowledged | unknown | cut off | answers by status | lost | doubled |\n"
    "|---|---|--:|--:|--:|--:|---|--:|--:|"
)


class Figures:
    """The rows of this run."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def note(self, what: str, database: str, times: int, record: Record, faults: Sequence[str]) -> None:
        """Add a row. Nothing was lost or doubled unless there are faults, which the test then shows."""
        statuses = ", ".join(f"{status}: {count:,}" for status, count in sorted(record.statuses.items()))
        verdict = "0 | 0" if not faults else "see the test | see the test"
        self.rows.append(
            f"| {what} | {database} | {times} | {len(record.acknowledged):,} | {len(record.unknown)} "
            f"| {record.cuts:,} | {statuses} | {verdict} |"
        )
