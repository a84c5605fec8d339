"""What the runtime does beyond plain JSON, in a generated package that is used: the same test in both colours."""

from __future__ import annotations

import datetime
import decimal
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from clientsmith.core.conditions import MatchConditions
from clientsmith.core.errors import ResourceModifiedError, ResourceNotModifiedError, ServiceResponseError, UsageError
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

from .conftest import Calls

Load = Callable[[Path, str], ModuleType]
PICTURE = {"id": "p1", "title": "Boats", "etag": '"v1"'}
NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


class Gallery(Calls):
    """The generated client in one colour, over a scripted service."""

    def __init__(self, package: ModuleType, models: ModuleType, transport: Any) -> None:
        self.models, self._transport, self._package = models, transport, package
        self.transport: Any = None

    def answering(self, *answers: Answer) -> Gallery:
        self.transport = self._transport(*answers)
        self.client = self._package.GalleryClient(credential=None, transport=self.transport)
        return self

    @property
    def sent(self) -> Any:
        return json.loads(self.request.content)


@pytest.fixture(params=["sync", "async"])
def gallery(request: pytest.FixtureRequest, generated: dict[str, Path], import_from: Load) -> Gallery:
    target = generated["gallery_client"]
    root = import_from(target, "gallery_client")
    if request.param == "sync":
        return Gallery(root, root.models, ScriptedTransport)
    return Gallery(import_from(target, "gallery_client.aio"), root.models, AsyncScriptedTransport)


# --- conditional requests --------------------------------------------------------------------------------------------


async def test_a_change_goes_through_only_if_nobody_was_faster(gallery: Gallery) -> None:
    gallery.answering(Answer(412))
    with pytest.raises(ResourceModifiedError):
        await gallery.call("replace_picture", "p1", PICTURE, etag="v0", match_condition=MatchConditions.IfNotModified)
    assert gallery.request.headers["If-Match"] == '"v0"'


async def test_the_model_gives_the_etag_that_the_caller_does_not(gallery: Gallery) -> None:
    """Also where a patch of it is sent, in which it is not."""
    gallery.answering(Answer(json=PICTURE), Answer(json=PICTURE))
    picture = gallery.models.Picture.from_dict(PICTURE)
    await gallery.call("replace_picture", "p1", picture, match_condition=MatchConditions.IfNotModified)
    assert gallery.request.headers["If-Match"] == '"v1"'
    await gallery.call("update_picture", "p1", picture, title="Ships", match_condition=MatchConditions.IfNotModified)
    assert (gallery.request.headers["If-Match"], gallery.sent) == ('"v1"', {"title": "Ships"})


async def test_what_has_not_changed_is_not_fetched_again(gallery: Gallery) -> None:
    gallery.answering(Answer(304), Answer(json=PICTURE))
    with pytest.raises(ResourceNotModifiedError):
        await gallery.call("get_picture", "p1", etag="v1", match_condition=MatchConditions.IfModified)
    assert gallery.request.headers["If-None-Match"] == '"v1"'
    await gallery.call("get_picture", "p1", if_modified_since=NOON)
    assert gallery.request.headers["If-Modified-Since"] == "Sat, 21 Nov 2026 12:00:00 GMT"


async def test_an_etag_without_a_condition_is_refused(gallery: Gallery) -> None:
    """It would do nothing, and the caller would believe that it did."""
    gallery.answering()
    with pytest.raises(UsageError, match="etag was given with no match_condition"):
        await gallery.call("replace_picture", "p1", PICTURE, etag="v1")


async def test_a_condition_that_the_service_requires_is_required(gallery: Gallery) -> None:
    gallery.answering(Answer(204))
    with pytest.raises(TypeError, match="match_condition"):
        await gallery.call("delete_picture", "p1")
    await gallery.call("delete_picture", "p1", match_condition=MatchConditions.IfPresent)
    assert gallery.request.headers["If-Match"] == "*"


# --- models ----------------------------------------------------------------------------------------------------------


async def test_a_patch_says_only_what_was_changed(gallery: Gallery) -> None:
    """Of a model that was read; None removes, a keyword wins."""
    gallery.answering(Answer(json={**PICTURE, "price": "1.50", "views": "7"}), Answer(json=PICTURE))
    picture = await gallery.call("get_picture", "p1")
    picture.price = decimal.Decimal("2.50")
    await gallery.call("update_picture", "p1", picture, views=None)
    assert gallery.sent == {"price": "2.50", "views": None}
    assert gallery.request.headers["Content-Type"] == "application/merge-patch+json"


