"""XML: real documents read as models, models written as documents that others read the same, and nothing unsafe read."""

from __future__ import annotations

import datetime
import subprocess
import sys
from enum import Enum
from typing import Any
from xml.etree import ElementTree

import pytest
from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.serialization import BYTES, DATETIME, HTTP_DATE, list_of, map_of
from clientsmith.core.xml import Xml, XmlError, read_xml, write_xml
from hypothesis import given
from hypothesis import strategies as st

UTC = datetime.UTC
S3 = "http://s3.amazonaws.com/doc/2006-03-01/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


# --- documents of two well-known services ----------------------------------------------------------------------------


class Tier(str, Enum):  # noqa: UP042 - what guideline models-enum-string asks for
    HOT = "Hot"


class Properties(Model):
    created: datetime.datetime = field("Creation-Time", HTTP_DATE)
    length: int = field("Content-Length")
    md5: bytes | None = field("Content-MD5", BYTES, default=UNSET)
    tier: Tier | str | None = field("AccessTier", Tier, default=UNSET)
    inferred: bool | None = field("AccessTierInferred", default=UNSET)


class Blob(Model, xml=Xml("Blob")):
    name: str = field("Name")
    properties: Properties = field("Properties", Properties)
    metadata: dict[str, str] | None = field("Metadata", default=UNSET)


class Blobs(Model, xml=Xml("EnumerationResults")):
    endpoint: str = field("ServiceEndpoint", xml=Xml(attribute=True))
    container: str = field("ContainerName", xml=Xml(attribute=True))
    prefix: str | None = field("Prefix", default=UNSET)
    page_size: int | None = field("MaxResults", default=UNSET)
    blobs: list[Blob] = field("Blobs", list_of(Blob), xml=Xml(wrapped=True))
    next_marker: str | None = field("NextMarker", default=UNSET)


BLOBS = b"""\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>
<EnumerationResults ServiceEndpoint="https://me.blob.example/" ContainerName="c">
  <Prefix>logs/</Prefix>
  <MaxResults>2</MaxResults>
  <Blobs>
    <Blob>
      <Name>logs/a &amp; b.txt</Name>
      <Properties>
        <Creation-Time>Sun, 06 Nov 1994 08:49:37 GMT</Creation-Time>
        <Content-Length>1024</Content-Length>
        <Content-MD5>/+8=</Content-MD5>
        <AccessTier>Hot</AccessTier>
        <AccessTierInferred>true</AccessTierInferred>
        <LeaseStatus>unlocked</LeaseStatus>
      </Properties>
      <Metadata><owner>ann</owner><note /></Metadata>
    </Blob>
    <Blob>
      <Name>logs/c.txt</Name>
      <Properties><Creation-Time>Mon, 07 Nov 1994 08:49:37 GMT</Creation-Time><Content-Length>0</Content-Length></Properties>
    </Blob>
  </Blobs>
  <NextMarker />
</EnumerationResults>"""


class S3Object(Model, xml=Xml("Contents")):
    key: str = field("Key")
    changed: datetime.datetime = field("LastModified", DATETIME)
    size: int = field("Size")


class Bucket(Model, xml=Xml("ListBucketResult", namespace=S3)):
    name: str = field("Name")
    is_truncated: bool = field("IsTruncated")
    contents: list[S3Object] | None = field("Contents", list_of(S3Object), default=UNSET)


BUCKET = f"""<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="{S3}"><Name>b</Name><IsTruncated>false</IsTruncated>
<Contents><Key>a</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified><Size>5368709120</Size></Contents>
<Contents><Key>b</Key><LastModified>2009-10-12T17:50:31.000Z</LastModified><Size>7</Size></Contents>
</ListBucketResult>""".encode()


def test_a_listing_with_attributes_wrapped_lists_and_metadata() -> None:
    """The shape of Azure Storage's List Blobs."""
    page = read_xml(Blobs, BLOBS)
    assert (page.endpoint, page.container, page.prefix, page.page_size) == ("https://me.blob.example/", "c", "logs/", 2)
    assert page.next_marker == ""
    first, second = page.blobs
    assert first.name == "logs/a & b.txt"
    assert first.properties.created == datetime.datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    assert (first.properties.length, first.properties.md5, first.properties.tier) == (1024, b"\xff\xef", Tier.HOT)
    assert first.properties.inferred is True
    assert first.properties["LeaseStatus"] == "unlocked", "kept, although nobody declared it"
    assert first.metadata == {"owner": "ann", "note": ""}
    assert (second.metadata, second.properties.tier, second.properties.length) == (None, None, 0)


