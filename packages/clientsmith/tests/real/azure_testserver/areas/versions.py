"""Several versions of one service, each with a client of its own, and a service that grows without breaking one."""

from __future__ import annotations

from typing import Any

from ..case import Area, check

one, two, three = Area("multiapi-v1"), Area("multiapi-v2"), Area("multiapi-v3")
one.call("MultiapiPutTestOneApiVersionOne", "testOne", id=1, message="This is from api version One")
two.call(
    "MultiapiPutTestOneApiVersionTwo",
    "testOne",
    id=1,
    message="x",
    gives=lambda model: model.id == 1 or model.id == "1",
)
one.call("MultiapiGetTestTwoApiVersionOne", "OperationGroupOne_testTwo")
two.call("MultiapiGetTestTwoApiVersionTwo", "OperationGroupOne_testTwo", {"id": 1, "message": "x"})
three.call("MultiapiGetTestTwoApiVersionThree", "OperationGroupOne_testTwo", {"optionalProperty": "x"})
two.call("MultiapiPutTestThreeApiVersionTwo", "OperationGroupOne_testThree")
two.call("MultiapiPostTestFourApiVersionTwo", "OperationGroupTwo_testFour", parameter_one=True)
three.call("MultiapiPostTestFourApiVersionThreeJSON", "OperationGroupTwo_testFour", {"source": "foo"})
three.call("MultiapiPutTestFiveApiVersionThree", "OperationGroupTwo_testFive")
one.call("MultiapiLRO", "testLRO", {}, gives=lambda product: str(product.id) == "100")
three.call(
    "MultiapiPaging", "testPaging", gives=lambda items: [item.optional_property for item in items] == ["paged", "paged"]
)
three.call(
    "MultiapiOperationGroupPaging", "OperationGroupOne_testOperationGroupPaging", gives=lambda items: len(items) == 2
)
one.call("MultiapiLROAndPaging", "testLROAndPaging")
host_one = Area("multiapi-v1-custom-base-url", endpoint="/multiapiCustomBaseUrl/v1")
host_one.call("MultiapiCustomBaseUrlApiVersionOne", "test", id=1)
host_two = Area("multiapi-v2-custom-base-url", endpoint="/multiapiCustomBaseUrl/v2")
host_two.call("MultiapiCustomBaseUrlApiVersionTwo", "test", id=2)

first, grown = Area("dpg-initial"), Area("dpg-update1")
first.call("DPGAddOptionalInput_NoParams", "params_headNoParams", gives=True)
first.call("DPGAddOptionalInput", "params_getRequired", parameter="foo")
first.call(
    "DPGAddOptionalInput_RequiredOptionalParam",
    "params_putRequiredOptional",
    required_param="foo",
    optional_param="bar",
)
first.call("DPGAddOptionalInput_OptionalParam", "params_getOptional", optional_param="bar")
first.call("DPGNewBodyType.JSON", "params_postParameters", {"url": "http://example.org/myimage.jpeg"})
grown.call("DPGAddNewOperation", "params_deleteParameters")
grown.call("DPGAddNewPath", "params_getNewOperation")


@grown.script("DPGNewBodyType.JPEG")
async def a_new_body_type(client: Any, _server: Any) -> None:
    await client.call("params_postParameters", b"jpeg", content_type="image/jpeg")


custom = Area("dpg-customization")
custom.call("GetRawModel", "getModel", "raw", gives={"received": "raw"})
custom.call("GetHandwrittenModel", "getModel", "model", gives={"received": "model"})
custom.call("PostRawModel", "postModel", "raw", {"hello": "world!"})
custom.call("PostHandwrittenModel", "postModel", "model", {"hello": "world!"})
custom.call("GetRawPages", "getPages", "raw", gives=lambda items: [item.received for item in items] == ["raw", "raw"])
custom.call("GetHandwrittenModelPages", "getPages", "model", gives=lambda items: len(items) == 2)
custom.call("RawLRO", "lro", "raw", gives=lambda it: it["received"] == "raw")
custom.call("HandwrittenModelLRO", "lro", "model", gives=lambda it: it["received"] == "model")


@custom.script("DPGGlassBreaker")
async def what_no_document_describes(client: Any, _server: Any) -> None:
    """An operation that the client knows nothing of is called all the same."""
    from clientsmith.core.rest import HttpRequest
    from driving import finished

    check(
        (await finished(client.client.send_request(HttpRequest("GET", "/servicedriven/glassbreaker")))).status_code, 200
    )


AREAS = (one, two, three, host_one, host_two, first, grown, custom)
