"""The MCP server of a client: its tools, and what an agent gets from using them, through the protocol's own client."""

from __future__ import annotations

import json

import pytest
from clientsmith.core.mcp import Handlers, tools_of
from clientsmith.core.surface import Surface

from .conftest import AsyncDepotClient

mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")


def handlers(surface: Surface, **chosen: object) -> Handlers:
    tools = tools_of(surface, **chosen)  # type: ignore[arg-type]  # keywords of the tests
    return Handlers(tools, AsyncDepotClient("https://depot.test", None))


async def used(surface: Surface, name: str, /, **arguments: object) -> tuple[bool, str]:
    """Whether the use of a tool failed, and what was said: through a real server and the SDK's client."""
    from mcp.server.lowlevel import Server

    made = handlers(surface)
    server = Server("depot", on_list_tools=made.list_tools, on_call_tool=made.call_tool)
    async with mcp.Client(server) as client:
        result = await client.call_tool(name, arguments)
    return bool(result.is_error), result.content[0].text


async def test_a_tool_is_an_operation_with_its_schema_and_hints(surface: Surface) -> None:
    listed = {tool.name: tool for tool in (await handlers(surface).list_tools(None, None)).tools}
    assert sorted(listed) == sorted(
        operation.name if not operation.steps else "shelf_get_load" for operation in surface.operations
    )
    create = listed["create_part"]
    assert create.input_schema["required"] == ["part"]
    assert create.input_schema["properties"]["part"] == {"$ref": "#/$defs/Part"}
    assert set(create.input_schema["$defs"]) == {"Part"}
    assert listed["list_parts"].annotations.read_only_hint
    assert listed["delete_part"].annotations.destructive_hint
    assert listed["delete_part"].annotations.idempotent_hint
    assert not create.annotations.read_only_hint


async def test_a_list_says_whether_there_is_more(surface: Surface) -> None:
    failed, text = await used(surface, "list_parts", max_items=2, since="2026-01-31T12:00:00Z")
    assert not failed
    said = json.loads(text)
    assert (len(said["items"]), said["has_more"]) == (2, True)
    assert AsyncDepotClient.asked[0]["since"].year == 2026


async def test_a_value_is_json(surface: Surface) -> None:
    assert await used(surface, "create_part", part={"partName": "bolt"}) == (False, '{"id": "7", "partName": "bolt"}')


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("delete_part", {"name": "bolt"}, 'answered 409 Conflict: InUse\n{"code": "InUse"}'),
        ("list_parts", {"since": "noon"}, "since takes a time such as"),
        ("no_such_tool", {}, "there is no tool 'no_such_tool'"),
    ],
)
async def test_what_goes_wrong_is_told_to_the_agent(
    surface: Surface, name: str, arguments: dict[str, object], message: str
) -> None:
    failed, text = await used(surface, name, **arguments)
    assert failed
    assert message in text


def test_tools_can_be_chosen(surface: Surface) -> None:
    assert set(tools_of(surface, read_only=True)) == {"list_parts", "part_exists", "get_label", "shelf_get_load"}
    assert set(tools_of(surface, only=["shelf_*", "create_*"])) == {"create_part", "shelf_get_load"}


def test_long_names_are_cut_and_stay_apart(surface: Surface) -> None:
    one = {"name": "a" * 70, "http": "GET /"}
    tools = tools_of(Surface({"package": "p", "distribution": "p", "client": "P", "operations": [one, one]}))
    assert [len(name) for name in tools] == [64, 62]