def test_a_listing_with_a_namespace_and_a_bare_list() -> None:
    """The shape of S3's ListObjects."""
    bucket = read_xml(Bucket, BUCKET)
    assert (bucket.name, bucket.is_truncated) == ("b", False)
    assert bucket.contents is not None
    assert [(each.key, each.size) for each in bucket.contents] == [("a", 5368709120), ("b", 7)]
    assert b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>' in write_xml(bucket)


@pytest.mark.parametrize(("kind", "content"), [(Blobs, BLOBS), (Bucket, BUCKET)], ids=["blobs", "bucket"])
def test_what_was_read_is_written_the_same(kind: Any, content: bytes) -> None:
    """As another parser sees it: elements, namespaces, attributes, text."""
    assert seen(write_xml(read_xml(kind, content))) == seen(content)
    assert read_xml(kind, write_xml(read_xml(kind, content))) == read_xml(kind, content)


def seen(content: bytes) -> Any:
    """A document as `ElementTree` reads it; without white space between elements, and the order of neighbours."""

    def of(element: ElementTree.Element) -> Any:
        text = element.text or ""
        children = [of(child) for child in element]
        return element.tag, sorted(element.attrib.items()), "" if children and not text.strip() else text, children

    return of(ElementTree.fromstring(content))


# --- places and names ------------------------------------------------------------------------------------------------


class Name(Model):
    first: str = field("first")


class Everything(Model, xml=Xml("all", namespace="urn:a", prefix="a")):
    lang: str | None = field("lang", default=UNSET, xml=Xml(attribute=True))
    kind: str | None = field("kind", default=UNSET, xml=Xml("type", attribute=True, namespace="urn:b", prefix="b"))
    count: int | None = field("n", default=UNSET, xml=Xml("count", namespace="urn:a", prefix="a"))
    ratio: float | None = field("ratio", default=UNSET)
    numbers: list[int] | None = field("numbers", default=UNSET, xml=Xml(wrapped=True, item="n"))
    words: list[str] | None = field("words", default=UNSET, xml=Xml("word"))
    names: dict[str, Name] | None = field("names", map_of(Name), default=UNSET)
    anything: Any = field("anything", default=UNSET)
    secret: str | None = field("secret", default=UNSET, read_only=True)


class Text(Model, xml=Xml("t")):
    content: int = field("content", xml=Xml(text=True))
    unit: str = field("unit", xml=Xml(attribute=True))


def test_every_place_has_its_spelling() -> None:
    """OpenAPI's XML Object: names, prefixes, attributes, wrapped lists and bare ones."""
    model = Everything(
        lang='a"<\n', kind="k", count=1, ratio=0.5, numbers=[1, 2], words=["a", "b"], names={"x": Name(first="f")}
    )
    model["secret"] = "hunter2"
    assert write_xml(model).decode() == (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<a:all xmlns:a="urn:a" lang="a&quot;&lt;&#10;" xmlns:b="urn:b" b:type="k">'
        "<a:count>1</a:count><ratio>0.5</ratio><numbers><n>1</n><n>2</n></numbers>"
        "<word>a</word><word>b</word><names><x><first>f</first></x></names></a:all>"
    )
    again = read_xml(Everything, write_xml(model))
    del model["secret"]
    assert again == model
    assert again.names
    assert again.names["x"].first == "f"


def test_an_element_may_be_its_text() -> None:
    model = read_xml(Text, b'<t unit="kg"> 5 </t>')
    assert (model.content, model.unit) == (5, "kg")
    assert write_xml(Text(content=7, unit="g")).endswith(b'<t unit="g">7</t>')


def test_null_is_nil_and_absent_is_absent() -> None:
    """XML Schema, section 2.6.2; an empty list keeps its wrapper, which tells it from none."""
    model = Everything(ratio=None, numbers=[])
    content = write_xml(model)
    assert f'<ratio xmlns:xsi="{XSI}" xsi:nil="true"/><numbers></numbers>'.encode() in content
    again = read_xml(Everything, content)
    assert again == model
    assert ("ratio" in again, again.ratio, again.numbers, again.words) == (True, None, [], None)


