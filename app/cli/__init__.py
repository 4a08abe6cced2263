"""The command line door. `commands` is the whole of it; `main` gives it the `Rooms`."""

from app.cli.commands import commands
from app.cli.rooms import Rooms, Serving

__all__ = ["Rooms", "Serving", "commands"]
