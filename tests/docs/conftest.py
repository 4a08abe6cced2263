from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]


def fenced(text: str, language: str) -> list[str]:
    """The blocks of a Markdown text that are in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def page() -> str:
    """The operator's page."""
    return (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
