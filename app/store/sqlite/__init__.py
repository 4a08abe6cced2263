"""SQLite: a file, one writer that commits many callers' writes together, and a few readers."""
