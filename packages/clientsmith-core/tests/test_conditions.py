"""Conditional requests: what is sent, what the answers mean, and what makes no sense."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.conditions import MatchConditions, condition_headers, etag_of, http_date, quoted
from clientsmith.core.errors import (
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
    UsageError,
)
from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.operations import Operation, json_body, path
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport
from hypothesis import given
from hypothesis import strategies as st

C = MatchConditions


class Pet(Model):
    name: str = field("name")
    etag: str | None = field("_etag", default=UNSET)


PUT_PET: Operation[Any] = Operation(
    "PUT", "/pets/{id}", parameters={"pet_id": path("id")}, body=json_body(), responses={200: None}, conditional=True
)
GET_PET: Operation[Any] = Operation(
    "GET", "/pets/{id}", parameters={"pet_id": path("id")}, responses={200: lambda: Pet}, conditional=True
)
PEEK: Operation[Any] = Operation(
    "GET", "/pets/{id}", parameters={"pet_id": path("id")}, responses={200: lambda: Pet, 304: None}, conditional=True
)


def call(
    operation: Operation[Any], answer: Answer, *, body: Any = None, **arguments: Any
) -> tuple[Any, dict[str, str]]:
    """Return what a method with these arguments returns, and the conditions that it sent."""
    service = ScriptedTransport(answer)
    client = ServiceClient("https://example.test", transport=service)
    result = client._call(operation, {"pet_id": "7", **arguments}, body=body, options={})
    return result, {n: v for n, v in service.requests[0].headers.items() if n.startswith("If-")}


@pytest.mark.parametrize(
    ("etag", "condition", "headers"),
    [
        (None, None, {}),
        (None, C.Unconditionally, {}),
        ('"a1"', C.IfNotModified, {"If-Match": '"a1"'}),
        ("a1", C.IfNotModified, {"If-Match": '"a1"'}),
        ('W/"a1"', C.IfModified, {"If-None-Match": 'W/"a1"'}),
        ('""', C.IfModified, {"If-None-Match": '""'}),
        (None, C.IfPresent, {"If-Match": "*"}),
        (None, C.IfMissing, {"If-None-Match": "*"}),
    ],
    ids=["nothing", "always", "unchanged", "quoted for you", "changed, weak", "an empty tag", "there", "not there"],
)
def test_each_condition_has_its_header(etag: str | None, condition: C | None, headers: dict[str, str]) -> None:
    """RFC 9110, section 13.1; a pure function, and what an operation sends."""
    assert condition_headers(etag, condition) == headers
    assert call(PUT_PET, Answer(), body={}, etag=etag, match_condition=condition)[1] == headers


@pytest.mark.parametrize(
    ("etag", "body", "sent"),
    [
        (None, Pet(name="Rex", etag='"model"'), '"model"'),
        ('"mine"', Pet(name="Rex", etag='"model"'), '"mine"'),
        (None, {"name": "Rex", "etag": "mapped"}, '"mapped"'),
        ("mine", {"etag": "mapped"}, '"mine"'),
        (None, {"@odata.etag": 'W/"1"'}, 'W/"1"'),
        (None, Pet.from_dict({"name": "Rex", "@odata.etag": 'W/"2"'}), 'W/"2"'),
    ],
    ids=["the model's", "the explicit one wins", "a mapping's", "over a mapping's", "OData", "an undeclared one"],
)
def test_an_explicit_etag_wins_over_the_models(etag: str | None, body: Any, sent: str) -> None:
    """method-conditional-request."""
    assert call(PUT_PET, Answer(), body=body, etag=etag, match_condition=C.IfNotModified)[1] == {"If-Match": sent}


def test_a_models_etag_alone_is_no_condition() -> None:
    """It takes a match_condition to make it one; for conditions without an etag it does not count."""
    pet = Pet(name="Rex", etag='"model"')
    assert call(PUT_PET, Answer(), body=pet)[1] == {}
    assert call(PUT_PET, Answer(), body=pet, match_condition=C.IfMissing)[1] == {"If-None-Match": "*"}


@pytest.mark.parametrize(
    ("etag", "condition", "message"),
    [
        (
            "a",
            None,
            "etag was given with no match_condition, so it would mean nothing; pass MatchConditions.IfNotModified",
        ),
        ("a", C.Unconditionally, "etag was given with match_condition=MatchConditions.Unconditionally"),
        ("a", C.IfPresent, "etag was given with match_condition=MatchConditions.IfPresent"),
        ("a", C.IfMissing, "etag was given with match_condition=MatchConditions.IfMissing"),
        (None, C.IfNotModified, "MatchConditions.IfNotModified compares etags, but there is none; pass etag="),
        (None, C.IfModified, "MatchConditions.IfModified compares etags, but there is none"),
    ],
)
def test_arguments_that_contradict_each_other_are_told(etag: str | None, condition: C | None, message: str) -> None:
    """Before anything is sent: a forgotten condition must not overwrite somebody's work."""
    service = ScriptedTransport()
    client = ServiceClient("https://example.test", transport=service)
    with pytest.raises(UsageError, match=re.escape(message)):
        client._call(PUT_PET, {"pet_id": "7", "etag": etag, "match_condition": condition}, body={}, options={})
    assert service.requests == []


