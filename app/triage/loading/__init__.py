"""Reading knowledge files strictly: every fault at once, with file and line."""
