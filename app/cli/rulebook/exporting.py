"""A rulebook's conditions, written for other engines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from app.governance import read_rulebook_files
from app.governance.cel import export_cel
from app.triage import load_rulebook

ExportFormat = Literal["cel"]


def export_folder(folder: Path, form: ExportFormat) -> str:
    """The document as JSON text. RulebookRefused."""
    export = {"cel": export_cel}[form]
    return json.dumps(export(load_rulebook(read_rulebook_files(folder))), ensure_ascii=False, indent=1)
