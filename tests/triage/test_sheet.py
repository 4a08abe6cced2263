"""How a page is filled: the shortest form of everything, then the longer ones by rank while there is room."""

from __future__ import annotations

from collections.abc import Sequence

from app.triage.page.sheet import LINES, Entry, Form, Paragraph, Rank, Section, fill, listed, whole


def _lines(count: int, word: str = "line") -> tuple[Paragraph, ...]:
    return tuple(Paragraph(f"{word} {number}") for number in range(count))


def _rest(names: Sequence[str], most: int) -> str:
    return f"Also: {listed(names, most)}."


def test_what_is_always_said_stands_even_on_a_page_that_is_too_full() -> None:
    lines = fill([Section("", (whole(Rank.ALWAYS, *_lines(LINES + 5)),))])
    assert len(lines) == LINES + 5


def test_a_longer_form_takes_the_place_of_a_shorter_one_where_there_is_room() -> None:
    short, full = (Paragraph("in short"),), (Paragraph("in full"),)
    entry = Entry((Form(Rank.ALWAYS, short), Form(Rank.BESIDE, full)))
    assert fill([Section("TITLE", (entry,))]) == ["TITLE", "  - in full"]
    crowded = fill([Section("TITLE", (entry, whole(Rank.ALWAYS, *_lines(LINES - 2))))])
    assert crowded[:2] == ["TITLE", "  - in full"]
    longer = Entry((Form(Rank.ALWAYS, short), Form(Rank.BESIDE, (*full, Paragraph("and more")))))
    assert fill([Section("TITLE", (longer, whole(Rank.ALWAYS, *_lines(LINES - 2))))])[1] == "  - in short"


def test_room_goes_to_the_higher_rank_wherever_it_stands() -> None:
    later = whole(Rank.SOURCES, *_lines(LINES - 3, "late"), names=("late",))
    first = whole(Rank.ACTIONS, *_lines(LINES - 3, "first"), names=("first",))
    lines = fill([Section("A", (later,), _rest), Section("B", (first,), _rest)])
    assert sum("first" in line for line in lines) == LINES - 3
    assert not any("late 0" in line for line in lines)


def test_what_is_left_out_is_named_or_counted() -> None:
    names = [f"thing {number}" for number in range(5)]
    entries = tuple(whole(Rank.SOURCES, *_lines(LINES, name), names=(name,)) for name in names)
    named = fill([Section("A", entries, _rest)])
    assert named == ["A", "  - Also: thing 0; thing 1; thing 2; and 2 more in the full note."]
    crowded = fill([Section("A", entries, _rest), Section("B", (whole(Rank.ALWAYS, *_lines(LINES - 3)),))])
    assert len(crowded) == LINES
    assert listed(names, 0) == "5 in the full note"


def test_a_sentence_that_stands_is_not_said_again_and_an_action_always_is() -> None:
    reason = "The cord may be pressed. A plain film cannot show it. (DCM17)"
    again = Paragraph("It is worse. A plain film cannot show it. (GIRFT23)", again="")
    lines = fill(
        [Section("", (whole(Rank.ALWAYS, Paragraph(reason, again=""), again, Paragraph(reason, again="As above.")),))]
    )
    assert lines == [f"  - {reason}", "  - It is worse. (GIRFT23)", "  - As above."]
    action = Paragraph("Call an ambulance.")
    assert fill([Section("", (whole(Rank.ALWAYS, action, action),))]) == ["  - Call an ambulance."] * 2


def test_blank_lines_part_the_sections_only_where_nothing_that_matters_more_wants_the_room() -> None:
    one, two = (Section(title, (whole(Rank.ALWAYS, Paragraph("said")),)) for title in ("A", "B"))
    assert "" in fill([one, two])
    assert "" not in fill([one, two, Section("", (whole(Rank.BECAUSE, *_lines(LINES - 4)),))])
