from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import RulebookRefused
from app.governance import read_rulebook_files


def faults_of(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(RulebookRefused) as refused:
        read_rulebook_files(folder)
    return [(fault.file, fault.line, fault.code) for fault in refused.value.faults]


def test_texts_are_read_by_their_path_from_the_folder(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "lumbar.yaml").write_bytes("# Ä\r\n".encode())
    (tmp_path / "sources.yaml").write_text("[]\n")
    (tmp_path / "README.md").write_text("not knowledge")
    assert read_rulebook_files(tmp_path) == {"rules/lumbar.yaml": "# Ä\n", "sources.yaml": "[]\n"}


def test_a_line_that_is_not_utf_8_is_refused_by_its_number(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").write_bytes(b"# one\n# two\n# caf\xe9\n")
    assert faults_of(tmp_path) == [("sources.yaml", 3, "not-utf-8")]


def test_a_link_out_of_the_folder_is_refused_and_not_read(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text("[]\n")
    (folder / "sources.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "rules").symlink_to(tmp_path, target_is_directory=True)
    assert faults_of(folder) == [("rules", 1, "link-out"), ("sources.yaml", 1, "link-out")]


def test_links_within_the_folder_are_followed_as_mounted_volumes_have_them(tmp_path: Path) -> None:
    data = tmp_path / "..2026_11_23"
    data.mkdir()
    (data / "sources.yaml").write_text("[]\n")
    (tmp_path / "..data").symlink_to(data, target_is_directory=True)
    (tmp_path / "sources.yaml").symlink_to(tmp_path / "..data" / "sources.yaml")
    assert read_rulebook_files(tmp_path) == {"sources.yaml": "[]\n"}


def test_a_link_to_a_folder_above_ends(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "rules" / "lumbar.yaml").write_text("[]\n")
    assert list(read_rulebook_files(tmp_path)) == ["rules/lumbar.yaml"]


def test_a_link_to_nothing_and_a_missing_folder_are_refused_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "sources.yaml").symlink_to(tmp_path / "gone.yaml")
    assert faults_of(tmp_path) == [("sources.yaml", 1, "unreadable")]
    assert faults_of(tmp_path / "nothing") == [(".", 1, "unreadable")]


def test_a_file_that_would_be_passed_over_for_its_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sources.yml").write_text("[]\n")
    assert faults_of(tmp_path) == [("sources.yml", 1, "file-name")]
