"""Bodies in XML: what came is read, and goes back as it came."""

from __future__ import annotations

from typing import Any

from ..case import Area, check

xml = Area("xml-service")


def is_text(value: Any) -> bool:
    """A list that is the whole document has no name for its items that a model would know: it is given as text."""
    return isinstance(value, str)


def round_trip(get: str, put: str, operation: str, right: Any = lambda _value: True, put_operation: str = "") -> None:
    @xml.script(get)
    async def read(client: Any, _server: Any) -> None:
        check(bool(right(await client.call(f"xml_get{operation}"))), True)

    @xml.script(put)
    async def write(client: Any, _server: Any) -> None:
        value = await client.call(f"xml_get{operation}")
        await client.call(f"xml_put{put_operation or operation}", value)


round_trip(
    "GetSimpleXML",
    "PutSimpleXML",
    "Simple",
    lambda it: it.title == "Sample Slide Show" and it.slides[1].items[0] == "Why WonderWidgets are great",
)
round_trip("GetWrappedXMLList", "PutWrappedXMLList", "WrappedLists", lambda it: it.good_apples == ["Fuji", "Gala"])
round_trip("GetEmptyWrappedXMLList", "PutEmptyWrappedXMLList", "EmptyWrappedLists", lambda it: it.good_apples == [])
round_trip("GetXMLListAtRoot", "PutXMLListAtRoot", "RootList", is_text)
round_trip("GetXMLListAtRootSingle", "PutXMLListAtRootSingle", "RootListSingleItem", is_text)
round_trip("GetEmptyXMLListAtRoot", "PutEmptyXMLListAtRoot", "EmptyRootList", is_text)
round_trip(
    "GetXMLEmptyNode", "PutXMLEmptyNode", "EmptyChildElement", lambda it: it.name == "Unknown Banana" and not it.flavor
)
round_trip(
    "GetRootWithRefAndNoMetaXML",
    "PutRootWithRefAndNoMetaXML",
    "ComplexTypeRefNoMeta",
    lambda it: it.ref_to_model.id == "myid",
)
round_trip(
    "GetRootWithRefAndMetaXML",
    "PutRootWithRefAndMetaXML",
    "ComplexTypeRefWithMeta",
    lambda it: it.ref_to_model.id == "myid",
)
round_trip(
    "StorageGetServicePropertiesXML",
    "StoragePutServicePropertiesXML",
    "ServiceProperties",
    lambda it: it.logging.retention_policy.days == 7,
)
round_trip("StorageGetContainerACLXML", "StoragePutContainerACLXML", "Acls", is_text)
round_trip("XmlGetBytes", "XmlPutBytes", "Bytes", lambda it: it.bytes_ == b"Hello world", "Binary")
round_trip("XmlGetUrl", "XmlPutUrl", "Uri", lambda it: it.url == "https://myaccount.blob.core.windows.net/")
xml.call("GetEmptyXMLList", "xml_getEmptyList")
xml.call("PutEmptyXMLList", "xml_putEmptyList", {})
xml.call(
    "StorageListContainersXML",
    "xml_listContainers",
    gives=lambda it: [one.name for one in it.containers] == ["audio", "images", "textfiles"],
)
xml.call("StorageListBlobsXML", "xml_listBlobs")
xml.call("jsonInputInXMLSwagger", "xml_jsonInput", {"id": 42})
xml.call("jsonOutputInXMLSwagger", "xml_jsonOutput", gives=lambda it: it.id == 42)
xml.call("GetWithXMsText", "xml_GetXMsText", gives=lambda it: it.language == "english" and it.content == "I am text")

AREAS = (xml,)