def test_what_nobody_declared_is_kept_and_written_back() -> None:
    """Elements, attributes and text, at any depth."""
    content = b'<t unit="kg" new="1">5<box a="b"><x>1</x><x>2</x>tail</box><empty/></t>'
    model = read_xml(Text, content)
    assert model["box"] == {"@a": "b", "x": ["1", "2"], "#text": "tail"}
    assert (model["@new"], model["empty"]) == ("1", "")
    assert read_xml(Text, write_xml(model)) == model


def test_a_value_that_does_not_fit_reads_as_it_came() -> None:
    """A client must not break because a service changed."""
    model = read_xml(
        Everything, b'<all xmlns="urn:a"><count>many</count><ratio/><numbers><n>1</n><n>x</n></numbers></all>'
    )
    assert (model.count, model.ratio, model.numbers) == ("many", "", [1, "x"])


def test_the_tag_chooses_the_class() -> None:
    class Shape(Model, tag="type", xml=Xml("shape")):
        type: str = field("type", init=False, xml=Xml(attribute=True))

    class Circle(Shape, value="circle"):
        radius: float = field("radius")

    shape = read_xml(Shape, b'<shape type="circle"><radius>1.5</radius></shape>')
    assert isinstance(shape, Circle)
    assert shape.radius == 1.5
    assert write_xml(shape).endswith(b'<shape type="circle"><radius>1.5</radius></shape>')


def test_edits_reach_the_document() -> None:
    page = read_xml(Blobs, BLOBS)
    page.blobs[0].properties.length = 5
    page.blobs.pop()
    assert b"<Content-Length>5<" in write_xml(page)
    assert write_xml(page).count(b"<Blob>") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_document_says_its_encoding(encoding: str) -> None:
    content = f'<?xml version="1.0" encoding="{encoding}"?><t unit="é">1</t>'.encode(encoding)
    assert read_xml(Text, content).unit == "é"


# --- what is refused -------------------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE t [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param('<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/passwd">]><t>&x;</t>', "has a DTD", id="file"),
        pytest.param('<!DOCTYPE t SYSTEM "http://evil.test/x.dtd"><t/>', "has a DTD", id="external DTD"),
        pytest.param(f"{LAUGHS}]><t>&i;</t>", "has a DTD", id="billion laughs"),
        pytest.param('<!DOCTYPE t [<!ENTITY % p SYSTEM "file:///x"> %p;]><t/>', "has a DTD", id="parameter entity"),
        pytest.param("<!DOCTYPE t><t/>", "has a DTD .*, which is refused", id="any DTD"),
        pytest.param("<t>&undeclared;</t>", "not well-formed XML: undefined entity", id="entity without DTD"),
        pytest.param("<a>" * 201 + "</a>" * 201, "nested more than 200 elements deep", id="deep"),
        pytest.param("<a>" * 100_000, "nested more than 200 elements deep", id="very deep"),
        pytest.param("<t>", "not well-formed XML: no element found", id="cut"),
        pytest.param("", "not well-formed XML: no element found", id="empty"),
        pytest.param('{"a": 1}', "not well-formed XML", id="JSON"),
        pytest.param("<p:t/>", "not well-formed XML: unbound prefix", id="prefix"),
        pytest.param("<u/>", "the document is <u>, wanted <t>, which Text can read", id="another root"),
        pytest.param(b'<?xml version="1.0" encoding="klingon"?><t/>', "encoding", id="unknown encoding"),
        pytest.param(b"<t>\xff</t>", "not well-formed XML", id="no UTF-8"),
    ],
)
def test_what_is_not_safe_or_not_xml_is_refused(content: str | bytes, message: str) -> None:
    """CWE-611, CWE-776 and the rest; an error that is a ValueError, so that operations report it as theirs."""
    with pytest.raises(XmlError, match=message) as caught:
        read_xml(Text, content)
    assert isinstance(caught.value, ValueError)


