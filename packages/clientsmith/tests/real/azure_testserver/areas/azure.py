"""What Azure's extensions say: versions, subscriptions, hosts that are templates, parameters in groups, request ids."""

from __future__ import annotations

from typing import Any

from clientsmith.core.credentials import KeyCredential
from clientsmith.core.errors import HttpResponseError

from ..case import Area, check

REQUEST_ID = "9C4D50EE-2D56-4CD3-8152-34347DC9F2B0"
SUBSCRIPTION = "1234-5678-9012-3456"

specials = Area("azure-special-properties", lambda: {"request_id_header": "x-ms-client-request-id"})
for scenario, operation in {
    "AzureSubscriptionMethodLocalValid": "subscriptionInMethod_postMethodLocalValid",
    "AzureSubscriptionPathLocalValid": "subscriptionInMethod_postPathLocalValid",
    "AzureSubscriptionSwaggerLocalValid": "subscriptionInMethod_postSwaggerLocalValid",
    "AzureSubscriptionMethodGlobalValid": "subscriptionInCredentials_postMethodGlobalValid",
    "AzureSubscriptionMethodGlobalNotProvidedValid": "subscriptionInCredentials_postMethodGlobalNotProvidedValid",
    "AzureSubscriptionPathGlobalValid": "subscriptionInCredentials_postPathGlobalValid",
    "AzureSubscriptionSwaggerGlobalValid": "subscriptionInCredentials_postSwaggerGlobalValid",
}.items():
    specials.call(scenario, operation, SUBSCRIPTION)
for scenario, operation in {
    "AzureApiVersionMethodGlobalValid": "apiVersionDefault_getMethodGlobalValid",
    "AzureApiVersionMethodGlobalNotProvidedValid": "apiVersionDefault_getMethodGlobalNotProvidedValid",
    "AzureApiVersionPathGlobalValid": "apiVersionDefault_getPathGlobalValid",
    "AzureApiVersionSwaggerGlobalValid": "apiVersionDefault_getSwaggerGlobalValid",
}.items():
    specials.call(scenario, operation)
for part in ("Method", "Path", "Swagger"):
    # Of the third the document allows one value only, so nobody has to give it.
    steps = [] if part == "Swagger" else ["path1/path2/path3"]
    specials.call(f"Azure{part}PathUrlEncoding", f"skipUrlEncoding_get{part}PathValid", *steps)
    specials.call(
        f"Azure{part}QueryUrlEncoding",
        f"skipUrlEncoding_get{part}QueryValid",
        q1="value1&q2=value2&q3=value3",
        differs="what is given for one query parameter never becomes two",
    )
specials.call("AzureMethodQueryUrlEncodingNull", "skipUrlEncoding_getMethodQueryNull")
specials.call("AzureODataFilter", "odata_getWithFilter", filter="id gt 5 and name eq 'foo'", top=10, orderby="id")
specials.call("AzureXmsRequestClientOverwrite", "x-ms-client-request-id_Get", client_request_id=REQUEST_ID)
specials.call(
    "AzureRequestClientIdInError", "x-ms-client-request-id_Get", client_request_id="wrong", raises=HttpResponseError
)
specials.call("AzureXmsCustomNamedRequestId", "header_customNamedRequestId", foo_client_request_id=REQUEST_ID)
specials.call(
    "AzureXmsCustomNamedRequestIdParameterGroup",
    "header_customNamedRequestIdParamGrouping",
    foo_client_request_id=REQUEST_ID,
)

# Each of them takes one version alone, which is not the client's: they say it by themselves.
for scenario, operation in {
    "AzureApiVersionMethodLocalValid": "apiVersionLocal_getMethodLocalValid",
    "AzureApiVersionPathLocalValid": "apiVersionLocal_getPathLocalValid",
    "AzureApiVersionSwaggerLocalValid": "apiVersionLocal_getSwaggerLocalValid",
}.items():
    specials.call(scenario, operation)

specials.call(
    "AzureXmsRequestClientOverwriteViaParameter", "x-ms-client-request-id_ParamGet", client_request_id=REQUEST_ID
)

plain = Area("azure-special-properties", lambda: {"request_id_header": "X-Request-ID"})
plain.call("AzureXmsRequestClientIdNull", "x-ms-client-request-id_Get")

