"""The audit: read, sealed, verified; and what callers were refused."""
