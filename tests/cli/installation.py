"""The settings that the commands under test find in the environment."""

from __future__ import annotations

import os

import pytest

from tests.stores import MASTER_KEYS, StoreUrls

PREFIX = "SPINE_TRIAGE_"


def set_only(patch: pytest.MonkeyPatch, **settings: str) -> None:
    """Set these, without their prefix, and none of those that this machine may have."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        patch.delenv(name)
    for name, value in settings.items():
        patch.setenv(f"{PREFIX}{name}", value)


def install(patch: pytest.MonkeyPatch, urls: StoreUrls, **settings: str) -> None:
    """Set what an installation on a database has, and perhaps more or something else."""
    usual = {"DATABASE_URL": urls.service, "OWNER_DATABASE_URL": urls.owner, "MASTER_KEYS": MASTER_KEYS}
    set_only(patch, **{**usual, **settings})
