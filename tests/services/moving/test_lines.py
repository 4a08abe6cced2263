from __future__ import annotations

from io import BytesIO

import pytest

from app.services.moving import lines
from app.services.moving.lines import MOST_LINES, read_chunks


def numbers(content: bytes) -> list[tuple[int, bytes | None]]:
    return [(line.number, line.raw) for chunk in read_chunks(BytesIO(content)) for line in chunk.lines]


def test_blank_lines_are_counted_and_passed_over() -> None:
    assert numbers(b"\n{}\r\n \t\n[]") == [(2, b"{}"), (4, b"[]")]


def test_a_line_that_is_too_long_is_passed_over_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 8)
    assert numbers(b"12345678\n" + b"x" * 100 + b"\n{}\n" + b"y" * 9) == [
        (1, b"12345678"),
        (2, None),
        (3, b"{}"),
        (4, None),
    ]


def test_a_chunk_ends_after_enough_lines_or_bytes() -> None:
    chunks = list(read_chunks(BytesIO(b"{}\n" * (MOST_LINES + 1))))
    assert [len(chunk.lines) for chunk in chunks] == [MOST_LINES, 1]
    assert [chunk.end for chunk in chunks] == [3 * MOST_LINES, 3 * MOST_LINES + 3]
    long = b"x" * 3_000_000 + b"\n"
    assert [len(chunk.lines) for chunk in read_chunks(BytesIO(long * 3))] == [2, 1]