groups = Area("azure-parameter-grouping")
groups.call(
    "postParameterGroupingRequiredParameters",
    "parameterGrouping_postRequired",
    "path",
    1234,
    query=21,
    custom_header="header",
)
groups.call(
    "postParameterGroupingOptionalParameters", "parameterGrouping_postOptional", query=21, custom_header="header"
)
groups.call(
    "postParameterGroupingMultipleParameterGroups",
    "parameterGrouping_postMultiParamGroups",
    header_one="header",
    query_one=21,
)
groups.call(
    "postParameterGroupingSharedParameterGroupObject",
    "parameterGrouping_postSharedParameterGroupObject",
    header_one="header",
    query_one=21,
)
groups.call("PostParameterGroupingWithReservedWords", "parameterGrouping_postReservedWords", from_="bob", accept="yes")
groups.call(
    "PutParameterGroupingConstant",
    "parameterGrouping_groupWithConstant",
    grouped_constant="foo",
    grouped_parameter="bar",
)

resources = Area("subscriptionId-apiVersion")
resources.call(
    "SubscriptionIdAndApiVersion",
    "group_getSampleResourceGroup",
    "sub",
    "testgroup101",
    gives={"name": "testgroup101", "location": "West US"},
)

hosts = Area("custom-baseUrl")
hosts.call("CustomBaseUri", "paths_getEmpty")
more_hosts = Area("custom-baseUrl-more-options")
more_hosts.call("CustomBaseUriMoreOptions", "paths_getEmpty", "test12", "key1", key_version="v1")
endpoint = Area("parameterized-endpoint")
endpoint.call("GetParameterizedHostWithNameEndpoint", "get")

key = Area("security-key", lambda: {"credential": KeyCredential("123456789")})
key.call("SecurityKey", "head", gives=True)
aad = Area(
    "security-aad", lambda: {"credential": KeyCredential("https://security.microsoft.com/.default"), "allow_http": True}
)
aad.call("SecurityAad", "head", gives=True)

media = Area("media_types")


@media.script("MediaTypeJson", "MediaTypePdf")
async def one_method_for_both(client: Any, _server: Any) -> None:
    check(await client.call("AnalyzeBody", {"source": "foo"}), "Nice job with JSON")
    check(await client.call("AnalyzeBody", b"PDF", content_type="application/pdf"), "Nice job with PDF")


media.call("MediaTypesAnalyzeBodyNoAcceptHeader", "AnalyzeBodyNoAcceptHeader", {"source": "foo"})
media.call("MediaTypesTwoContentTypes", "binaryBodyWithTwoContentTypes", b'{"hello": "world"}')
media.call("MediaTypesThreeContentTypes", "binaryBodyWithThreeContentTypes", b'{"hello": "world"}')
media.call("MediaTypesThreeBodyTypes", "bodyThreeTypes", {"hello": "world"})
media.call(
    "MediaTypeWithEncoding",
    "contentTypeWithEncoding",
    "input",
    differs="utf-8 goes without saying, and charsets have no upper and lower case (RFC 9110, section 8.3.2)",
)

patches = Area("merge-patch")
patches.call(
    "PassMergePatchObject",
    "patchSingle",
    {"foo": "bar"},
    differs="the server wants 14 bytes, our JSON has no space in it: 13",
)

words = Area("reserved-words")
words.call("reservedWordsOperationGroupImport", "import_operationOne", parameter1="foo")
words.call("reservedWordsBodyNamedContent", "operationWithContentParam", b"hello, world")
words.call("reservedWordsBodyNamedJson", "operationWithJsonParam", {"hello": "world"})
words.call("reservedWordsBodyNamedData", "operationWithDataParam", data="hello", world="world")
words.call("reservedWordsBodyNamedFiles", "operationWithFilesParam", files=b"hello", file_name="my.txt")
words.call(
    "reservedWordsUrlHeaderQuery", "operationWithUrl", "foo", header_parameters="x", query_parameters=["one", "two"]
)
words.call("reservedWordsHeaderEnum", "reservedEnum", enum_parameter="import")

constants = Area("constants")
constants.call("ConstantClientProperties", "contants_putClientConstants")
client_enum = Area("client-enum")
client_enum.call("ClientWithEnumParam", "head", ms_enum="single")

validation = Area("validation")
validation.call("ConstantsInPath", "getWithConstantInPath")
validation.call(
    "ConstantsInBody",
    "postWithConstantInBody",
    "constant",
    {
        "constString": "constant",
        "constInt": 0,
        "child": {"constProperty": "constant"},
        "constChild": {"constProperty": "constant", "constProperty2": "constant2"},
    },
)

AREAS = (
    specials, plain, groups, resources, hosts, more_hosts, endpoint, key, aad, media, patches, words, constants,
    client_enum, validation,
)  # fmt: skip
