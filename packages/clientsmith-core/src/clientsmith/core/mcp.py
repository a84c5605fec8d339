"""An MCP server of a client package: a tool for each method, made from its surface (Model Context Protocol).

    main = server_command("petstore_client", "petstore-mcp")

Needs the extra ``mcp``, which is the protocol's own SDK. The server speaks over standard input and output, as the
programs that start such servers expect. Tools that only read are marked as such, and so are those that delete; with
``--read-only`` there are no others than the former. Secrets come from the environment, as those of the command line do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from .errors import ClientsmithError, HttpResponseError
from .surface import (
    Operation,
    Surface,
    ValueRefusedError,
    call,
    collect,
    credential_from_environment,
    plain,
    prefix_of,
    secret_names,
)

__all__ = ["Tool", "server_command", "tools_of"]

_NAME_LIMIT: Final = 64  # characters; the longest that all programs take
_ITEMS: Final = 100  # of a list, unless the caller asks for another number
_MOST_TEXT: Final = 100_000  # characters of one result: more would fill a model's context


class Tool:
    """An operation as a tool.

    Attributes:
        name: Groups and method, joined by underscores; no longer than 64 characters, and no other tool's.
        operation: What it does.
    """

    def __init__(self, name: str, operation: Operation, surface: Surface) -> None:
        self.name, self.operation, self._surface = name, operation, surface

    @property
    def description(self) -> str:
        return f"{self.operation.summary}\n\n{self.operation.description}\n\n{self.operation.http}".strip()

    @property
    def input_schema(self) -> dict[str, Any]:
        """What it takes, as a JSON Schema that stands alone."""
        arguments = self.operation.arguments
        properties: dict[str, Any] = {
            each.name: {**each.schema, "description": each.description} if each.description else dict(each.schema)
            for each in arguments
        }
        if self.operation.kind in ("list", "events", "lines"):
            text = f"How many items to return at most; {_ITEMS} if not given."
            properties["max_items"] = {"type": "integer", "minimum": 1, "description": text}
        schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
        if required := [each.name for each in arguments if each.required]:
            schema["required"] = required
        if definitions := self._surface.needed_by([schema]):
            schema["$defs"] = definitions
        return schema

    @property
    def annotations(self) -> dict[str, Any]:
        """Hints for who decides whether the tool may be used (MCP, ToolAnnotations)."""
        effect = self.operation.effect
        return {
            "title": self.operation.summary or self.name,
            "readOnlyHint": effect == "read",
            "destructiveHint": effect == "delete",
            "idempotentHint": self.operation.idempotent or effect == "read",
            "openWorldHint": True,
        }

    async def __call__(self, client: Any, arguments: Mapping[str, Any]) -> str:
        """Do it, and return what came of it as JSON text.

        Raises:
            ClientsmithError: The service refused, or could not be reached.
            ValueRefusedError: An argument is no date, no id, ….
        """
        given = dict(arguments)
        limit = int(given.pop("max_items", _ITEMS))
        value, is_cut = await collect(call(self._surface, client, self.operation, given), self.operation, limit)
        result = plain(value)
        if self.operation.kind in ("list", "events", "lines"):
            result = {"items": result, "has_more": is_cut}
        return json.dumps(result, ensure_ascii=False)


def tools_of(surface: Surface, *, only: Sequence[str] = (), read_only: bool = False) -> dict[str, Tool]:
    """Return the tools of a client by name.

    Args:
        surface: The client's.
        only: Patterns of names, such as ``issues_*``; () for all.
        read_only: Leave out whatever changes something.
    """
    tools: dict[str, Tool] = {}
    for operation in surface.operations:
        full = "_".join([*operation.group, operation.name])
        name, number = full[:_NAME_LIMIT], 2
        while name in tools:
            name, number = f"{full[: _NAME_LIMIT - 4]}_{number}", number + 1
        tools[name] = Tool(name, operation, surface)
    return {
        name: tool
        for name, tool in tools.items()
        if (not only or any(fnmatchcase(name, pattern) for pattern in only))
        and not (read_only and tool.operation.effect != "read")
    }


def server_command(package: str, program: str) -> Callable[[], None]:
    """Return the function that runs the MCP server of a client package.

    Args:
        package: Import name of the package; it was generated with a surface.
        program: What the command is called.
    """

    def main() -> None:
        surface = Surface.load(package)
        given = _parser(surface, program).parse_args()
        tools = tools_of(surface, only=given.tool, read_only=given.read_only)
        if not tools:
            raise SystemExit(f"{program}: no tool is left; give other patterns")
        asyncio.run(_serve(surface, tools, _client(surface, program, given.endpoint)))

    return main


def _parser(surface: Surface, program: str) -> argparse.ArgumentParser:
    prefix = prefix_of(program)
    parser = argparse.ArgumentParser(prog=program, description=f"MCP server of {surface.title}: a tool a method.")
    parser.add_argument("--endpoint", default=os.environ.get(f"{prefix}_ENDPOINT"), help="where the service is")
    parser.add_argument("--read-only", action="store_true", help="only tools that change nothing")
    parser.add_argument("--tool", action="append", default=[], metavar="PATTERN", help="only these, such as 'issues_*'")
    return parser


def _client(surface: Surface, program: str, endpoint: str | None) -> Any:
    prefix = prefix_of(program)
    where = endpoint or surface.endpoint
    if not where:
        raise SystemExit(f"{program}: say where the service is: --endpoint URL, or {prefix}_ENDPOINT")
    credential = credential_from_environment(surface, prefix)
    if credential is None and surface.credential_required:
        raise SystemExit(f"{program}: the service wants a credential: set {secret_names(surface, prefix)}")
    return surface.client_class(is_async=True)(where, credential)


async def _serve(surface: Surface, tools: Mapping[str, Tool], client: Any) -> None:
    from mcp.server.lowlevel import Server
    from mcp.server.stdio import stdio_server

    handlers = Handlers(tools, client)
    server: Any = Server(
        surface.distribution,
        version=surface.version,
        instructions=surface.description or None,
        on_list_tools=handlers.list_tools,
        on_call_tool=handlers.call_tool,
    )
    async with client, stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


class Handlers:
    """What the server answers: which tools there are, and what came of using one."""

    def __init__(self, tools: Mapping[str, Tool], client: Any) -> None:
        self.tools, self.client = tools, client

    async def list_tools(self, _context: Any, _parameters: Any) -> Any:
        from mcp import types

        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=tool.name,
                    description=tool.description,
                    input_schema=tool.input_schema,
                    annotations=types.ToolAnnotations.model_validate(tool.annotations),
                )
                for tool in self.tools.values()
            ]
        )

    async def call_tool(self, _context: Any, parameters: Any) -> Any:
        tool = self.tools.get(parameters.name)
        if tool is None:
            return _told(f"there is no tool {parameters.name!r}", is_error=True)
        try:
            text = await tool(self.client, parameters.arguments or {})
        except HttpResponseError as error:
            return _told(f"{error}\n{json.dumps(plain(error.error), ensure_ascii=False)}".strip(), is_error=True)
        except (ClientsmithError, ValueRefusedError, TypeError, ValueError) as error:
            return _told(str(error), is_error=True)
        return _told(text)


def _told(text: str, *, is_error: bool = False) -> Any:
    from mcp import types

    if len(text) > _MOST_TEXT:
        text = f"{text[:_MOST_TEXT]}… ({len(text):,} characters; ask for fewer items)"
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=is_error)
