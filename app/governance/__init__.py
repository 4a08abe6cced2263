"""For whoever owns the rules: reading a folder of them as it lies on the disk."""

from app.governance.folder import read_rulebook_files

__all__ = ["read_rulebook_files"]