async def test_what_only_the_service_sets_is_not_sent(gallery: Gallery) -> None:
    gallery.answering(Answer(json=PICTURE))
    await gallery.call("replace_picture", "p1", gallery.models.Picture.from_dict(PICTURE))
    assert gallery.sent == {"title": "Boats"}


def test_a_password_is_not_shown(gallery: Gallery) -> None:
    picture = gallery.models.Picture(title="Boats", passcode="hunter2")
    assert "hunter2" not in repr(picture)
    assert picture.as_dict()["passcode"] == "hunter2"


@pytest.mark.parametrize(
    ("field", "wire", "value"),
    [
        pytest.param("made", 1795262400, NOON, id="unix time"),
        pytest.param("seen", "Sat, 21 Nov 2026 12:00:00 GMT", NOON, id="http date"),
        pytest.param("price", "1.50", decimal.Decimal("1.50"), id="decimal as text"),
        pytest.param("weight", 1.5, decimal.Decimal("1.5"), id="decimal as a number"),
        pytest.param("views", "9007199254740993", 9007199254740993, id="integer as text"),
        pytest.param("thumbnail", "_-8=", b"\xff\xef", id="base64url"),
        pytest.param("shown", "2026-11-21", datetime.date(2026, 11, 21), id="date or time: date"),
        pytest.param("shown", "2026-11-21T12:00:00Z", NOON, id="date or time: time"),
    ],
)
def test_formats_have_their_own_spelling(gallery: Gallery, field: str, wire: object, value: object) -> None:
    model = gallery.models.Picture
    assert getattr(model.from_dict({field: wire}), field) == value
    assert model(title="", **{field: value}).as_dict()[field] in (wire, "_-8")


def test_a_member_of_a_union_is_the_one_that_fits(gallery: Gallery) -> None:
    models = gallery.models
    frames = [{"wood": "oak", "cut": "2026-01-31"}, {"metal": "tin"}, "none"]
    wood, metal, text = (models.Picture.from_dict({"frame": frame}).frame for frame in frames)
    assert isinstance(wood, models.WoodFrame)
    assert wood.cut == datetime.date(2026, 1, 31)
    assert isinstance(metal, models.MetalFrame)
    assert text == "none"


def test_members_that_nothing_names_are_typed(gallery: Gallery) -> None:
    frame = gallery.models.MetalFrame.from_dict({"metal": "tin", "polished": "2026-11-21T12:00:00Z"})
    assert frame.additional_properties == {"polished": NOON}
    frame.additional_properties["bent"] = NOON
    assert frame.as_dict()["bent"] == "2026-11-21T12:00:00Z"


# --- lists -----------------------------------------------------------------------------------------------------------


async def items(pager: Any) -> list[Any]:
    """Read a pager of either colour to its end."""
    if hasattr(pager, "__aiter__"):
        return [item async for item in pager]
    return list(pager)


def query_of(request: Any) -> str:
    return str(request.url).partition("?")[2]


async def test_a_list_goes_on_after_the_last_id(gallery: Gallery) -> None:
    """Until the service says that there are no more; callers say how many they want at once."""
    first = {"data": [{"id": "a"}, {"id": "b"}], "has_more": True, "total_count": 3}
    gallery.answering(Answer(json=first), Answer(json={"data": [{"id": "c"}], "has_more": False, "total_count": 3}))
    pictures = await items(await gallery.call("list_pictures", results_per_page=2))
    assert [picture.id for picture in pictures] == ["a", "b", "c"]
    assert [query_of(request) for request in gallery.transport.requests] == ["limit=2", "limit=2&starting_after=b"]


async def test_a_page_knows_how_many_items_there_are(gallery: Gallery) -> None:
    gallery.answering(Answer(json={"data": [{"id": "a"}], "has_more": False, "total_count": 3}))
    (page,) = await items((await gallery.call("list_pictures")).by_page())
    assert page.total == 3


async def test_a_search_goes_on_with_a_token_in_its_body(gallery: Gallery) -> None:
    gallery.answering(
        Answer(json={"items": [PICTURE], "next_cursor": "c2"}), Answer(json={"items": [PICTURE], "next_cursor": None})
    )
    found = await items(await gallery.call("list_matching_pictures", {"title": "Boats"}))
    assert [picture.title for picture in found] == ["Boats", "Boats"]
    assert gallery.sent == {"title": "Boats", "cursor": "c2"}


async def test_a_token_travels_in_headers(gallery: Gallery) -> None:
    headers = {"x-ms-continuation": "t2", "X-Total-Count": "2"}
    gallery.answering(Answer(json=["Ada"], headers=headers), Answer(json=["Bo"], headers={"X-Total-Count": "2"}))
    pages = await items((await gallery.call("list_painters")).by_page())
    assert [(list(page), page.total) for page in pages] == [(["Ada"], 2), (["Bo"], 2)]
    assert gallery.request.headers["x-ms-continuation"] == "t2"


