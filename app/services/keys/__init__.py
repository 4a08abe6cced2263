"""Clinics, the keys they call with, and the master keys that everything is sealed under."""