def test_another_namespace_is_another_document() -> None:
    with pytest.raises(XmlError, match="is in the namespace 'urn:other', wanted"):
        read_xml(Bucket, b'<ListBucketResult xmlns="urn:other"/>')


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        pytest.param(Text(content=1, unit="a\0"), ValueError, r"cannot hold the character U\+0000", id="NUL"),
        pytest.param(Text(content=1, unit="\ufffe"), ValueError, r"U\+FFFE", id="no character"),
        pytest.param(Text.from_dict({"a b": 1}), ValueError, "'a b' is no name of an element", id="name"),
        pytest.param(Text.from_dict({"a><b": 1}), ValueError, "is no name of an element", id="a name that breaks out"),
        pytest.param(Text.from_dict({"@a='": 1}), ValueError, "is no name of an element or attribute", id="attribute"),
        pytest.param(
            Text.from_dict({"unit": {"a": 1}}), TypeError, "a dict has no form in XML where a text", id="dict"
        ),
        pytest.param({"a": 1}, TypeError, "wanted a model, got dict", id="no model"),
    ],
)
def test_what_xml_cannot_hold_is_refused(model: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        write_xml(model)


def test_only_models_are_roots() -> None:
    with pytest.raises(TypeError, match="is no model; the root of a document is read as one"):
        read_xml(list_of(Text), b"<t/>")


# --- properties ------------------------------------------------------------------------------------------------------

# Every character that XML 1.0 has: the others cannot be sent at all.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))))  # fmt: skip


@st.composite
def models(draw: st.DrawFn) -> Everything:
    def maybe(values: st.SearchStrategy[Any]) -> Any:
        return draw(st.just(UNSET) | st.none() | values)

    return Everything(
        lang=draw(st.just(UNSET) | TEXTS),
        kind=draw(st.just(UNSET) | TEXTS),
        count=maybe(st.integers()),
        ratio=maybe(st.floats(allow_nan=False, allow_infinity=False)),
        numbers=maybe(st.lists(st.integers() | st.none())),
        words=draw(st.just(UNSET) | st.lists(TEXTS, min_size=1)),
        names=maybe(st.dictionaries(st.sampled_from(["a", "b", "ü-1"]), st.builds(Name, first=TEXTS), min_size=1)),
    )


@given(models())
def test_what_is_written_reads_the_same(model: Everything) -> None:
    """Any text, number, null and absence."""
    content = write_xml(model)
    again = read_xml(Everything, content)
    assert again == model
    assert write_xml(again) == content


@given(TEXTS, TEXTS)
def test_texts_and_attributes_mean_the_same_to_others(text: str, attribute: str) -> None:
    """`ElementTree` reads what was given; nothing breaks out of its place."""
    root = ElementTree.fromstring(write_xml(Everything(lang=attribute, words=[text])))
    assert root.attrib == {"lang": attribute}
    assert [(child.tag, child.text or "") for child in root] == [("word", text)]


def test_nobody_pays_for_xml_who_does_not_use_it() -> None:
    """Declaring fields loads no parser."""
    script = (
        "import sys; from clientsmith.core.models import Model, field; from clientsmith.core.xml import Xml\n"
        "class A(Model, xml=Xml('a')): x: str = field('x', xml=Xml(attribute=True))\n"
        "print(*[name for name in sys.modules if 'expat' in name or name.startswith('clientsmith.core._xml')])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "\n"


class Renamed(Model):
    name: str = field("name", xml=Xml("Name"), default=UNSET)
    size: int | None = field("size", default=UNSET)


def test_text_that_nobody_asked_for_is_kept() -> None:
    model = read_xml(Renamed, "<Renamed>hello<Name>x</Name></Renamed>")
    assert model["#text"] == "hello"
    assert b"<Renamed>hello<Name>x</Name></Renamed>" in write_xml(model)


def test_an_unknown_element_is_not_taken_for_a_field_that_has_its_name_in_json() -> None:
    assert read_xml(Renamed, "<Renamed><name>x</name></Renamed>").name is None


def test_numbers_as_only_python_spells_them_stay_text() -> None:
    assert read_xml(Renamed, "<Renamed><size>1_0</size></Renamed>")["size"] == "1_0"


@pytest.mark.parametrize("encoding", ["utf-7", "utf-32", "rot13", "hex", "nowhere"])
def test_an_encoding_that_cannot_be_read_is_told(encoding: str) -> None:
    with pytest.raises(XmlError, match="XML"):
        read_xml(Renamed, f'<?xml version="1.0" encoding="{encoding}"?><Renamed/>'.encode())
