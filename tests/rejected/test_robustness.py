"""Whatever stands anywhere in knowledge files, they make a rulebook or are refused; they never break the loader."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.errors import RulebookFault, RulebookRefused
from app.governance import read_rulebook_files
from app.triage import load_rulebook

SOUND = read_rulebook_files(Path(__file__).parent / "sound")
STRANGE: dict[str, Any] = {
    "nothing": None,
    "an empty text": "",
    "an empty list": [],
    "an empty mapping": {},
    "a negative number": -1,
    "a yes": True,
    "a list of lists": [[1]],
    "a mapping": {"when": "x"},
    "a number beyond every float": 10**400,
    "not a number": float("nan"),
    "infinity": float("inf"),
}
NUMBERS = {"value", "points", "hours", "from", "to"}


def _places(tree: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield above
    for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from _places(inner, (*above, key))


def _with(tree: Any, place: tuple[Any, ...], value: Any) -> Any:
    if not place:
        return value
    found = copy.deepcopy(tree)
    inner = found
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = value
    return found


def _faults(file: str, text: str) -> tuple[RulebookFault, ...]:
    """Why the sound rulebook is refused with this text in place of one of its files; empty if it is not."""
    try:
        load_rulebook(SOUND | {file: text})
    except RulebookRefused as refused:
        return refused.faults
    return ()


@pytest.mark.parametrize("file", SOUND)
@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_value_anywhere_never_breaks_the_loader(file: str, strange: str) -> None:
    tree = yaml.safe_load(SOUND[file])
    texts = [yaml.safe_dump(_with(tree, place, STRANGE[strange]), sort_keys=False) for place in _places(tree)]
    faults = [fault for text in texts for fault in _faults(file, text)]
    assert faults
    assert all(fault.line >= 1 and fault.problem and fault.remedy for fault in faults)


@pytest.mark.parametrize("file", SOUND)
def test_a_number_that_is_not_finite_is_refused_wherever_a_number_stands(file: str) -> None:
    tree = yaml.safe_load(SOUND[file])
    for place in _places(tree):
        if place and place[-1] in NUMBERS:
            for number in ("1.0e+400", "-1.0e+400", ".inf", ".nan"):
                text = yaml.safe_dump(_with(tree, place, "NUMBER"), sort_keys=False).replace("NUMBER", number)
                assert _faults(file, text), (place, number)


@pytest.mark.parametrize("file", SOUND)
def test_a_file_cut_off_anywhere_never_breaks_the_loader(file: str) -> None:
    lines = SOUND[file].splitlines(keepends=True)
    # An empty file, and one that ends inside an entry, are among these.
    assert all(fault.file for count in range(len(lines)) for fault in _faults(file, "".join(lines[:count])))
    assert _faults(file, "")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "- " * 5_000 + "x",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "- &a [*a]\n",
        "? {a: b}\n: c\n",
        "- a\n--- \n- b\n",
        "- \0\n",
        "- \ud800\n",
    ],
    ids=["brackets", "nested lists", "aliases", "an alias of itself", "a key", "two documents", "NUL", "half a pair"],
)
@pytest.mark.parametrize("file", SOUND)
def test_a_hostile_file_is_refused(file: str, text: str) -> None:
    assert {fault.file for fault in _faults(file, text)} == {file}


def test_an_alias_is_called_one_and_never_expanded() -> None:
    layers = "".join(f"- &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 60))
    faults = _faults("sources.yaml", "- &l0 [x]\n" + layers)
    assert {fault.code for fault in faults} == {"not-plain"}
    assert len(faults) == 59 * 9


def test_a_count_beyond_every_number_is_refused() -> None:
    text = SOUND["rules/lumbar.yaml"].replace("    any:\n", f"    ? at least {'9' * 5000} of\n    :\n")
    assert {fault.code for fault in _faults("rules/lumbar.yaml", text)} == {"bad-condition"}


WORDED = [
    ("rules/lumbar.yaml", "title: Numb saddle", "title: The saddle needs a scan"),
    ("rules/lumbar.yaml", "action: Same-day assessment.", "action: The patient needs a scan."),
    ("rules/lumbar.yaml", "text: within hours", "text: when surgery is indicated"),
    (
        "rules/lumbar.yaml",
        "    supports: conservative_care",
        "    imaging: An MRI is indicated.\n    supports: conservative_care",
    ),
    ("categories.yaml", "summary: Making room for the nerves.", "summary: What the patient needs."),
    ("categories.yaml", "title: Lumbar decompression", "title: Indicated decompression"),
    ("categories.yaml", "title: Through a tube", "title: The indicated tube"),
    ("categories.yaml", "summary: The same operation through a tube.", "summary: Indicated when open surgery is not."),
    ("categories.yaml", "text: less blood loss", "text: indicated for less blood loss"),
    ("rulebook.yaml", "Numbness between the legs - go", "A numb patient needs to go"),
    ("rulebook.yaml", "disclaimer: Information for a clinician.", "disclaimer: Says what is indicated."),
    ("rulebook.yaml", "urgent: Within 2 weeks", "urgent: Surgery is indicated within 2 weeks"),
    ("scores.yaml", "band: high", "band: surgery indicated"),
    ("coverage.yaml", "title: Which medicine", "title: When medicine is indicated"),
    ("coverage.yaml", "not_modelled: The choice", "not_modelled: What the patient needs"),
]


@pytest.mark.parametrize(
    ("file", "plain", "ordering"),
    WORDED,
    ids=[ordering.split(":")[0].strip() + f" {n}" for n, (_, _, ordering) in enumerate(WORDED)],
)
def test_words_that_order_are_refused_wherever_a_note_would_repeat_them(file: str, plain: str, ordering: str) -> None:
    text = SOUND[file].replace(plain, ordering, 1)
    assert text != SOUND[file]
    assert {fault.code for fault in _faults(file, text)} == {"forbidden-word"}


@pytest.mark.parametrize(
    "words",
    [
        "The patient needs surgery.",
        "The slip needs to be fused.",
        "Surgery is indicated.",
        "Surgery is contraindicated.",
        "The patient should have surgery.",
        "The patient should be operated on.",
        "The patient must have surgery.",
        "Patients need surgery.",
        "Surgery is needed.",
        "This is diagnosed as a slip.",
        "The patient was diagnosed with a slip.",
        "A diagnosis of a slip.",
    ],
)
def test_a_sentence_that_orders_or_diagnoses_is_refused(words: str) -> None:
    text = SOUND["rules/lumbar.yaml"].replace("The saddle is numb.", words)
    assert {fault.code for fault in _faults("rules/lumbar.yaml", text)} == {"forbidden-word"}


MEANINGLESS = {
    "a time in the past": ("rules/lumbar.yaml", "hours: 4", "hours: -4"),
    "a band that ends before it begins": ("scores.yaml", "from: 3, to: 5", "from: 5, to: 3"),
    "bands that overlap": ("scores.yaml", "from: 0, to: 2", "from: 0, to: 4"),
    "a score of something that is no number": ("scores.yaml", "of: meyerding", "of: disc_height"),
    "a release that is no date": ("rulebook.yaml", 'released: "2026-11-23"', "released: last autumn"),
    "a tag": ("sources.yaml", "citation: Low", "citation: !reference Low"),
    "an alias": ("categories.yaml", "title: Care without an operation", "title: &care Care\n  summary: *care\n# "),
    "points that a score cannot reach": ("scores.yaml", "points: 1}", "points: 1000}"),
}


@pytest.mark.parametrize("meaningless", MEANINGLESS)
def test_what_cannot_be_meant_is_refused(meaningless: str) -> None:
    file, plain, odd = MEANINGLESS[meaningless]
    text = SOUND[file].replace(plain, odd, 1)
    assert text != SOUND[file]
    assert _faults(file, text)
