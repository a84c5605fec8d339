"""The mock as a fixture of pytest: ``pytest_plugins = ["clientsmith.mock.pytest_plugin"]`` in a ``conftest.py``.

- ``mock_server`` starts servers: ``mock_server("petstore.yaml")``, with the arguments of `MockServer`. They end with
  the test session; of one document with the same arguments there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .server import MockServer

__all__ = ["mock_server"]


@pytest.fixture(scope="session")
def mock_server() -> Iterator[Callable[..., MockServer]]:
    """Starts mock servers, see `clientsmith.mock.MockServer`."""
    from .server import MockServer

    started: dict[str, MockServer] = {}

    def start(spec: str | Path, **arguments: Any) -> MockServer:
        key = repr((str(spec), sorted(arguments.items(), key=str)))
        if key not in started:
            started[key] = MockServer(spec, **arguments).start()
        return started[key]

    yield start
    for server in started.values():
        server.close()
