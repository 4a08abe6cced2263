"""Patients: their keys, what is held of each, and how all of it is erased, handed over or wrapped anew."""
