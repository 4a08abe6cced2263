"""All findings about one rulebook."""

from __future__ import annotations

from datetime import date

from app.governance.hygiene.facts import fact_findings
from app.governance.hygiene.finding import Finding
from app.governance.hygiene.knowledge import category_findings, flag_findings
from app.governance.hygiene.places import Places
from app.governance.hygiene.sources import source_findings
from app.governance.hygiene.wording import wording_findings
from app.triage.judge import Judge
from app.triage.rulebook import Rulebook


def find_findings(book: Rulebook, today: date, *, solve: bool) -> list[Finding]:
    """Every finding on a day, errors first, then by file and line.

    `solve` also looks for rules that never fire, always hold, repeat or hide behind another: seconds, and needs z3.
    """
    places, judge = Places(book), Judge(book)
    found = [
        *category_findings(book, places),
        *flag_findings(book),
        *fact_findings(book, judge, places),
        *source_findings(book, places, today),
        *wording_findings(places),
    ]
    if solve:
        # z3 is an optional extra, so what needs it is only imported where it is there.
        from app.governance.hygiene.solved import solved_findings  # noqa: PLC0415 - see above

        found += solved_findings(book, judge)
    return sorted(found, key=lambda finding: (finding.severity, finding.place.file, finding.place.line, finding.code))
