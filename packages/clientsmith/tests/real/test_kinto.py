"""Kinto, live, with the client of the document that it serves itself (``/v1/__api__``, Swagger 2.0).

The document does not say how its accounts sign in, nor that ``Next-Page`` leads on: an overlay and the configuration do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from clientsmith.core import BasicCredential, MatchConditions
from clientsmith.core.errors import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
)
from clientsmith.core.testing import AsyncFaultyTransport, FaultyTransport, LostAnswer, Reset, Status
from clientsmith.core.transport import AioHttpTransport, RequestsTransport

from .conftest import Colour, Generate, Package

pytestmark = [pytest.mark.real, pytest.mark.xdist_group("kinto")]

OVERLAY = """
overlay: 1.1.0
info: {title: How the accounts of kinto sign in, version: "1"}
actions:
  - target: $
    update: {securityDefinitions: {account: {type: basic}}, security: [{account: []}]}
  - target: $.paths.*.*.security
    remove: true
  - target: $.paths['/buckets/{bucket_id}/collections/{collection_id}/records'].get
    update: {parameters: [{name: min_n, in: query, type: integer}]}
"""
CONFIGURATION = """
[groups.clients.collection]
operations = ["* /buckets/{bucket_id}/collections/{collection_id}/records*"]
bound = ["bucket_id", "collection_id"]

[operations."GET /buckets/{bucket_id}/collections/{collection_id}/records"]
paging = { scheme = "next-link-header", items = "data", header = "Next-Page", size = "_limit" }
"""
ANNA, BOB = BasicCredential("anna", "secret-of-anna"), BasicCredential("bob", "secret-of-bob")


@pytest.fixture(scope="session")
def package(generate: Generate, kinto: str) -> Package:
    return generate(f"{kinto}/__api__", "kinto_client", "KintoClient", overlay=OVERLAY, configuration=CONFIGURATION)


@pytest.fixture
async def client(colour: Colour, package: Package, kinto: str) -> AsyncIterator[Any]:
    """Anna's, whose account is made with the first test."""
    async with colour.client(package, kinto, ANNA) as client:
        await colour.done(client.accounts.upsert_account("anna", {"data": {"password": ANNA.password}}))
        yield client


@pytest.fixture
async def place(colour: Colour, client: Any) -> tuple[str, str]:
    """A bucket of Anna's with an empty collection."""
    bucket = f"b-{uuid4().hex}"
    await colour.done(client.buckets.upsert_bucket(bucket, {}))
    await colour.done(client.collections.upsert_collection(bucket, "notes", {}))
    return bucket, "notes"


@pytest.fixture
def notes(client: Any, place: tuple[str, str]) -> Any:
    """The client of that collection."""
    return client.get_collection_client(*place)


async def test_a_record_is_made_read_changed_and_deleted(colour: Colour, notes: Any, place: tuple[str, str]) -> None:
    made = await colour.done(notes.create_record({"data": {"title": "Boats", "n": 1}}))
    key = made.data["id"]
    assert made.permissions.write == ["account:anna"]
    assert (await colour.done(notes.get_record(key))).data == made.data
    changed = await colour.done(notes.update_record(key, data={"title": "Ships"}))
    assert {name: changed.data[name] for name in ("title", "n")} == {"title": "Ships", "n": 1}
    replaced = await colour.done(notes.upsert_record(key, {"data": {"title": "Kites"}}))
    assert "n" not in replaced.data
    gone = await colour.done(notes.delete_record(key))
    assert gone.data["deleted"] is True
    assert await colour.done(notes.delete_record(key)) is None  # nothing there is what was wanted
    with pytest.raises(ResourceNotFoundError) as caught:
        await colour.done(notes.get_record(key))
    assert (caught.value.error.errno, caught.value.error.details) == (110, {"id": key, "resource_name": "record"})


async def test_a_change_goes_through_only_if_nobody_was_faster(colour: Colour, notes: Any) -> None:
    """The etag is in the header of the answer; the error says what the record is now."""
    seen: list[Any] = []
    made = await colour.done(
        notes.create_record({"data": {"n": 1}}, response_hook=lambda _, headers: seen.append(headers["ETag"]))
    )
    key, etag = made.data["id"], seen[0]
    unchanged = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
    await colour.done(notes.update_record(key, data={"n": 2}, **unchanged))
    with pytest.raises(ResourceModifiedError, match="Resource was modified meanwhile") as caught:
        await colour.done(notes.update_record(key, data={"n": 3}, **unchanged))
    assert caught.value.error.details["existing"]["n"] == 2
    with pytest.raises(ResourceModifiedError):
        await colour.done(notes.delete_record(key, **unchanged))
    with pytest.raises(ResourceExistsError):
        await colour.done(notes.upsert_record(key, {"data": {"n": 4}}, match_condition=MatchConditions.IfMissing))
    assert (await colour.done(notes.get_record(key))).data["n"] == 2


