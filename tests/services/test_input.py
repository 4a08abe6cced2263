from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidInput, MalformedBody
from app.services.input import MAX_DEPTH, MAX_DIGITS, read_document

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**MAX_DIGITS) + 1, 10**MAX_DIGITS - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
)
KEYS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
DOCUMENTS = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


def faults_of(raw: bytes) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refusal:
        read_document(raw)
    return [(fault.pointer, fault.problem) for fault in refusal.value.faults]


@given(document=DOCUMENTS, ascii_only=st.booleans(), spaced=st.booleans())
def test_every_document_without_a_fault_is_read_as_json_reads_it(document: Any, ascii_only: bool, spaced: bool) -> None:
    text = json.dumps(document, ensure_ascii=ascii_only, indent=1 if spaced else None)
    assert read_document(text.encode()) == json.loads(text)


@given(raw=st.binary() | st.text('{}[]",:0123456789eE+-.\\ u\x00ntrfalse').map(str.encode))
def test_whatever_the_bytes_they_are_read_as_json_reads_them_or_refused(raw: bytes) -> None:
    try:
        document = read_document(raw)
    except (MalformedBody, InvalidInput):
        return
    assert document == json.loads(raw.decode())


@given(document=DOCUMENTS.filter(lambda document: isinstance(document, dict) and document), data=st.data())
def test_a_key_given_twice_is_always_found(document: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(document)))
    members = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in (*document.items(), (key, None))]
    raw = f"[{{{', '.join(members)}}}]".encode()
    assert any(problem == "this key is given more than once" for _, problem in faults_of(raw))


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the document is empty"),
        (b" \n\t", "the document is empty"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7"),
        (b'"\xed\xa0\x80"', "not UTF-8: byte 1"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8: byte 0"),
        (b'{"a": 1} {}', "something follows the JSON document at line 1, column 10 (character 9)"),
        (b'{"a": 1}\nx', "something follows the JSON document at line 2, column 1 (character 9)"),
        (b'{"a": 1,}', "not JSON at line 1, column 9"),
        (b'{"a": "\x00"}', "not JSON at line 1, column 8"),
        (b"{'a': 1}", "not JSON at line 1, column 2"),
        (b'{"a": 1', "not JSON at line 1"),
        (b"01", "something follows the JSON document"),
    ],
)
def test_what_is_not_one_json_document_is_refused_with_the_place(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedBody) as refusal:
        read_document(raw)
    assert reason in str(refusal.value)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_is_limited_and_never_exhausts_the_stack(opening: str, closing: str) -> None:
    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    assert read_document(nested(MAX_DEPTH)) is not None
    for depth in (MAX_DEPTH + 1, 900, 100_000):
        with pytest.raises(MalformedBody, match="nested too deeply"):
            read_document(nested(depth))
    with pytest.raises(MalformedBody):
        read_document(opening.encode() * 100_000)


def test_a_place_beyond_the_deepest_is_refused_even_where_brackets_in_text_would_hide_it() -> None:
    hiding = '"]]]]]]]]", ' * MAX_DEPTH
    with pytest.raises(MalformedBody, match="nested too deeply"):
        read_document(("[" + hiding + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "]").encode())


def test_every_fault_of_a_document_is_reported_at_once_with_its_pointer() -> None:
    raw = rb"""{"a": NaN, "b": [1e999, -Infinity, Infinity, 1234567890123456789], "c": {"x": 1, "x": 2},
                "d": "\u0000", "e": ["\ud83d", "\ud83d\ude00"], "~/": {"q": 1, "q": 1}, "\u0000": 1}"""
    assert set(faults_of(raw)) == {
        ("/a", "NaN is not a number"),
        ("/b/0", "the number is too large"),
        ("/b/1", "-Infinity is not a number"),
        ("/b/2", "Infinity is not a number"),
        ("/b/3", "the number is too long"),
        ("/c/x", "this key is given more than once"),
        ("/d", "the text contains a NUL character or half of a surrogate pair"),
        ("/e/0", "the text contains a NUL character or half of a surrogate pair"),
        ("/~0~1/q", "this key is given more than once"),
        ("/\\u0000", "the key contains a NUL character or half of a surrogate pair"),
    }


def test_a_number_of_thousands_of_digits_is_refused_quickly_and_not_repeated() -> None:
    assert faults_of(b'{"a": ' + b"1" * 900_000 + b"}") == [("/a", "the number is too long")]
    assert faults_of(b"[" + b"9" * 19 + b"]") == [("/0", "the number is too long")]
    assert faults_of(b"[99999999999999999999999]") == [("/0", "the number is too long")]
    assert read_document(b"-" + b"9" * MAX_DIGITS) == -(10**MAX_DIGITS) + 1


def test_a_backslash_before_u0000_is_text_and_not_a_nul() -> None:
    assert read_document(rb'"\\u0000"') == "\\u0000"


def test_an_endless_list_of_faults_is_cut_short_and_says_so() -> None:
    found = faults_of(b"[" + b",".join([b"NaN"] * 5_000) + b"]")
    assert len(found) == 201
    assert found[-1][1] == "more faults than these 200, which are not listed"
