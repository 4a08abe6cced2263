"""What a person would understand from the JSON of a body, written from its words alone.

Sets are those of `tests.laws.reference`: a frozenset of values, (lowest, highest), or (certainly in, possibly in).
Facts that are worked out from others are left out here; they have tests of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from app.triage.facts import TABLES, Fact, registry
from app.triage.vocabulary.declare import Group
from tests.triage.obvious_sets import LONGEST, everything, given, is_no, length_of, merged, no_of, set_of
from tests.triage.obvious_told import TOLD_BY, TWELVE_WEEKS, hinted, recent_operations, self_harm_item

Body = dict[str, Any]
Sets = dict[str, Any]
_REGIONS = {"C": "cervical", "T": "thoracic", "L": "lumbar", "S": "sacral"}
_LISTS = {"deficit": "examination.motor", "surgery": "history.prior_surgery", "course": "treatments.courses"}
_DESCRIBED = {
    "spondylolisthesis.type": "direction slip_mm slip_percent meyerding_grade",
    "herniation.type": "side root_contact recurrent",
    "fracture.age": "morphology odontoid_type height_loss_percent genant_grade kyphosis_deg ligament_complex "
    "posterior_wall retropulsion_percent posterior_elements interspinous_widening marrow_oedema",
    "lesion.type": "body_involved_percent alignment collapse posterolateral soft_tissue_mass",
}
"""The detail words that only make sense of something that is there, by the word that names it."""

WORKED_OUT = {
    "patient.bmi", "complaint.leg_minus_back", "complaint.arm_minus_neck", "imaging.alignment.pi_minus_ll_deg",
    "spondylolisthesis.slip_percent", "spondylolisthesis.slip_mm", "meyerding", "fracture.odontoid_type", "torg_pavlov",
    "fracture.height_loss_percent",
    "imaging.narrowed_neck_levels",
}  # fmt: skip


class Reading:
    """One body, understood. `doubted` are the groups answered "none" although something was stated against them."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._reports: list[Body] = body.get("imaging", [])
        self._said_none = {group for group, answer in body.get("screening", {}).items() if answer == "none"}
        owners = {g for t in (None, *TABLES) for f in _facts(t).values() if "reports" in f.groups for g in f.groups}
        self._none = set(self._said_none)
        if body.get("screening", {}).get("reports") == "some" and owners - {"reports"} <= self._none:
            self._none -= owners  # a report names something that every other screen denies
        self.doubted: set[str] = set()
        self.doubted = {
            group
            for fact, value in self._all_stated()
            for group in fact.groups
            if group in self._said_none and not is_no(fact, value)
        }
        self.doubted |= self._told_against()

    def consultation(self) -> Sets:
        """The sets of the facts that stand once."""
        found = {
            name: self._stated_or(fact, self._top_values(fact), frozenset()) for name, fact in _facts(None).items()
        }
        for name in self._told():
            found[name] = found[name] - _no_word(name) or frozenset(_facts(None)[name].values) - _no_word(name)
        if self._recent_procedure() != "no":
            _, possible = found["history.recent_procedures"]
            if self._recent_procedure() == "yes" and "none" in possible:
                others = frozenset(_facts(None)["history.recent_procedures"].values) - {"none"}
                found["history.recent_procedures"] = (frozenset(), possible - {"none"} or others)
            elif possible == {"none"}:
                found["history.recent_procedures"] = everything(_facts(None)["history.recent_procedures"])
        self._listed_operations(found)
        found["scores.phq9_item9"] = self_harm_item(self._body, found["scores.phq9_item9"])
        self._courses(found)
        self._pregnancy(found)
        for group in self._denied_one_by_one(found):
            found[f"screening.{group}"] = frozenset({"none"})
        return found

    def _listed_operations(self, found: Sets) -> None:
        """An operation listed as done within twelve weeks is a recent procedure."""
        named = given(self._body, "history.recent_procedures")
        done = recent_operations(self._body, named[0] if named else [])
        if done:
            certain, possible = found["history.recent_procedures"]
            others = frozenset(_facts(None)["history.recent_procedures"].values) - {"none"}
            found["history.recent_procedures"] = (certain - {"none"} | done, (possible - {"none"} or others) | done)

    def _denied_one_by_one(self, found: Sets) -> list[str]:
        """Unput groups without rows of which every plain yes-or-no member was answered "no"."""
        in_rows = {group for table in TABLES for fact in _facts(table).values() for group in fact.groups}
        denied = []
        for group in set(get_args(Group)) - in_rows - set(self._body.get("screening", {})):
            plain = [
                f for f in _facts(None).values() if group in f.groups and f.kind != "number" and no_of(f) is not None
            ]
            if plain and all(self._top_values(f) and is_no(f, found[f.name]) for f in plain):
                denied.append(group)
        return denied

    def _pregnancy(self, found: Sets) -> None:
        """Of a man, or of anybody above sixty, nobody asks about a pregnancy or a birth; what was said of it stands."""
        if found["patient.sex"] != {"male"} and found["patient.age"][0] <= 60:
            return
        if len(found["patient.pregnant"]) == 2:
            found["patient.pregnant"] = frozenset({"no"})
        birth = _facts(None)["patient.weeks_since_birth"]
        if found[birth.name] == everything(birth):
            found[birth.name] = (birth.high, birth.high)

    def _told(self) -> list[str]:
        """Facts of which something was told."""
        found = [
            name
            for name, tellings in TOLD_BY.items()
            if any(tells(value) for told, tells in tellings.items() for value in given(self._body, told))
        ]
        recent = [level for level in self._levels() if self._level(level)["fracture.age"] == {"recent"}]
        return [*found, *(["imaging.several_fractures"] if len(recent) > 1 else [])]

    def _recent_procedure(self) -> str:
        """Whether a procedure within twelve weeks was told of without naming it: yes, no or perhaps."""
        times = [length_of(value) for value in given(self._body, "history.since_procedure")]
        if given(self._body, "complaint.onset") == ["post_procedural"]:
            lengths = given(self._body, "complaint.duration")
            times += [length_of(value) for value in lengths] or [(0, LONGEST)]
        if any(longest <= TWELVE_WEEKS for _, longest in times):
            return "yes"
        return "perhaps" if any(shortest <= TWELVE_WEEKS for shortest, _ in times) else "no"

    def _told_against(self) -> set[str]:
        """Groups answered "none" whose member was not stated, and yet something was told of it."""
        told = [name for name in self._told() if not self._top_values(_facts(None)[name])] + sorted(hinted(self._body))
        if self._recent_procedure() != "no" and not given(self._body, "history.recent_procedures"):
            told.append("history.recent_procedures")
        stated_no = [name for name in self._told() if is_no(*self._stated_set(name))]
        if self._recent_procedure() != "no" and given(self._body, "history.recent_procedures") == [["none"]]:
            stated_no.append("history.recent_procedures")
        groups = {group for name in (*told, *stated_no) for group in _facts(None)[name].groups}
        return groups & self._said_none

    def _stated_set(self, name: str) -> tuple[Fact, Any]:
        fact = _facts(None)[name]
        values = self._top_values(fact)
        return fact, merged(fact, [set_of(fact, value) for value in values]) if values else everything(fact)

    def rows(self, table: str) -> list[Sets]:
        """The sets of the listed rows."""
        if table == "level":
            return [self._level(level) for level in self._levels()]
        return [
            {name: self._stated_or(fact, given(row, name), frozenset()) for name, fact in _facts(table).items()}
            for row in self._list(table)
        ]

    def unlisted(self, table: str) -> list[Sets]:
        """The sets of rows that nobody listed: one for each region for levels, else one."""
        if table == "level":
            return [
                {name: self._stated_or(fact, [], self._covering(region)) for name, fact in _facts(table).items()}
                for region in _REGIONS.values()
            ]
        never = self.consultation()["history.spine_surgery"] == {"no"}
        if table == "surgery" and never and not self._list(table):
            return []
        if table == "course" and self._list(table):
            return []
        normal = table == "deficit" and self._body.get("examination", {}).get("power_otherwise_normal") is True
        return [
            {
                name: (5.0, 5.0) if normal and name == "grade" else self._stated_or(fact, [], frozenset())
                for name, fact in _facts(table).items()
            }
        ]

    def _stated_or(self, fact: Fact, values: list[Any], covered_by: Iterable[str]) -> Any:
        if values:
            return merged(fact, [set_of(fact, value) for value in values])
        unknown = fact.table is None and fact.name in self._body.get("not_known", [])
        answered = not unknown and not (self._none - self.doubted).isdisjoint(fact.groups)
        looked_for = fact.ruled_out_on is not None and bool(set(covered_by) & set(fact.ruled_out_on))
        return no_of(fact) if (answered or looked_for) and no_of(fact) is not None else everything(fact)

    def _level(self, level: str) -> Sets:
        said = [entry for report in self._reports for entry in report.get("levels", []) if entry["level"] == level]
        covering = self._covering(_REGIONS[level[0]])
        found: Sets = {}
        for name, fact in _facts("level").items():
            found[name] = self._stated_or(fact, [v for entry in said for v in given(entry, name)], covering)
        for name, details in _DESCRIBED.items():
            part = name.partition(".")[0]
            facts = [_facts("level")[f"{part}.{detail}"] for detail in details.split()]
            values = [(fact, value) for fact in facts for entry in said for value in given(entry, fact.name)]
            if any(value not in {0, "none", "normal", "intact"} for _, value in values):
                naming = _facts("level")[name]
                found[name] = found[name] - {"none"} or everything(naming) - {"none"}
            if "none" not in found[name]:
                # A report's silence says that nothing is there; of what is there, it says nothing.
                silent = {d: f for d, f in _facts("level").items() if d.startswith(f"{part}.") and d != name}
                for detail, fact in silent.items():
                    if not any(given(entry, detail) for entry in said):
                        found[detail] = self._stated_or(fact, [], ())
        joined = [other for other in self._levels() if "-" in other and level in other.split("-")]
        if not any(given(entry, "cord_compression") for entry in said) and any(
            self._level(other)["cord_compression"] == {"yes"} for other in joined
        ):
            found["cord_compression"] = frozenset({"yes"})
        found["level"] = frozenset({level})
        return found

    def _courses(self, found: Sets) -> None:
        """Treatments may have run side by side: together at least the longest of them, and one of their outcomes.

        What was stated for the whole lies within that, or else both are possible.
        """
        rows = self.rows("course")
        if not rows:
            return
        longest = max(row["duration"][0] for row in rows)
        low, high = found["treatments.conservative_duration"]
        found["treatments.conservative_duration"] = (max(low, longest), high) if high >= longest else (low, LONGEST)
        results = frozenset().union(*(row["outcome"] for row in rows))
        stated = found["treatments.conservative_care"]
        found["treatments.conservative_care"] = stated & results or stated | results

    def _levels(self) -> list[str]:
        return list(dict.fromkeys(entry["level"] for report in self._reports for entry in report.get("levels", [])))

    def _covering(self, region: str) -> set[str]:
        return {report["modality"] for report in self._reports if region in report.get("covers", [])}

    def _list(self, table: str) -> list[Body]:
        section, key = _LISTS[table].split(".")
        found: list[Body] = self._body.get(section, {}).get(key, [])
        return found

    def _top_values(self, fact: Fact) -> list[Any]:
        values = [
            *given(self._body, fact.name),
            *(value for report in self._reports for value in given(report, fact.name.removeprefix("imaging."))),
        ]
        sensory = self._body.get("examination", {}).get("sensory", [])
        lost = [finding for finding in sensory if finding["kind"] != "normal"]
        if fact.name == "examination.sensory_loss" and lost:
            return [True]
        if fact.name == "examination.sensory_loss":
            return [not normal for normal in given(self._body, "examination.sensation_otherwise_normal")]
        saddle = {finding["kind"] for finding in lost if finding["root"] in {"S2", "S3", "S4", "S5"}}
        if fact.name == "examination.perianal_sensation" and saddle:
            worst = "absent" if "absent" in saddle or "absent" in values else "altered"
            return [worst]
        return values

    def _all_stated(self) -> Iterator[tuple[Fact, Any]]:
        for fact in _facts(None).values():
            if self._top_values(fact):
                yield fact, merged(fact, [set_of(fact, value) for value in self._top_values(fact)])
        for table in ("level", *_LISTS):
            if table == "level":
                for level in self._levels():
                    said = [e for r in self._reports for e in r.get("levels", []) if e["level"] == level]
                    for name, fact in _facts(table).items():
                        values = [value for entry in said for value in given(entry, name)]
                        if name != "level" and values:
                            yield fact, self._level(level)[name]
                continue
            for row in self._list(table):
                for name, fact in _facts(table).items():
                    for value in given(row, name):
                        yield fact, set_of(fact, value)


def _facts(table: str | None) -> dict[str, Fact]:
    hidden = {"region", "limb"}
    return {name: fact for name, fact in registry()[table].items() if name not in hidden}


def _no_word(name: str) -> frozenset[str]:
    return frozenset(_facts(None)[name].values[:1])