async def test_what_has_not_changed_is_not_sent_again(colour: Colour, notes: Any) -> None:
    made = await colour.done(notes.create_record({"data": {"n": 1}}))
    key, etag = made.data["id"], f'"{made.data["last_modified"]}"'
    with pytest.raises(ResourceNotModifiedError):
        await colour.done(notes.get_record(key, etag=etag, match_condition=MatchConditions.IfModified))
    await colour.done(notes.update_record(key, data={"n": 2}))
    fresh = await colour.done(notes.get_record(key, etag=etag, match_condition=MatchConditions.IfModified))
    assert fresh.data["n"] == 2


async def test_many_writers_lose_no_change_of_each_other(
    colour: Colour, client: Any, notes: Any, place: tuple[str, str]
) -> None:
    """Eight of them count, each with If-Match until it wins."""
    await colour.done(notes.upsert_record("counter", {"data": {"n": 0}}))

    async def count() -> None:
        while True:
            now = (await colour.done(notes.get_record("counter"))).data
            condition = {"etag": f'"{now["last_modified"]}"', "match_condition": MatchConditions.IfNotModified}
            try:
                await colour.done(notes.update_record("counter", data={"n": now["n"] + 1}, **condition))
                return
            except ResourceModifiedError:
                continue

    counting = [count() if colour.is_async else asyncio.to_thread(asyncio.run, count()) for _ in range(8)]
    await asyncio.wait_for(asyncio.gather(*counting), 60)
    assert (await colour.done(notes.get_record("counter"))).data["n"] == 8


async def fill(colour: Colour, client: Any, place: tuple[str, str], count: int) -> None:
    """Make records in one request of up to 25."""
    path = "/v1/buckets/{}/collections/{}/records".format(*place)
    requests = [{"path": f"{path}/r{number:02}", "body": {"data": {"n": number}}} for number in range(count)]
    answer = await colour.done(client.batch({"defaults": {"method": "PUT"}, "requests": requests}))
    assert [one.status for one in answer.responses] == [201] * count


async def test_a_list_is_followed_over_its_pages(
    colour: Colour, client: Any, notes: Any, place: tuple[str, str]
) -> None:
    """``Next-Page`` is a URL with a token; the list goes on from a page's token, later and elsewhere."""
    await fill(colour, client, place, 23)
    hooks: list[Any] = []
    listed = await colour.all(
        notes.list_records(sort=["n"], results_per_page=5, response_hook=lambda *_: hooks.append(1))
    )
    assert ([one["n"] for one in listed], len(hooks)) == (list(range(23)), 5)
    pages = notes.list_records(sort=["-n"], results_per_page=10).by_page()
    first = list(await anext(pages) if colour.is_async else next(pages))
    again = notes.list_records(sort=["-n"], results_per_page=10).by_page(pages.continuation_token)
    rest = [one for page in await colour.all(again) for one in page]
    assert [one["n"] for one in (*first, *rest)] == list(reversed(range(23)))


async def test_a_list_is_filtered_sorted_and_cut_to_its_fields(
    colour: Colour, client: Any, notes: Any, place: tuple[str, str]
) -> None:
    """Lists in the query are joined by commas, as Swagger's default is; what the overlay adds is an argument too."""
    await fill(colour, client, place, 6)
    found = await colour.all(notes.list_records(min_n=3, sort=["-n"], fields=["n"], results_per_page=2))
    assert [one["n"] for one in found] == [5, 4, 3]
    assert all(set(one) <= {"id", "last_modified", "n"} for one in found)


async def test_what_was_deleted_since_is_told(colour: Colour, client: Any, notes: Any, place: tuple[str, str]) -> None:
    """A time is a number of 41 bits here, and stays one."""
    await fill(colour, client, place, 3)
    newest = max(one["last_modified"] for one in await colour.all(notes.list_records()))
    await colour.done(notes.delete_record("r01"))
    (tombstone,) = await colour.all(notes.list_records(since=newest))
    assert (tombstone["id"], tombstone["deleted"]) == ("r01", True)
    deleted = await colour.done(notes.delete_records())
    assert {one["id"] for one in deleted.data} == {"r00", "r02"}
    assert [one for one in await colour.all(notes.list_records()) if not one.get("deleted")] == []


