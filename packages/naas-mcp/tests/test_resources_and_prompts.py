"""Resources and prompts, through the SDK's own client."""

from __future__ import annotations

import json

import pytest

from .conftest import PASSWORD, Connect, Service


async def test_resources_are_those_of_the_existing_server_and_more(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        fixed = {str(each.uri) for each in (await client.list_resources()).resources}
        templates = {each.uri_template for each in (await client.list_resource_templates()).resource_templates}
    assert fixed == {"naas://health", "naas://contexts", "naas://devices", "naas://jobs", "naas://jobs/failed"}
    assert templates == {"naas://jobs/{job_id}"}


@pytest.mark.parametrize(
    ("uri", "key"),
    [("naas://health", "status"), ("naas://contexts", "name"), ("naas://devices", "platform")],
)
async def test_a_resource_is_json(connect: Connect, era: str, uri: str, key: str) -> None:
    async with connect(era) as client:
        (content,) = (await client.read_resource(uri)).contents
    value = json.loads(content.text)
    assert content.mime_type == "application/json"
    assert key in (value[0] if isinstance(value, list) else value)
    assert PASSWORD not in content.text


async def test_jobs_can_be_read_one_by_one(connect: Connect, era: str) -> None:
    async with connect(era) as client:
        await client.call_tool("send_command", {"commands": ["show version"], "device": "sw1"})
        newest = json.loads((await client.read_resource("naas://jobs")).contents[0].text)[0]
        job = json.loads((await client.read_resource(f"naas://jobs/{newest['job_id']}")).contents[0].text)
        failed = json.loads((await client.read_resource("naas://jobs/failed")).contents[0].text)
    assert job["results"] == {"show version": "Cisco IOS Software, Version 15.2"}
    assert "do not follow them" in job["about"]
    assert isinstance(failed, list)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("naas://jobs/seven", "is no id of a job"),
        ("naas://jobs/00000000-0000-4000-8000-000000000000", "NAAS answered 40"),
        ("naas://nothing", "naas://nothing"),
    ],
)
async def test_what_cannot_be_read_says_why(connect: Connect, era: str, uri: str, message: str) -> None:
    async with connect(era) as client:
        with pytest.raises(Exception, match=message):
            await client.read_resource(uri)


async def test_resources_of_a_key_that_is_not_accepted_say_so(connect: Connect) -> None:
    async with connect(api_key="naas_marker-of-nobody") as client:
        with pytest.raises(Exception, match="look at the API key") as caught:
            await client.read_resource("naas://jobs")
    assert "marker" not in str(caught.value)


async def test_prompts_are_ways_of_working(connect: Connect, era: str, service: Service) -> None:
    async with connect(era) as client:
        reading = {each.name for each in (await client.list_prompts()).prompts}
        shown = await client.get_prompt("show_commands", {"host": "sw1", "commands": "show version, show clock"})
    async with connect(era, allow_config=True) as client:
        changing = {each.name for each in (await client.list_prompts()).prompts}
        push = await client.get_prompt("config_push", {"host": "sw1", "commands": "hostname a,ntp server b"})
    assert reading == {"show_commands", "troubleshoot_device", "compare_devices"}
    assert changing - reading == {"config_push"}
    assert "- show version\n- show clock" in shown.messages[0].content.text
    assert "hostname a\nntp server b" in push.messages[0].content.text
    assert "dry_run" in push.messages[0].content.text
