"""What a person decided about a client: `clientsmith.toml`, or `[tool.clientsmith]` of a `pyproject.toml`.

Everything that clientsmith guesses can be said here instead. The dataclasses in `settings` are the whole story: the
file is read after them, `clientsmith config schema` and the table in the guide are made from them.

    a file ─ find_configuration ─▶ text ─ read_settings ─▶ Configuration ─▶ passes, emission
                                              └── findings: file, line, key, what is allowed
"""

from __future__ import annotations

from .files import CONFIGURATION_NAME, find_configuration, read_configuration
from .lock import EMPTY_LOCK, LOCK_NAME, Lock, LockedGroup, LockedModel, LockedOperation, read_lock
from .matching import matches
from .reader import nearest, read_settings
from .settings import (
    ApiVersionSettings,
    Configuration,
    GroupSettings,
    GroupsSettings,
    ModelSettings,
    OperationSettings,
    PagingSettings,
    PollingSettings,
    Source,
)

__all__ = [
    "CONFIGURATION_NAME",
    "EMPTY_LOCK",
    "LOCK_NAME",
    "ApiVersionSettings",
    "Configuration",
    "GroupSettings",
    "GroupsSettings",
    "Lock",
    "LockedGroup",
    "LockedModel",
    "LockedOperation",
    "ModelSettings",
    "OperationSettings",
    "PagingSettings",
    "PollingSettings",
    "Source",
    "find_configuration",
    "matches",
    "nearest",
    "read_configuration",
    "read_lock",
    "read_settings",
]