async def test_one_failure_of_a_batch_is_no_failure_of_the_others(
    colour: Colour, client: Any, place: tuple[str, str]
) -> None:
    path = "/v1/buckets/{}/collections/{}/records".format(*place)
    requests = [
        {"method": "PUT", "path": f"{path}/good", "body": {"data": {"n": 1}}},
        {"method": "GET", "path": f"{path}/missing"},
        {"method": "PUT", "path": f"{path}/good", "body": {"data": {}}, "headers": {"If-None-Match": "*"}},
    ]
    answer = await colour.done(client.batch({"requests": requests}))
    assert [one.status for one in answer.responses] == [201, 404, 412]
    assert answer.responses[0].body["data"]["n"] == 1
    assert answer.responses[0].headers["ETag"]


async def test_who_is_calling_decides(
    colour: Colour, client: Any, package: Package, kinto: str, place: tuple[str, str]
) -> None:
    async with colour.client(package, kinto, BOB) as bob:
        await colour.done(bob.accounts.upsert_account("bob", {"data": {"password": BOB.password}}))
        with pytest.raises(HttpResponseError, match="answered 403 Forbidden") as refused:
            await colour.done(bob.get_collection_client(*place).create_record({"data": {}}))
        shared = {"permissions": {"record:create": ["account:bob"]}}
        await colour.done(client.collections.update_collection(*place, shared))
        assert (await colour.done(bob.get_collection_client(*place).create_record({"data": {"n": 1}}))).data["n"] == 1
    assert (refused.value.error.errno, refused.value.error.code) == (121, 403)
    async with colour.client(package, kinto, BasicCredential("anna", "wrong")) as stranger:
        with pytest.raises(ClientAuthenticationError, match="Please authenticate yourself") as caught:
            await colour.done(stranger.get_collection_client(*place).get_record("r"))
    assert "wrong" not in str(caught.value)


async def test_what_the_service_refuses_is_told_with_its_place(colour: Colour, notes: Any) -> None:
    with pytest.raises(HttpResponseError, match="answered 400 Bad Request") as caught:
        await colour.done(notes.upsert_record("no such id!", {"data": {}}))
    assert caught.value.error.details == [
        {"description": "Invalid object id", "location": "path", "name": ""},
    ] or caught.value.error.errno in (107, 108)
    with pytest.raises(HttpResponseError) as caught:
        await colour.done(notes.create_record({"data": "no object"}))
    assert caught.value.error.details[0]["name"] == "data"


async def test_a_lost_answer_is_asked_for_again(
    colour: Colour, package: Package, kinto: str, notes: Any, place: tuple[str, str]
) -> None:
    """A PUT twice makes one record; a POST, which would make two, is not repeated once the service had it."""
    faults = (LostAnswer(), Status(503), None)
    transport: Any = (
        AsyncFaultyTransport(AioHttpTransport(), *faults)
        if colour.is_async
        else FaultyTransport(RequestsTransport(), *faults)
    )
    async with colour.client(package, kinto, ANNA, transport=transport, backoff_base=0.01) as unlucky:
        made = await colour.done(unlucky.get_collection_client(*place).upsert_record("once", {"data": {"n": 1}}))
    assert made.data["n"] == 1
    assert len(await colour.all(notes.list_records())) == 1
    transport = (
        AsyncFaultyTransport(AioHttpTransport(), Reset(), LostAnswer())
        if colour.is_async
        else FaultyTransport(RequestsTransport(), Reset(), LostAnswer())
    )
    async with colour.client(package, kinto, ANNA, transport=transport, backoff_base=0.01) as unlucky:
        with pytest.raises(Exception, match=r"lost|connection") as caught:
            await colour.done(unlucky.get_collection_client(*place).create_record({"data": {"n": 2}}))
    assert caught.value.attempts == 2  # the first one was never sent, so there was a second
    assert len(await colour.all(notes.list_records())) == 2


async def test_the_service_says_what_it_can_do(colour: Colour, client: Any) -> None:
    hello = await colour.done(client.utilities.get_server_info())
    assert hello["user"]["id"] == "account:anna"
    assert hello["capabilities"].keys() >= {"accounts", "default_bucket"}
    assert await colour.done(client.utilities.get_heartbeat()) == {"storage": True, "permission": True, "cache": True}
