"""For whoever owns the rules: reading a folder of them as it lies on the disk, and proofs about them."""

from importlib.util import find_spec

from app.governance.folder import read_rulebook_files

__all__ = ["has_solver", "read_rulebook_files"]


def has_solver() -> bool:
    """Whether z3 (the optional extra `prove`) is installed; without it `app.governance.solver` cannot be imported."""
    return find_spec("z3") is not None
