"""Commands that count what was decided."""
