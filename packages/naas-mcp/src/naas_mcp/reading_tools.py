"""The tools that read: devices by commands that are known to change nothing, and jobs and devices that NAAS knows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeVar

from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from naas_client.aio.batches import Batch
from pydantic import Field

from .answers import DeviceLine, Grouped, JobAnswer, JobLine, device_line, job_answer, job_id_of, job_line
from .arguments import Commands, ContextName, Credential, Device, Host, Platform, Port, Tags, place_of
from .errors import errors_told
from .reading import only_reads
from .working import batch_outcome, job_outcome, submitted

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

    from .callers import Callers
    from .settings import McpSettings

__all__ = ["add_reading_tools", "first"]

_READS: Final = ToolAnnotations(read_only_hint=True, open_world_hint=True)
_RUNS: Final = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=True)
_MOST_DEVICES: Final = 100
_MOST_LISTED: Final = 100

T = TypeVar("T")


def add_reading_tools(server: MCPServer[Any], settings: McpSettings, callers: Callers) -> None:
    """Give the server the tools that read."""
    _add_commands(server, settings, callers)
    _add_lists(server, callers)


def require_reading(settings: McpSettings, commands: Sequence[str]) -> None:
    """Return if all the commands may be run here.

    Raises:
        ToolError: One is not known to read.
    """
    if settings.allow_any_command:
        return
    for command in commands:
        if not only_reads(command):
            raise ToolError(
                f"{command[:200]!r} is not run, and nothing else: only commands that are known to read are allowed "
                "here, unabbreviated (show, display, get, ping, traceroute, dir; filters after | that print); the "
                "person who runs naas-mcp may allow others with --allow-any-command"
            )


def _add_commands(server: MCPServer[Any], settings: McpSettings, callers: Callers) -> None:
    # Where any command may be run, no program should take these for harmless.
    hints = _RUNS if settings.allow_any_command else _READS

    @server.tool(annotations=hints)
    async def send_command(
        context: Context[Any, Any],
        commands: Commands,
        host: Host = None,
        device: Device = None,
        platform: Platform = "autodetect",
        port: Port = 22,
        context_name: ContextName = "default",
        credential: Credential = None,
        tags: Tags = None,
    ) -> JobAnswer:
        """Run commands on one network device and return their output, by command."""
        require_reading(settings, commands)
        place = place_of(callers, host, device, platform, port, context_name, credential)
        async with callers.client() as client:
            with errors_told():
                poller = await submitted(client.begin_send_command(commands=commands, tags=tags, **place))
            return await job_outcome(client, poller, context, settings, steps=len(commands))

    @server.tool(annotations=hints)
    async def send_command_structured(
        context: Context[Any, Any],
        commands: Commands,
        host: Host = None,
        device: Device = None,
        platform: Platform = "autodetect",
        port: Port = 22,
        context_name: ContextName = "default",
        credential: Credential = None,
        tags: Tags = None,
    ) -> JobAnswer:
        """Run commands on one network device and return their output as records (TextFSM with ntc-templates).

        What no template knows comes as text.
        """
        require_reading(settings, commands)
        place = place_of(callers, host, device, platform, port, context_name, credential)
        async with callers.client() as client:
            with errors_told():
                poller = await submitted(client.begin_send_command_structured(commands=commands, tags=tags, **place))
            return await job_outcome(client, poller, context, settings, steps=len(commands))

    @server.tool(annotations=hints)
    async def send_command_to_many(
        context: Context[Any, Any],
        commands: Commands,
        devices: Annotated[
            list[str], Field(min_length=1, max_length=_MOST_DEVICES, description="Names of the inventory, or hosts.")
        ],
        from_inventory: Annotated[bool, Field(description="Whether `devices` are names of the inventory.")] = True,
        platform: Platform = "autodetect",
        port: Port = 22,
        context_name: ContextName = "default",
        credential: Credential = None,
    ) -> Grouped:
        """Run the same commands on many devices; equal answers are told once, with the devices that gave them."""
        require_reading(settings, commands)
        places = [
            place_of(callers, None, each, platform, port, context_name, credential)
            if from_inventory
            else place_of(callers, each, None, platform, port, context_name, credential)
            for each in dict.fromkeys(devices)
        ]
        async with callers.client() as client:
            with errors_told():
                batch = await submitted(Batch.begin(client, places, commands=commands))
            return await batch_outcome(batch, context, settings)


def _add_lists(server: MCPServer[Any], callers: Callers) -> None:
    @server.tool(annotations=_READS)
    async def get_job_result(
        job_id: Annotated[str, Field(max_length=64, description="The id of the job.")],
    ) -> JobAnswer:
        """Read one job: how far it got, and its results once it has ended."""
        with errors_told():
            async with callers.client() as client:
                return job_answer(await client.get_job(job_id_of(job_id)))

    @server.tool(annotations=_READS)
    async def list_jobs(
        status: Literal["queued", "started", "finished", "failed", "canceled", "deferred"] | None = None,
        host: Annotated[str | None, Field(max_length=253, description="Only jobs of this host.")] = None,
        limit: Annotated[int, Field(ge=1, le=_MOST_LISTED)] = 20,
    ) -> list[JobLine]:
        """List jobs, newest first."""
        filters: dict[str, Any] = {
            name: value for name, value in (("status", status), ("host", host)) if value is not None
        }
        with errors_told():
            async with callers.client() as client:
                return [job_line(job) async for job in first(client.list_jobs(**filters), limit)]

    @server.tool(annotations=_READS)
    async def list_devices(
        group: Annotated[str | None, Field(max_length=64, description="Only devices of this group.")] = None,
        limit: Annotated[int, Field(ge=1, le=_MOST_LISTED)] = 50,
    ) -> list[DeviceLine]:
        """List devices of the inventory: their names are what `device` takes."""
        filters: dict[str, Any] = {} if group is None else {"group": group}
        with errors_told():
            async with callers.client() as client:
                return [device_line(each) async for each in first(client.list_devices(**filters), limit)]


async def first(items: AsyncIterator[T], limit: int) -> AsyncIterator[T]:
    """Yield the first ``limit`` items; no page is asked for in vain."""
    left = limit
    async for item in items:
        yield item
        left -= 1
        if not left:
            return
