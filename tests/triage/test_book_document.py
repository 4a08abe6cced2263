"""The document that a surgeon reads and signs: everything of the rulebook is in it, in words."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from pathlib import Path

import pytest

from app.errors import RulebookFault
from app.governance import read_rulebook_files
from app.triage import Rulebook, load_rulebook
from app.triage.book import CONTENT_SECURITY_POLICY, to_html, write_book
from app.triage.loading.tree import Node
from app.triage.loading.words import check_words

SOUND = read_rulebook_files(Path(__file__).parents[1] / "rejected" / "sound")
OWN_BOXES = ["the whole rulebook", "Definitions", "Procedures", "Scores", "Numbers", "Coverage"]


@pytest.fixture(scope="module")
def document(rulebook: Rulebook) -> str:
    return write_book(rulebook)


@pytest.fixture(scope="module")
def page(document: str) -> str:
    return to_html(document)


@pytest.fixture(scope="module")
def read(page: str) -> str:
    """What a reader of the page sees."""
    return shown(page)


def shown(page: str) -> str:
    body = re.sub(r"<[^>]+>", "", page.partition("<body>")[2])
    return " ".join(unescape(body).split())


def flat(text: str) -> str:
    return " ".join(text.split())


def test_every_rule_stands_in_it_with_all_that_it_says(rulebook: Rulebook, read: str) -> None:
    for rule in rulebook.rules:
        within = rule.concludes.within.text if rule.concludes.within else None
        told = (
            rule.id,
            rule.title,
            rule.says,
            rule.concludes.action,
            rule.concludes.imaging,
            rule.not_modelled,
            within,
        )
        for text in told:
            assert flat(text or "") in read, (rule.id, text)


def test_every_number_stands_in_it_with_who_says_so_and_who_says_otherwise(rulebook: Rulebook, document: str) -> None:
    for parameter in rulebook.parameters.values():
        entry = document.partition(f"\n### Number {parameter.id}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        assert f"{parameter.value:g}" in entry
        assert all(f"[{source}](" in entry for source in parameter.sources)
        assert all(f"says {value:g} instead: [{source}](" in entry for source, value in parameter.others)


def test_a_rule_shows_its_numbers_and_how_its_sources_were_checked(rulebook: Rulebook, document: str) -> None:
    entry = document.partition("\n### `lumbar.decompression.moving-slip`\n")[2].partition("\n### ")[0]
    assert "3 mm ([SLIP16](#source-slip16), [HIPP23](#source-hipp23)); [SCIREP21](#source-scirep21) says 4 mm" in entry
    assert "[SLIP16](#source-slip16): trial, 2016, moderate; an excerpt of it was read" in entry


def test_what_was_recalled_is_said_plainly(rulebook: Rulebook, document: str) -> None:
    recalled = [rule for rule in rulebook.rules if rule.recalled]
    assert recalled
    for rule in recalled:
        entry = document.partition(f"\n### `{rule.id}`\n")[2].partition("\n### ")[0]
        assert "**From memory only**" in entry
    for source in rulebook.sources.values():
        entry = document.partition(f"\n### Source {source.id}\n")[2].partition("\n### ")[0]
        assert ("from memory only" in entry) == (source.checked == "recalled"), source.id


def test_everything_that_rules_lean_on_stands_in_it(rulebook: Rulebook, read: str) -> None:
    for source in rulebook.sources.values():
        assert f"Source {source.id} " in read
        assert flat(source.citation) in read
    for category in rulebook.categories.values():
        assert flat(category.title) in read
        for technique in category.techniques:
            assert all(flat(claim.text) in read for claim in technique.known)
    for score in rulebook.scores.values():
        assert flat(score.title) in read
        assert flat(score.not_modelled or "") in read
        assert all(part.name in read for part in score.components)
    for paragraph in rulebook.coverage.values():
        assert flat(paragraph.title) in read
        assert flat(paragraph.not_modelled or "") in read


def test_it_carries_version_and_digest_and_is_the_same_each_time(rulebook: Rulebook, document: str) -> None:
    assert rulebook.version in document
    assert rulebook.digest in document
    assert write_book(load_rulebook(rulebook.files)) == document


def test_sections_follow_the_evidence(document: str) -> None:
    titles = [
        "Red flags: nerves",
        "Red flags: illness",
        "Red flags: other",
        "Lumbar",
        "Sacroiliac",
        "Trauma",
        "Contradictions",
    ]
    places = [document.index(f"\n## {title}\n") for title in titles]
    assert places == sorted(places)


def test_every_section_has_a_box_to_sign(rulebook: Rulebook, page: str) -> None:
    sections = {rule.file for rule in rulebook.rules}
    assert page.count('<table class="sign-off">') == len(sections) + len(OWN_BOXES)
    assert all(f"Signed for: {what}" in page for what in OWN_BOXES)


def test_the_page_loads_nothing_and_leads_nowhere_outside(page: str) -> None:
    assert not re.findall(
        r"<(?:script|link|img|iframe|object|embed|form|base)\b|\bsrc=|\bstyle=|\bon\w+=|url\(|@import", page
    )
    assert {address[0] for address in re.findall(r'href="([^"]*)"', page)} == {"#"}
    assert "http://" not in page
    assert "https://" not in page


def test_every_link_of_the_page_leads_to_one_heading(page: str) -> None:
    headings = re.findall(r'<h\d id="([^"]+)"', page)
    assert len(headings) == len(set(headings)) == len(re.findall(r"<h\d", page))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(headings)


def test_only_the_style_of_the_page_may_apply(page: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")


def test_no_word_that_orders_or_diagnoses_stands_in_it(read: str) -> None:
    faults: list[RulebookFault] = []
    for number, sentence in enumerate(re.split(r"(?<=[.?!:;]) ", read)):
        check_words(Node(sentence, number, "the page"), sentence, faults)
    assert faults == []


def test_texts_keep_every_sign_that_markdown_would_take_for_its_own() -> None:
    strange = "5 < 6 & *both* _of_ [them](#x) `are` a\\b | <b>1</b> &amp; 2 # 3"
    text = SOUND["rules/lumbar.yaml"].replace("The saddle is numb.", f"'{strange}'")
    page = to_html(write_book(load_rulebook(SOUND | {"rules/lumbar.yaml": text})))
    assert strange in shown(page)
