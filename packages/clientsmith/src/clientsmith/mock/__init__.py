"""A mock of the service that an OpenAPI document describes: it answers, checks, pages and runs as the document says.

    with MockServer("petstore.yaml") as server:
        client = PetstoreClient(server.url)
        client.get_pet("7")

Needs the extra ``clientsmith[mock]``. On the command line it is ``clientsmith mock SPEC``; `pytest_plugin` has it as a
fixture.
"""

from __future__ import annotations

from .exchange import Reply, Request
from .server import Exchange, MockServer
from .service import Service

__all__ = ["Exchange", "MockServer", "Reply", "Request", "Service"]
