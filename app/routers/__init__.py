"""The HTTP doors: thin, one resource a file."""
