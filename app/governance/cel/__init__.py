"""The rulebook's conditions for engines that nobody here wrote: an independent witness of what they mean."""

from app.governance.cel.document import export_cel
from app.governance.cel.expressions import CelWriter

__all__ = ["CelWriter", "export_cel"]
