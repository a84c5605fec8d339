"""Secrets from the environment: never from arguments, which every user of a machine could read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from ..credentials import BasicCredential, KeyCredential
from ._surface import Surface

__all__ = ["credential_from_environment", "prefix_of", "secret_names"]

# The variables that a secret is read from, by the kind of credential, without the program's name before them.
_SECRETS: Final[Mapping[str, tuple[str, ...]]] = {"key": ("KEY",), "token": ("TOKEN", "KEY")}


def prefix_of(program: str) -> str:
    """Return what the names of a program's variables begin with: ``PETSTORE`` for ``petstore`` and ``petstore-mcp``."""
    return program.removesuffix("-mcp").upper().replace("-", "_")


def credential_from_environment(surface: Surface, prefix: str) -> BasicCredential | KeyCredential | None:
    """Return the first kind of credential that the service takes and that the environment has the parts of."""
    for kind in surface.credentials:
        if kind == "basic" and (username := os.environ.get(f"{prefix}_USERNAME")):
            return BasicCredential(username, os.environ.get(f"{prefix}_PASSWORD", ""))
        for name in _SECRETS.get(kind, ()):
            if secret := os.environ.get(f"{prefix}_{name}"):
                return KeyCredential(secret)
    return None


def secret_names(surface: Surface, prefix: str) -> str:
    """Return the variables to set, for a message; "" if the service takes no credential."""
    names = {"key": f"{prefix}_KEY", "token": f"{prefix}_TOKEN", "basic": f"{prefix}_USERNAME and {prefix}_PASSWORD"}
    return " or ".join(dict.fromkeys(names[kind] for kind in surface.credentials if kind in names))
