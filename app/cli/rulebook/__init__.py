"""Commands for whoever owns the rules."""
