"""Spine Triage: informational notes for spine clinics."""
