"""The knowledge files of a folder, as texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.errors import RulebookFault, RulebookRefused


def read_rulebook_files(folder: Path) -> dict[str, str]:
    """The text of every `*.yaml` below `folder`, by its path from there (`rules/lumbar.yaml`), in order of the paths.

    Line ends are read as one newline character, so that a rulebook has one digest wherever it was checked out.
    Names that begin with a dot are passed over: mounted volumes and editors keep their own copies under such names.

    Raises RulebookRefused with every file that cannot be read, is not UTF-8, is named `.yml`, or is a link that
    leads out of the folder.
    """
    root = folder.resolve()
    texts: dict[str, str] = {}
    faults: list[RulebookFault] = []
    for path in _files(root, faults):
        name = path.relative_to(root).as_posix()
        try:
            texts[name] = path.read_text("utf-8")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            faults.append(RulebookFault(name, line, "not-utf-8", "this line is not UTF-8", "save the file as UTF-8"))
        except OSError as error:
            faults.append(_unreadable(name, error))
    if faults:
        raise RulebookRefused(faults)
    return dict(sorted(texts.items()))


def _files(root: Path, faults: list[RulebookFault]) -> Iterator[Path]:
    """Every knowledge file below `root`; what may not be one is added to `faults`."""
    pending, entered = [root], {root}
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            faults.append(_unreadable(folder.relative_to(root).as_posix(), error))
            continue
        for entry in entries:
            name, target = entry.relative_to(root).as_posix(), entry.resolve()
            if entry.name.startswith("."):
                continue
            if not target.is_relative_to(root):
                remedy = "a rulebook lies in one folder: copy the file into it"
                faults.append(RulebookFault(name, 1, "link-out", "this link leads out of the folder", remedy))
            elif entry.is_dir():
                # Entered once, so that a link to a folder above ends.
                if target not in entered:
                    entered.add(target)
                    pending.append(entry)
            elif entry.suffix == ".yml":
                faults.append(RulebookFault(name, 1, "file-name", "knowledge files end in .yaml", "rename this one"))
            elif entry.suffix == ".yaml":
                yield entry


def _unreadable(name: str, error: OSError) -> RulebookFault:
    reason = (error.strerror or "it cannot be read").lower()
    return RulebookFault(name, 1, "unreadable", f"this cannot be read: {reason}", "see the rights of the file")
