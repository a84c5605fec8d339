"""What a client can do, as data: what its command line and its MCP server are made from.

The generator writes the data beside the client, as ``_surface.json``: each method with its arguments as JSON Schema,
how it is reached from the client, and what it does to the service. Nobody needs it to use a client in Python.
"""

from __future__ import annotations

from ._calls import call, collect
from ._environment import credential_from_environment, prefix_of, secret_names
from ._surface import Argument, Effect, Kind, Operation, Step, Surface
from ._values import ValueRefusedError, plain, value_of

__all__ = [
    "Argument",
    "Effect",
    "Kind",
    "Operation",
    "Step",
    "Surface",
    "ValueRefusedError",
    "call",
    "collect",
    "credential_from_environment",
    "plain",
    "prefix_of",
    "secret_names",
    "value_of",
]
