"""Consultations that come from another installation, or go to one."""