async def test_pages_that_begin_with_zero(gallery: Gallery) -> None:
    gallery.answering(*(Answer(json={"rooms": [name], "total_pages": 2}) for name in ("hall", "attic")))
    assert await items(await gallery.call("list_rooms")) == ["hall", "attic"]
    assert query_of(gallery.request) == "page=1"


# --- long running ----------------------------------------------------------------------------------------------------


async def test_a_long_running_operation_is_cancelled_and_watched_to_its_end(gallery: Gallery) -> None:
    where = {"Operation-Location": "https://gallery.example/restorations/r1"}
    gallery.answering(
        Answer(202, json={"id": "r1", "status": "running"}, headers=where),
        Answer(204),
        Answer(json={"id": "r1", "status": "canceled"}),
    )
    poller = await gallery.call("begin_start_restoration", polling_interval=0.001)
    for step in (poller.cancel, poller.wait):
        result = step()
        if inspect.isawaitable(result):
            await result
    assert poller.status() == "canceled"
    cancelled = gallery.transport.requests[1]
    assert (cancelled.method, cancelled.url) == ("POST", "https://gallery.example/restorations/r1/cancel")


# --- streams ---------------------------------------------------------------------------------------------------------


def event_stream(*data: str) -> Answer:
    content = "".join(f"id: {number}\ndata: {text}\n\n" for number, text in enumerate(data, 1))
    return Answer(content=content.encode(), headers={"Content-Type": "text/event-stream"})


async def test_events_are_models_up_to_the_last(gallery: Gallery) -> None:
    gallery.answering(event_stream('{"id": "r1", "status": "running"}', '{"id": "r1", "status": "failed"}', "[DONE]"))
    events = await items(await gallery.call("watch_restoration", "r1"))
    assert [event.status for event in events] == ["running", "failed"]
    assert all(isinstance(event, gallery.models.Restoration) for event in events)
    assert gallery.request.headers["Accept"] == "text/event-stream"


async def test_events_that_are_not_described_are_given_as_they_are(gallery: Gallery) -> None:
    gallery.answering(event_stream("a new picture"), Answer(204))
    (event,) = await items(await gallery.call("get_news", last_event_id="0"))
    assert (event.data, event.id) == ("a new picture", "1")
    assert [request.headers["Last-Event-ID"] for request in gallery.transport.requests] == ["0", "1"]


async def test_a_stream_is_not_asked_for_again_where_nothing_says_that_it_can_go_on(gallery: Gallery) -> None:
    """A service that does not take Last-Event-ID would tell its events once more, and again, without end."""
    gallery.answering(event_stream('{"id": "r1", "status": "running"}', "[DONE]"))
    await items(await gallery.call("watch_restoration", "r1"))
    gallery.answering(event_stream('{"id": "r1", "status": "running"}'))
    with pytest.raises(ServiceResponseError, match="ended before the service said so"):
        await items(await gallery.call("watch_restoration", "r1"))
    assert len(gallery.transport.requests) == 1


async def test_lines_are_models(gallery: Gallery) -> None:
    content = b'{"id": "p1", "title": "Boats"}\n{"id": "p2", "title": "Ships"}\n'
    gallery.answering(Answer(content=content, headers={"Content-Type": "application/x-ndjson"}))
    pictures = await items(await gallery.call("export_pictures"))
    assert [picture.title for picture in pictures] == ["Boats", "Ships"]


async def test_a_download_is_saved_as_it_comes(gallery: Gallery, tmp_path: Path) -> None:
    answer = Answer(content=b"0123456789", headers={"Content-Type": "application/octet-stream"})
    gallery.answering(answer)
    saved = (await gallery.call("get_scan", "p1")).write_to(tmp_path / "scan")
    if inspect.isawaitable(saved):
        await saved
    assert (tmp_path / "scan").read_bytes() == b"0123456789"


# --- parameters ------------------------------------------------------------------------------------------------------


async def test_parameters_are_spelt_as_the_document_says(gallery: Gallery) -> None:
    """As JSON, with reserved characters, exploded in a header, with a label's dot."""
    gallery.answering(Answer(content=b"", headers={"Content-Type": "application/x-ndjson"}), Answer(json={}))
    await items(await gallery.call("export_pictures", filter=["a"], folder="x/y", marks={"a": "1", "b": "2"}))
    assert query_of(gallery.request) == "filter=%5B%22a%22%5D&folder=x/y"
    assert gallery.request.headers["X-Marks"] == "a=1,b=2"
    await gallery.call("get_shelf", "top")
    assert gallery.request.url.endswith("/shelves.top")
