"""What a rulebook that loads still has wrong with it, and what of it is dead or ageing."""

from app.governance.hygiene.finding import Finding, Place, Severity
from app.governance.hygiene.lint import find_findings

__all__ = ["Finding", "Place", "Severity", "find_findings"]
