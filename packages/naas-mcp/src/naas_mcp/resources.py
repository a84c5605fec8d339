"""The resources: what an assistant may look at without running anything on a device."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING, Any, Final

from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from pydantic import BaseModel

from .answers import device_line, job_answer, job_id_of, job_line
from .bounding import bounded
from .errors import errors_told
from .reading_tools import first

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from .callers import Callers

__all__ = ["add_resources"]

_JSON: Final = "application/json"
_MOST: Final = 100


def add_resources(server: MCPServer[Any], callers: Callers) -> None:
    """Give the server its resources; each acts for whoever reads it (`callers.remember_caller`)."""

    @server.resource("naas://health", mime_type=_JSON)
    async def health() -> str:
        """How the service and its parts are."""
        with errors_told(ResourceError):
            async with callers.client() as client:
                return _json(bounded((await client.get_health()).as_dict()))

    @server.resource("naas://contexts", mime_type=_JSON)
    async def contexts() -> str:
        """The groups of workers, and how many jobs wait for each."""
        with errors_told(ResourceError):
            async with callers.client() as client:
                return _json([bounded(each.as_dict()) async for each in first(client.list_contexts(), _MOST)])

    @server.resource("naas://devices", mime_type=_JSON)
    async def devices() -> str:
        """The devices of the inventory."""
        with errors_told(ResourceError):
            async with callers.client() as client:
                return _lines([device_line(each) async for each in first(client.list_devices(), _MOST)])

    @server.resource("naas://jobs", mime_type=_JSON)
    async def jobs() -> str:
        """The newest jobs."""
        with errors_told(ResourceError):
            async with callers.client() as client:
                return _lines([job_line(each) async for each in first(client.list_jobs(), _MOST)])

    @server.resource("naas://jobs/failed", mime_type=_JSON)
    async def failed_jobs() -> str:
        """Jobs that the service could not carry out."""
        with errors_told(ResourceError):
            async with callers.client() as client:
                return _lines([job_line(each) async for each in _failed(client)])

    @server.resource("naas://jobs/{job_id}", mime_type=_JSON)
    async def job(job_id: str) -> str:
        """One job with its results."""
        with errors_told(ResourceNotFoundError):
            number = job_id_of(job_id)
        with errors_told(ResourceError):
            async with callers.client() as client:
                return job_answer(await client.get_job(number)).model_dump_json(exclude_none=True)


def _failed(client: Any) -> AsyncIterator[Any]:
    return first(client.list_failed_jobs(), _MOST)


def _lines(lines: Iterable[BaseModel]) -> str:
    return _json([line.model_dump(exclude_none=True) for line in lines])


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
