"""Proofs about a rulebook: each law is a sentence, and what fails it comes with a consultation that shows it.

Needs z3 (the optional extra `prove`).
"""

from app.governance.proofs.law import Failure, Law, Remark
from app.governance.proofs.prove import Proven, prove

__all__ = ["Failure", "Law", "Proven", "Remark", "prove"]
