"""What a solver says of a rulebook: consultations that make conditions true or false, or proofs that there are none.

    finder = Finder(rulebook)
    finder.find((rule.when, "true"))                             .none: the rule can never fire
    finder.find((rule.when, "not true"))                         .none: it is true of every consultation
    finder.find((one.when, "true"), (other.when, "not true"))    .none: wherever one is true, the other is
    ...                                                          .body: a consultation that shows it, else None

Needs z3 (the optional extra `prove`); import this only where `app.governance.has_solver()`.
"""

from app.governance.solver.search import Demand, Finder, Found, Want

__all__ = ["Demand", "Finder", "Found", "Want"]