@pytest.mark.parametrize("etag", ["", "  ", 'a"b', '"a"b"', 'a b"', '"a", "b"', "a\r\nX: 1", "\x7f"])
def test_what_is_no_etag_is_told(etag: str) -> None:
    """RFC 9110, section 8.8.3; a list of several would mean something else."""
    with pytest.raises(ValueError, match="an entity tag is one string without quotes and spaces"):
        condition_headers(etag, C.IfNotModified)


def test_a_star_is_a_condition_of_its_own() -> None:
    """The message names it."""
    with pytest.raises(ValueError, match=r"pass MatchConditions\.IfPresent or IfMissing instead"):
        condition_headers("*", C.IfNotModified)


@given(st.text(max_size=12))
def test_no_etag_injects_a_header(etag: str) -> None:
    """It is one entity tag, or refused; and quoting twice changes nothing."""
    try:
        tag = quoted(etag)
    except ValueError:
        return
    assert re.fullmatch(r'(W/)?"[^"\s\x00-\x1f\x7f]*"', tag, re.ASCII)
    assert quoted(tag) == tag


# --- times -----------------------------------------------------------------------------------------------------------


def test_services_without_etags_compare_times() -> None:
    """In the zone and the language of HTTP."""
    time = datetime(2026, 11, 21, 14, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    assert condition_headers(if_modified_since=time) == {"If-Modified-Since": "Sat, 21 Nov 2026 12:00:05 GMT"}
    assert call(PUT_PET, Answer(), body={}, if_unmodified_since=time)[1] == {
        "If-Unmodified-Since": "Sat, 21 Nov 2026 12:00:05 GMT"
    }


def test_a_time_without_a_zone_is_told() -> None:
    """It could be any of 38."""
    with pytest.raises(ValueError, match="the time 2026-11-21T00:00:00 has no time zone"):
        condition_headers(if_modified_since=datetime(2026, 11, 21))


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC)))
def test_every_time_reads_back(time: datetime) -> None:
    """By the parser of the standard library, to the second; it takes years of two digits for the last century's."""
    text = http_date(time)
    assert len(text) == len("Sat, 21 Nov 2026 12:00:00 GMT")
    if time.year > 100:
        assert parsedate_to_datetime(text) == time.replace(microsecond=0)


# --- outcomes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "condition", "etag", "kind"),
    [
        (412, C.IfNotModified, "a", ResourceModifiedError),
        (412, C.IfModified, "a", ResourceNotModifiedError),
        (412, C.IfPresent, None, ResourceNotFoundError),
        (412, C.IfMissing, None, ResourceExistsError),
        (412, None, None, ResourceModifiedError),
        (304, C.IfModified, "a", ResourceNotModifiedError),
    ],
)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_an_unmet_condition_means(
    status: int, condition: C | None, etag: str | None, kind: type[HttpResponseError], colour: str
) -> None:
    """412 says only that a condition did not hold; which one it was, the request tells."""
    arguments = {"pet_id": "7", "etag": etag, "match_condition": condition}
    answer = Answer(status, headers={"ETag": '"now"'})
    client = ServiceClient("https://example.test", transport=ScriptedTransport(answer))
    twin = aio.ServiceClient("https://example.test", transport=AsyncScriptedTransport(answer))

    def change() -> None:
        if colour == "sync":
            client._call(PUT_PET, arguments, body={}, options={})
        else:
            asyncio.run(twin._call(PUT_PET, arguments, body={}, options={}))

    with pytest.raises(kind) as caught:
        change()
    assert type(caught.value) is kind
    assert (caught.value.status_code, caught.value.headers["ETag"]) == (status, '"now"')


def test_nothing_new_is_an_answer_where_the_operation_says_so() -> None:
    """304 among its responses: the method returns None."""
    assert call(PEEK, Answer(304), etag="a", match_condition=C.IfModified)[0] is None
    assert call(PEEK, Answer(200, json={"name": "Rex"}), etag="a", match_condition=C.IfModified)[0].name == "Rex"


def test_a_retry_keeps_the_condition() -> None:
    """A PUT that got through and whose answer was lost is told by 412, and not done twice."""
    service = ScriptedTransport(Answer(503), Answer(412))
    client = ServiceClient("https://example.test", transport=service)
    with pytest.raises(ResourceModifiedError):
        client._call(PUT_PET, {"pet_id": "7", "etag": "a", "match_condition": C.IfNotModified}, body={}, options={})
    assert [request.headers["If-Match"] for request in service.requests] == ['"a"', '"a"']


@pytest.mark.parametrize("model", [None, {}, {"etag": 7}, "text", Pet(name="Rex"), object(), [{"etag": "a"}]])
def test_what_carries_no_etag_has_none(model: object) -> None:
    """Whatever is sent as a body."""
    assert etag_of(model) is None
