"""Bodies: forms as OpenAPI's encoding object says, patches, XML and text in its charset."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.operations import (
    FORM,
    XML,
    Encoding,
    Operation,
    form_body,
    json_body,
    multipart_body,
    text_body,
    xml_body,
)
from clientsmith.core.rest import HttpRequest
from clientsmith.core.serialization import DATE, list_of, loads
from clientsmith.core.testing import Answer
from clientsmith.core.xml import Xml
from hypothesis import given
from hypothesis import strategies as st


class Pet(Model, xml=Xml("pet")):
    name: str = field("petName")
    born: datetime.date | None = field("bornOn", DATE, default=UNSET)
    tags: list[str] | None = field("tags", default=UNSET)
    id: int | None = field("id", default=UNSET, read_only=True)


def body_of(kind: Any, value: Any) -> HttpRequest:
    return Operation("POST", "/x", body=kind, responses={200: None}).request({}, value)


def content_of(kind: Any, value: Any) -> bytes:
    content = body_of(kind, value).content
    assert isinstance(content, bytes)
    return content


@pytest.mark.parametrize(
    ("encoding", "value", "expected"),
    [
        pytest.param(None, "a b&c=d+é", "f=a+b%26c%3Dd%2B%C3%A9", id="text"),
        pytest.param(None, ["a", 1, True], "f=a&f=1&f=true", id="list"),
        pytest.param(None, [], "", id="empty list"),
        pytest.param(None, None, "", id="None is left out"),
        pytest.param(None, "", "f=", id="empty text"),
        pytest.param(None, {"a": 1}, "f=%7B%22a%22%3A1%7D", id="object is JSON"),
        pytest.param(None, [{"a": 1}], "f=%7B%22a%22%3A1%7D", id="objects are JSON"),
        pytest.param(Encoding(explode=False), ["a b", "c,d"], "f=a+b,c%2Cd", id="joined"),
        pytest.param(Encoding(style="form"), {"a": 1, "b": "x y"}, "a=1&b=x+y", id="form style"),
        pytest.param(Encoding(style="deepObject"), {"a": {"b": 1}}, "f%5Ba%5D%5Bb%5D=1", id="deep object"),
        pytest.param(Encoding(style="spaceDelimited", explode=False), ["a", "b"], "f=a+b", id="space"),
        pytest.param(Encoding(style="pipeDelimited", explode=False), ["a", "b"], "f=a%7Cb", id="pipe"),
        pytest.param(Encoding(media_type="application/json"), ["a", "b"], "f=%5B%22a%22%2C%22b%22%5D", id="JSON"),
        pytest.param(Encoding(style="form", allow_reserved=True), "/a:b%20", "f=/a:b%2520", id="reserved"),
    ],
)
def test_a_form_field_is_written_as_its_encoding_says(encoding: Encoding | None, value: Any, expected: str) -> None:
    """OpenAPI 3.1, section 4.8.15.1."""
    assert content_of(form_body(None, encoding and {"f": encoding}), {"f": value}).decode() == expected


def test_a_form_may_be_a_model() -> None:
    """By its codec or by itself; what only the service sets is left out."""
    pet = Pet.from_dict({"petName": "Rex", "bornOn": "2020-01-02", "id": 1})
    expected = b"petName=Rex&bornOn=2020-01-02"
    assert content_of(form_body(), pet) == content_of(form_body(Pet), pet) == expected
    assert content_of(form_body(Pet), {"petName": "Rex"}) == b"petName=Rex"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.dictionaries(TEXTS, TEXTS | st.lists(TEXTS, max_size=3)), st.sampled_from([None, "form"]))
def test_a_form_reads_as_it_was_given(fields: dict[str, Any], style: Any) -> None:
    """By the standard library: nothing breaks out of its field."""
    content = content_of(form_body(None, {name: Encoding(style=style) for name in fields}), fields)
    expected = [
        (name, text) for name, value in fields.items() for text in (value if isinstance(value, list) else [value])
    ]
    assert parse_qsl(content.decode("ascii"), keep_blank_values=True) == expected


@pytest.mark.parametrize(
    ("codec", "value", "wire"),
    [
        pytest.param(None, Pet.from_dict({"petName": "Rex", "id": 1}), {"petName": "Rex"}, id="model"),
        pytest.param(Pet, Pet.from_dict({"petName": "Rex", "id": 1}), {"petName": "Rex"}, id="model and codec"),
        pytest.param(list_of(Pet), [Pet.from_dict({"id": 1})], [{}], id="list of models"),
        pytest.param(None, {"pets": (Pet.from_dict({"id": 1}),)}, {"pets": [{}]}, id="models inside"),
        pytest.param(Pet, {"petName": "Rex", "id": 1}, {"petName": "Rex", "id": 1}, id="mapping: as it is"),
    ],
)
def test_a_json_body_leaves_out_what_only_the_service_sets(codec: Any, value: Any, wire: Any) -> None:
    assert loads(content_of(json_body(codec), value)) == wire


@pytest.mark.parametrize("codec", [None, Pet], ids=["no codec", "codec"])
def test_a_patch_body_of_a_model_is_what_was_changed(codec: Any) -> None:
    """By the media type of the operation; what is no model is a patch already."""
    pet = Pet.from_dict({"petName": "Rex", "id": 1, "tags": ["a"], "bornOn": "2020-01-02"})
    assert pet.tags
    pet.tags.append("b")
    pet.born = None
    merge = json_body(codec, "application/merge-patch+json")
    assert loads(content_of(merge, pet)) == {"tags": ["a", "b"], "bornOn": None}
    assert loads(content_of(json_body(None, "application/json-patch+json; charset=utf-8"), pet)) == [
        {"op": "add", "path": "/tags/1", "value": "b"},
        {"op": "replace", "path": "/bornOn", "value": None},
    ]
    assert loads(content_of(json_body(None, "application/merge-patch+json"), {"a": None})) == {"a": None}


def test_xml_bodies_and_answers_are_models() -> None:
    """A mapping of wire names where a codec says which."""
    pet = Pet.from_dict({"petName": "Rex", "id": 1})
    document = b'<?xml version="1.0" encoding="utf-8"?><pet><petName>Rex</petName></pet>'
    for body in (body_of(xml_body(), pet), body_of(xml_body(Pet), {"petName": "Rex"})):
        assert body.content == document
        assert body.headers["Content-Type"] == "application/xml"
    operation: Operation[Pet] = Operation("GET", "/x", responses={200: XML(lambda: Pet)}, accept="application/xml")
    answer = Answer(200, content=document, headers={"Content-Type": "application/xml"})
    assert operation.read(answer.to(HttpRequest("GET", "/x"))) == pet.from_dict({"petName": "Rex"})


@pytest.mark.parametrize(
    ("codec", "value"),
    [(None, {"petName": "Rex II", "tags": ["a", "é"], "empty": ""}), (Pet, Pet(name="Rex II", tags=["a", "é"]))],
    ids=["plain", "model"],
)
def test_a_form_may_be_an_answer(codec: Any, value: Any) -> None:
    """Several fields of one name are a list."""
    content = b"petName=Rex+II&tags=a&tags=%C3%A9" + (b"" if codec else b"&empty=")
    operation: Operation[Any] = Operation("POST", "/x", responses={200: FORM(codec)})
    assert operation.read(Answer(200, content=content).to(HttpRequest("POST", "/x"))) == value


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("text/plain; charset=utf-8", "é".encode()),
        ("text/plain", "é".encode()),
        ('text/csv; header=present; Charset="ISO-8859-1"', b"\xe9"),
    ],
)
def test_text_is_sent_in_its_charset(media_type: str, content: bytes) -> None:
    request = body_of(text_body(media_type), "é")
    assert (request.content, request.headers["Content-Type"]) == (content, media_type)


def test_a_charset_that_does_not_exist_is_found_at_once() -> None:
    with pytest.raises(LookupError):
        text_body("text/plain; charset=klingon")


@pytest.mark.parametrize("media_type", ["application/json-patch+json", "application/merge-patch+json; charset=utf-8"])
@pytest.mark.parametrize("patch", [[{"op": "remove", "path": "/tags"}], {"tags": None}], ids=["list", "object"])
def test_what_is_a_patch_already_is_sent_as_it_is(media_type: str, patch: Any) -> None:
    """Also where the operation names the model that is patched."""
    assert loads(content_of(json_body(Pet, media_type), patch)) == patch


@pytest.mark.parametrize("kind", [form_body(), multipart_body()], ids=["form", "multipart"])
def test_fields_are_made_of_a_model_or_a_mapping(kind: Any) -> None:
    with pytest.raises(TypeError, match="made of a model or a mapping, got str"):
        kind.encode("name=Rex")
