"""Whoever builds a form reads GET /v1/vocabulary and nothing else; a body built from it is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.stores import only_sqlite

pytestmark = only_sqlite

Listed = dict[str, Any]


@pytest.fixture
async def vocabulary(clinic: httpx.AsyncClient) -> Listed:
    listed: Listed = (await clinic.get("/v1/vocabulary")).json()
    return listed


class Form:
    """Bodies made from the vocabulary alone."""

    def __init__(self, vocabulary: Listed) -> None:
        self.answers = {
            entry["name"]: entry
            for entry in [*vocabulary["facts"], *vocabulary["fields"]]
            if not entry.get("derived") and entry["name"] != "not_known"
        }
        self.lists = {entry["list"]: entry for entry in vocabulary["lists"]}
        self.levels = {entry["kind"]: entry["levels"] for entry in vocabulary["levels"]}

    def values(self, name: str) -> list[Any]:
        """Every choice, both ends of every range, and every shape with each of its units."""
        entry = self.answers[name]
        if entry["sent_as"] == "list":
            together = [value for value in entry["values"] if value not in entry.get("alone", [])]
            return [[value] for value in entry["values"]] + [together]
        if entry["values"]:
            return list(entry["values"])
        if entry["sent_as"] == "object":
            return [made for shape in entry["shapes"] for made in filled(shape, entry["ranges"])]
        if entry["sent_as"] == "text":
            return ["x" * entry["length"]["at_least"], "x" * entry["length"]["at_most"]]
        if entry["sent_as"] == "date":
            return ["2026-11-23"]
        return [entry["hard_range"]["at_least"], entry["hard_range"]["at_most"]]

    def body(self, answers: list[tuple[str, Any]]) -> Listed:
        """One body with all the answers; those inside a list stand in an object of their own."""
        body: Listed = {}
        for name, value in answers:
            self._put(body, name, value)
        for name, entry in self.answers.items():
            if entry["required"] and entry["list"] is None and name not in dict(answers):
                self._put(body, name, self.values(name)[0])
        return body

    def _put(self, body: Listed, name: str, value: Any) -> None:
        path = self.answers[name]["list"]
        if path is None:
            set_at(body, name, value)
            return
        row = self._row(path, name)
        set_at(row, name.removeprefix(f"{path}."), value)
        while (outer := self.lists[path]["inside"]) is not None:
            around = self._row(outer, name)
            around[path.removeprefix(f"{outer}.")] = [row]
            path, row = outer, around
        section, _, key = path.rpartition(".")
        (body.setdefault(section, {}) if section else body).setdefault(key, []).append(row)

    def _row(self, path: str, name: str) -> Listed:
        """An object of a list with what is required in it, such that the answer `name` belongs there."""
        row = {key: self.values(f"{path}.{key}")[0] for key in self.lists[path]["required"]}
        entry = self.answers[name]
        if "level" in row and entry.get("belongs_to"):
            row["level"] = self.levels[entry["belongs_to"][0]][0]
        if "modality" in row and entry.get("seen_on"):
            row["modality"] = entry["seen_on"][0]
        return row


def filled(shape: Listed, ranges: Listed) -> Iterator[Listed]:
    """A shape with each of its choices, and numbers from both ends of the range that the choice has."""
    (chooser,) = [key for key, form in shape.items() if isinstance(form, list)]
    for choice in shape[chooser]:
        low, high = ranges[choice]["at_least"], ranges[choice]["at_most"]
        for one, other in ((low, high), (high, high), (low, low)):
            numbers = {key: other if key == "at_most" else one for key in shape if key != chooser}
            yield numbers | {chooser: choice}


def set_at(place: Listed, path: str, value: Any) -> None:
    *steps, last = path.split(".")
    for step in steps:
        place = place.setdefault(step, {})
    place[last] = value


def batches(form: Form, most: int) -> Iterator[list[tuple[str, Any]]]:
    """Every value of every answer, once: the first of each together, then the second of those that have one."""
    values = {name: form.values(name) for name in form.answers}
    for turn in range(max(map(len, values.values()))):
        here = [(name, found[turn]) for name, found in values.items() if turn < len(found)]
        for start in range(0, len(here), most):
            yield here[start : start + most]


async def test_every_answer_of_a_form_that_is_built_from_the_vocabulary_is_accepted(
    clinic: httpx.AsyncClient, vocabulary: Listed
) -> None:
    form = Form(vocabulary)
    assert {"patient.reference", "imaging.modality", "imaging.covers", "examination.sensory.root"} <= set(form.answers)
    most = min(entry["length"]["at_most"] or 100 for entry in vocabulary["lists"])
    for answers in batches(form, most):
        response = await clinic.post("/v1/triage", json=form.body(answers))
        assert response.status_code == 200, (answers, response.json()["errors"])


async def test_every_question_may_be_answered_with_not_known(clinic: httpx.AsyncClient, vocabulary: Listed) -> None:
    form = Form(vocabulary)
    names = [entry["name"] for entry in vocabulary["facts"] if entry["may_be_not_known"]]
    names += [entry["list"] for entry in vocabulary["lists"] if entry["may_be_not_known"]]
    (field,) = [entry for entry in vocabulary["fields"] if entry["name"] == "not_known"]
    assert field["sent_as"] == "list"
    assert 100 < len(names) <= field["length"]["at_most"]
    response = await clinic.post("/v1/triage", json=form.body([]) | {"not_known": names})
    assert response.status_code == 200, response.text


async def test_a_number_beyond_the_end_of_its_range_is_refused(clinic: httpx.AsyncClient, vocabulary: Listed) -> None:
    form = Form(vocabulary)
    tried = 0
    for name, entry in form.answers.items():
        beyond: list[Any] = []
        if entry["sent_as"] in {"integer", "number"}:
            beyond = [entry["hard_range"]["at_least"] - 1, entry["hard_range"]["at_most"] + 1]
        for choice, span in entry["ranges"].items():
            wide = {choice: {"at_least": span["at_least"] - 1, "at_most": span["at_most"] + 1}}
            shape = {key: [choice] if isinstance(said, list) else said for key, said in entry["shapes"][0].items()}
            beyond += list(filled(shape, wide))
        for value in beyond:
            response = await clinic.post("/v1/triage", json=form.body([(name, value)]))
            assert response.status_code == 422, (name, value)
            tried += 1
    assert tried > 100


async def test_yes_or_no_is_true_or_false(vocabulary: Listed) -> None:
    answers = [fact for fact in vocabulary["facts"] if fact["kind"] == "yes_no" and not fact["derived"]]
    assert len(answers) > 100
    assert all((fact["sent_as"], fact["values"]) == ("boolean", [False, True]) for fact in answers)


async def test_a_quantity_says_the_objects_it_may_be_sent_as_and_what_each_unit_allows(vocabulary: Listed) -> None:
    facts = {fact["name"]: fact for fact in vocabulary["facts"]}
    duration, hba1c = facts["complaint.duration"], facts["history.hba1c"]
    assert [set(shape) for shape in duration["shapes"][:2]] == [{"value", "unit"}, {"at_least", "at_most", "unit"}]
    assert duration["shapes"][0]["unit"] == ["hours", "days", "weeks", "months", "years"]
    assert hba1c["ranges"]["mmol_per_mol"] == {"at_least": 9, "at_most": 195}
    assert facts["examination.motor.grade"]["values"] == [0, 1, 2, 3, 4, 5, "4-", "4", "4+"]


async def test_imaging_is_a_list_of_reports_that_hold_a_list_of_levels(vocabulary: Listed) -> None:
    lists = {entry["list"]: entry for entry in vocabulary["lists"]}
    assert set(lists) >= {"imaging", "examination.sensory", "examination.motor", "history.prior_surgery"}
    assert lists["imaging"]["required"] == ["modality"]
    assert lists["imaging.levels"]["inside"] == "imaging"
    facts = {fact["name"]: fact for fact in vocabulary["facts"]}
    assert facts["imaging.levels.fracture.age"]["belongs_to"] == ["vertebra"]
    assert facts["imaging.levels.stenosis.central"]["belongs_to"] == ["segment"]
