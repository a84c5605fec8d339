"""NAAS for AI assistants: a Model Context Protocol server over naas-client.

`build_server` makes the server from `McpSettings`; ``naas-mcp`` is its command line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .settings import Confirmation, McpSettings, SettingsError, Transport

if TYPE_CHECKING:
    from .server import build_server

__all__ = ["Confirmation", "McpSettings", "SettingsError", "Transport", "__version__", "build_server"]

__version__ = "1.0.0b2"


def __getattr__(name: str) -> object:
    if name == "build_server":
        from .server import build_server  # loads the protocol's SDK, which ``naas-mcp --help`` does without

        return build_server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
