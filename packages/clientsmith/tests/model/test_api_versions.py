"""The scheme of an API's versions, and the versions of its operations, from evidence and from the configuration."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest
from clientsmith.cli.planning.decisions import change_of_version
from clientsmith.configuration import Configuration, Source, read_settings
from clientsmith.core.versioning import VersionFormat
from clientsmith.findings import Finding
from clientsmith.model.ir import Api, Location, VersionScheme
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import read_document
from clientsmith.openapi.source import Source as Document

TEXT = {"type": "string"}
OK = {"200": {"description": "It."}}


def document(
    *parameters: dict[str, Any],
    path: str = "/x",
    version: str = "1.0",
    server: Any = "https://example.com",
    responses: Any = OK,
    operation: Any = None,
    **root: Any,
) -> dict[str, Any]:
    """Return a document of one operation."""
    get = {"operationId": "getX", "parameters": list(parameters), "responses": responses, **(operation or {})}
    info = {"title": "Test", "version": version} | root.pop("info", {})
    servers = [{"url": server} if isinstance(server, str) else server]
    return {"openapi": "3.1.0", "info": info, "servers": servers, "paths": {path: {"get": get}}, **root}


def modelled(root: dict[str, Any], **settings: Any) -> tuple[Api, list[Finding]]:
    """Return the API of a document as it is configured, and every finding of a warning or more."""
    configuration, mistakes = read_settings(settings, Source(file="clientsmith.toml")) if settings else (None, [])
    read, found = read_document(Document("test", data=root))
    api, _resolver, noticed = model(read, configuration or Configuration())
    return api, [one for one in (*mistakes, *found, *noticed) if one.severity.value != "note"]


def parameter(name: str, place: str, schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": schema, **more}


def saying(*headers: str, media_type: str = "application/json", schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    """Return responses whose answers have these header fields."""
    described = {name: {"schema": schema, **more} for name in headers}
    return {"200": {"description": "", "headers": described, "content": {media_type: {"schema": {"type": "object"}}}}}


OLDEST: dict[str, Any] = {"x-openstack": {"min-ver": "1.1"}}
DATES = {"enum": ["2025-06-01", "2026-01-31", "2026-04-01-preview"]}
STAGE = {
    "url": "https://example.com/{version}",
    "variables": {"version": {"default": "v2", "enum": ["v1", "v2"]}, "region": {"default": "eu"}},
}


@pytest.mark.parametrize(
    ("root", "scheme", "said"),
    [
        pytest.param(document(), "header", {"wire_name": "API-Version", "default": "1.0"}, id="nothing is said"),
        pytest.param(
            document(parameter("api-version", "query", DATES)), "date-query",
            {"wire_name": "api-version", "default": "2026-01-31", "versions": tuple(DATES["enum"])},
            id="dates in the query: the newest final one of a closed list",
        ),
        pytest.param(
            document(parameter("api-version", "query"), version="2026-02-01"), "date-query",
            {"default": "2026-02-01", "versions": ()}, id="a query parameter without values: the document's own date",
        ),
        pytest.param(
            document(parameter("api-version", "query", {**TEXT, "default": "2020-01-01"})), "date-query",
            {"default": "2020-01-01"}, id="a date by default",
        ),
        pytest.param(
            document(parameter("api_version", "query", {**TEXT, "enum": ["1", "10", "9"]})), "query",
            {"wire_name": "api_version", "default": "10"}, id="numbers in the query: 10 is newer than 9",
        ),
        pytest.param(
            document(parameter("api-version", "query", {**TEXT, "enum": ["2025-07-01", "7.4", "7.3"]})), "query",
            {"default": "2025-07-01"}, id="numbers, then dates",
        ),
        pytest.param(
            document(parameter("trakt-api-version", "header", example=2)), "header", {"default": "2"}, id="an example",
        ),
        pytest.param(
            document(parameter("Notion-Version", "header", examples={"now": {"value": "2022-06-28"}})), "date-header",
            {"default": "2022-06-28"}, id="the example of a date",
        ),
        pytest.param(
            document(parameter("OpenStack-API-Version", "header", {**TEXT, "examples": ["compute 2.104"]})),
            "microversion", {"default": "2.104"}, id="OpenStack: the example of the schema",
        ),
        pytest.param(
            document(parameter("X-GitHub-Api-Version", "header", {"const": "2022-11-28"})), "date-header",
            {"default": "2022-11-28", "echo": ""}, id="a date in a header",
        ),
        pytest.param(
            document(parameter("x-ms-version", "header"), version="2026-10-06", responses=saying("x-ms-version")),
            "date-header", {"default": "2026-10-06", "echo": "x-ms-version"},
            id="a vendor's header, which answers repeat",
        ),
        pytest.param(
            document(parameter("Acme-Version", "header", {"const": "2026-10-06"})), "date-header",
            {"wire_name": "Acme-Version"}, id="any header of a version that is a date",
        ),
        pytest.param(
            document(parameter("If-Version", "header", {"const": "7"})), "header", {"wire_name": "API-Version"},
            id="a header of another version",
        ),
        pytest.param(
            document(parameter(
                "x-acme-api-version", "header", {"const": "0.8.3"}, description="The server has a minimum."
            )), "semver", {"default": "0.8.3"}, id="a semantic version, and a floor",
        ),
        pytest.param(
            document(parameter("OpenStack-API-Version", "header", {**TEXT, "default": "compute 2.104"})),
            "microversion", {"default": "2.104", "oldest": "2.0", "service_type": "compute", "older_headers": ()},
            id="OpenStack: the type in the header",
        ),
        pytest.param(
            document(
                parameter("X-OpenStack-Ironic-API-Version", "header"), version="1.115",
                **OLDEST,
            ),
            "microversion",
            {"default": "1.115", "oldest": "1.1", "service_type": "baremetal",
             "older_headers": ("X-OpenStack-Ironic-API-Version",)},
            id="OpenStack: a service's own header",
        ),
        pytest.param(
            document(
                version="1.39", info={"title": "OpenStack Placement API"},
                operation={"description": "**Available as of microversion 1.13.**"},
            ),
            "microversion", {"default": "1.39", "service_type": "placement"}, id="OpenStack: by its words",
        ),
        pytest.param(
            document(version="2.16", info={"title": "OpenStack Image API"}, path="/v2/x"), "path",
            {"default": "v2"}, id="OpenStack: a service without microversions",
        ),
        pytest.param(
            document(path="/v2/x", responses=saying("X-API-Version", schema={"const": "v2"})), "path",
            {"wire_name": "{}", "default": "v2", "written": "v2", "echo": "X-API-Version"}, id="path, and a header",
        ),
        pytest.param(
            document(path="/v2/x", responses=saying("X-API-Version", example=2)), "path",
            {"default": "v2", "echo": "X-API-Version"}, id="path, and a header by its example",
        ),
        pytest.param(
            document(path="/v2/x", responses=saying("X-API-Version")), "path", {"echo": ""},
            id="path, and a header of which nobody knows what it says",
        ),
        pytest.param(
            document(path="/v2/x", responses=saying("X-API-Version", example="3.12.0")), "path", {"echo": ""},
            id="path, and a header that says another version",
        ),
        pytest.param(
            document(path="/v2/x", responses=saying("X-API-Version", schema={"enum": ["v2", "v3"]})), "path",
            {"echo": ""}, id="path, and a header that says several",
        ),
        pytest.param(
            document(path="/api/v1beta2/x"), "path", {"wire_name": "api/{}", "default": "v1beta2"},
            id="path behind another segment",
        ),
        pytest.param(
            document(path="/v1:search"), "path", {"wire_name": "{}", "default": "v1"}, id="path, and a method at once",
        ),
        pytest.param(
            document(server="https://example.com/2.0/"), "path", {"default": "2.0", "written": "2.0"},
            id="end of the server's URL",
        ),
        pytest.param(
            document(server="https://[example/v2?x=/v3"), "path", {"default": "v2"}, id="end of what is no URL",
        ),
        pytest.param(
            document(server=STAGE), "path", {"default": "v2", "variable": "version", "written": ""},
            id="variable of the server's URL",
        ),
        pytest.param(
            document(server={**STAGE, "variables": {"version": {"default": "latest"}}}), "header", {"variable": ""},
            id="a variable that is no version",
        ),
        pytest.param(
            document(responses=saying(media_type="application/vnd.acme.v3+json")), "media-type",
            {"wire_name": "application/vnd.acme.{}+json", "default": "v3"}, id="media type",
        ),
        pytest.param(
            document(server={"url": "https://{version}.example.com/conversion", "variables": STAGE["variables"]}),
            "header", {"variable": ""}, id="a variable of the host",
        ),
        pytest.param(
            document(responses={
                "200": saying(media_type="application/vnd.acme.v3+json")["200"],
                "201": saying(media_type="application/vnd.acme.v3+json")["200"],
                "202": saying(media_type="application/json; charset=UTF-8")["200"],
            }), "header", {"wire_name": "API-Version"}, id="media type, and an answer that is plain JSON",
        ),
        pytest.param(
            document(responses=saying("X-API-Version")), "header", {"wire_name": "X-API-Version", "default": "1.0"},
            id="response header",
        ),
        pytest.param(
            document(responses=saying("Api-Version"), version="2026-01-31"), "date-header",
            {"wire_name": "Api-Version", "echo": ""}, id="response header, and a date: no answer is held to it",
        ),
        pytest.param(
            document(parameter("api-version", "query", example="2018-06-01"), version="2019-01-01"), "date-query",
            {"default": "2019-01-01", "versions": ()}, id="an example that is older than the document",
        ),
        pytest.param(
            document(parameter("Acme-Version", "header", example="2018-06-01"), version="2019-01-01"), "date-header",
            {"default": "2019-01-01"}, id="an example in a header that is older than the document",
        ),
        pytest.param(
            document(parameter("x-api-version", "header", example="{{VERSION}}")), "header", {"default": "1.0"},
            id="an example that stands for a version",
        ),
    ],
)  # fmt: skip
def test_the_scheme_is_chosen_by_evidence(root: dict[str, Any], scheme: str, said: dict[str, Any]) -> None:
    """No method has a parameter for it any more, and the plan says why."""
    api, findings = modelled(root)
    found = api.api_version
    assert found.scheme == VersionScheme(scheme)
    assert {name: getattr(found, name) for name in said} == said
    assert [one.wire_name for one in api.operations[0].parameters if one.wire_name == found.wire_name] == []
    assert found.evidence
    assert findings == []


@pytest.mark.parametrize(
    "root",
    [
        pytest.param(document(parameter("api-version", "query", DATES)), id="dates"),
        pytest.param(document(path="/api/v2/x", responses=saying("X-API-Version", schema={"const": "v2"})), id="path"),
        pytest.param(document(server=STAGE), id="variable"),
        pytest.param(document(responses=saying(media_type="application/vnd.acme.v3+json")), id="media type"),
        pytest.param(
            document(parameter("X-OpenStack-Ironic-API-Version", "header"), version="1.115"), id="microversion"
        ),
        pytest.param(document(), id="nothing is said"),
    ],
)
def test_the_line_of_the_plan_says_what_was_found(root: dict[str, Any]) -> None:
    """Taken over as it is, it changes nothing."""
    found = modelled(root)[0].api_version
    settings = tomllib.loads(change_of_version(found).line)
    api, findings = modelled(root, **settings)
    assert findings == []
    assert replace(api.api_version, evidence=found.evidence) == found


@pytest.mark.parametrize(
    "version",
    [
        pytest.param("", id="nothing"),
        pytest.param("1\r\nX-Evil: 1", id="a header of its own"),
        pytest.param("1\u200b", id="invisible"),
        pytest.param("eins und zwölf", id="no ASCII"),
        pytest.param("9" * 5000, id="endless"),
    ],
)
def test_a_version_that_cannot_be_sent_is_none(version: str) -> None:
    """The client sends none then, unless the caller says one."""
    assert modelled(document(version=version))[0].api_version.default == ""
    root = document(parameter("api-version", "query", {"enum": [version, version + "x"]}), version=version)
    assert modelled(root)[0].api_version.default in ("", "x")


def test_two_versions_in_the_paths_are_none_of_the_client() -> None:
    root = document(path="/v1/x")
    root["paths"]["/v2/y"] = {"get": {"responses": OK}}
    assert modelled(root)[0].api_version.scheme is VersionScheme.HEADER


@pytest.mark.parametrize(
    ("name", "place", "scheme"),
    [
        pytest.param("Acme-Feature-Version", "header", "header", id="a header that may be about anything"),
        pytest.param("api-version", "query", "header", id="a query parameter"),
        pytest.param("X-Acme-Api-Version", "header", "header", id="a header: the others may have gone on"),
        pytest.param("x-ms-version", "header", "date-header", id="a vendor's header: for all"),
    ],
)
def test_what_few_operations_have_is_theirs(name: str, place: str, scheme: str) -> None:
    root = document(parameter(name, place, {"const": "2026-10-06"}))
    root["paths"] |= {f"/{number}": {"get": {"responses": OK}} for number in range(3)}
    api, _ = modelled(root)
    assert api.api_version.scheme == VersionScheme(scheme)
    assert bool(api.operations[0].parameters) is (scheme == "header")


@pytest.mark.parametrize(
    ("place", "required", "uses", "scheme"),
    [
        pytest.param("query", False, 2, "header", id="a query parameter of half of them"),
        pytest.param("query", False, 3, "date-query", id="a query parameter of most"),
        pytest.param("query", True, 1, "date-query", id="a query parameter that has to be given"),
        pytest.param("header", False, 1, "date-header", id="a header, which the others overlook"),
    ],
)
def test_what_operations_share_is_of_those_that_would_take_it(
    place: str, required: bool, uses: int, scheme: str
) -> None:
    """Four operations, some of which refer to one parameter."""
    shared = parameter("api-version", place, {"const": "2026-10-06"}) | {"required": required}
    root = document(components={"parameters": {"V": shared}})
    said = {"parameters": [{"$ref": "#/components/parameters/V"}], "responses": OK}
    root["paths"] = {f"/{number}": {"get": said if number < uses else {"responses": OK}} for number in range(4)}
    assert modelled(root)[0].api_version.scheme == VersionScheme(scheme)


def test_a_variable_of_the_server_that_is_the_version_is_no_argument_of_its_own() -> None:
    server = {**STAGE, "url": "https://{region}.example.com/{version}"}
    api, _ = modelled(document(server=server))
    assert [one.wire_name for one in api.variables] == ["region"]


# --- operations ------------------------------------------------------------------------------------------------------


MICROVERSIONS = parameter("OpenStack-API-Version", "header", {**TEXT, "default": "compute 2.104"})


@pytest.mark.parametrize(
    ("operation", "since", "until"),
    [
        pytest.param(
            {"x-openstack": {"min-ver": "2.72", "max-ver": "2.90"}}, "2.72", "2.90", id="OpenStack's extension"
        ),
        pytest.param({"x-clientsmith-since": "2.72"}, "2.72", "", id="our extension"),
        pytest.param(
            {"x-clientsmith-until": "2.35", "x-openstack": {"min-ver": "2.1"}},
            "",
            "2.35",
            id="ours wins over OpenStack's",
        ),
        pytest.param({"description": "Text.\n\n**Available as of microversion 2.13.**"}, "2.13", "", id="a line"),
        pytest.param({"description": "New in version 2.13"}, "2.13", "", id="another line"),
        pytest.param({"description": "The field x is new in version 2.13"}, "", "", id="a part of a sentence"),
        pytest.param({"x-openstack": {"action-name": "set"}}, "", "", id="something else"),
    ],
)
def test_an_operation_knows_the_versions_that_have_it(operation: dict[str, Any], since: str, until: str) -> None:
    api, findings = modelled(document(MICROVERSIONS, operation=operation))
    lifetime = api.operations[0].lifetime
    assert (lifetime.since, lifetime.until) == (since, until)
    assert findings == []


@pytest.mark.parametrize(
    ("operation", "message", "is_kept"),
    [
        pytest.param({"x-clientsmith-since": "soon"}, "are ignored: 'soon' is no microversion like 2.104", False, id="no version"),
        pytest.param(
            {"x-openstack": {"min-ver": "2.9", "max-ver": "2.8"}}, "are ignored: it would begin with 2.9 and end with 2.8",
            False, id="the wrong way round",
        ),
        pytest.param(
            {"x-clientsmith-since": "2.200"}, "GET /x exists since 2.200, and the client speaks 2.104 at most", True,
            id="newer than the newest",
        ),
        pytest.param(
            {"x-clientsmith-until": "1.9"}, "GET /x ended with 1.9, and the client speaks 2.0 at least", True,
            id="older than the oldest",
        ),
        pytest.param(
            {"x-openstack": {"min-ver": 2.1}}, "are numbers, of which a zero at the end is lost: they are read as since 2.1",
            True, id="a number",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_told(operation: dict[str, Any], message: str, is_kept: bool) -> None:
    api, [finding] = modelled(document(MICROVERSIONS, operation=operation))
    assert message in finding.message
    assert finding.pointer == "/paths/~1x/get"
    assert finding.hint
    assert bool(api.operations[0].lifetime) is is_kept


def test_versions_that_are_only_text_can_be_compared_where_an_operation_asks_for_it() -> None:
    """`1.10` is newer than `1.9` then; without such an operation any text is sent as it is."""
    with_since, _ = modelled(document(operation={"x-clientsmith-since": "1.0"}))
    assert with_since.api_version.format is VersionFormat.NAMED
    assert modelled(document())[0].api_version.format is VersionFormat.OPAQUE


def test_versions_that_cannot_be_compared_are_told() -> None:
    api, [finding] = modelled(document(version="spring", operation={"x-clientsmith-since": "winter"}))
    assert "versions like 'spring' cannot be compared" in finding.message
    assert not api.operations[0].lifetime


def test_the_configuration_says_the_versions_of_an_operation() -> None:
    root = document(MICROVERSIONS, operation={"x-openstack": {"min-ver": "2.10"}})
    api, findings = modelled(root, operations={"GET /x": {"since": "2.12", "until": "2.90"}})
    assert str(api.operations[0].lifetime) == "since 2.12 until 2.90"
    assert findings == []
    api, _ = modelled(root, operations={"GET /x": {"since": ""}})
    assert not api.operations[0].lifetime
    _, [finding] = modelled(root, operations={"GET /x": {"since": "new"}})
    assert (finding.file, finding.rule) == ("clientsmith.toml", "version-contradiction")


# --- the configuration -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "scheme", "said"),
    [
        pytest.param("1.1", "query", {"default": "1.1", "evidence": "by configuration"}, id="the version alone"),
        pytest.param(
            {"scheme": "microversion", "service_type": "baremetal", "newest": "1.115", "oldest": "1.1",
             "older_headers": ["X-OpenStack-Ironic-API-Version"]},
            "microversion", {"wire_name": "OpenStack-API-Version", "default": "1.115", "oldest": "1.1"}, id="microversion",
        ),
        pytest.param(
            {"scheme": "date-query", "versions": ["2025-01-01", "2026-01-01"]}, "date-query",
            {"wire_name": "api-version", "default": "2026-01-01"}, id="date-query",
        ),
        pytest.param(
            {"scheme": "date-header", "name": "Acme-Version", "newest": "2026-01-01", "echo": "Acme-Version"},
            "date-header", {"wire_name": "Acme-Version", "echo": "Acme-Version"}, id="date-header",
        ),
        pytest.param(
            {"scheme": "semver", "name": "X-Acme", "newest": "0.8.0"}, "semver", {"wire_name": "X-Acme"}, id="semver",
        ),
        pytest.param({"scheme": "path", "newest": "v3"}, "path", {"wire_name": "{}", "written": ""}, id="path"),
        pytest.param(
            {"scheme": "media-type", "name": "application/vnd.acme.{}+json", "newest": "v3"}, "media-type",
            {"default": "v3"}, id="media-type",
        ),
        pytest.param(
            {"scheme": "capabilities", "document": "/versions", "newest": "v1.15", "oldest": "v1.1"}, "capabilities",
            {"document": "/versions", "location": None}, id="capabilities",
        ),
        pytest.param({"scheme": "query", "name": "v"}, "query", {"wire_name": "v", "default": "1.0"}, id="query"),
    ],
)  # fmt: skip
def test_the_configuration_decides(settings: Any, scheme: str, said: dict[str, Any]) -> None:
    """What it names is no argument of a method."""
    root = document(parameter("v", "query"), parameter("api-version", "query"), parameter("Acme-Version", "header"))
    api, findings = modelled(root, api_version=settings)
    assert findings == []
    assert api.api_version.scheme == VersionScheme(scheme)
    assert {name: getattr(api.api_version, name) for name in said} == said
    left = {(one.wire_name, one.location) for one in api.operations[0].parameters}
    assert (api.api_version.wire_name, api.api_version.location) not in left
    assert len(left) >= 2


def test_paths_of_another_version_than_the_newest_are_known() -> None:
    """The client asks for v3, and knows that its paths are written with v2."""
    api, _ = modelled(document(path="/v2/x"), api_version="v3")
    assert (api.api_version.default, api.api_version.written) == ("v3", "v2")


def test_an_echo_that_means_something_else_is_not_believed() -> None:
    root = document(path="/v2/x", responses=saying("X-API-Version", schema={"const": "v2"}))
    api, _ = modelled(root, api_version={"echo": False})
    assert (api.api_version.scheme, api.api_version.echo) == (VersionScheme.PATH, "")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        pytest.param({"scheme": "microversion"}, "`api_version.service_type` is missing: the header names the service", id="type"),
        pytest.param({"scheme": "capabilities", "newest": "v1"}, "`api_version.document` has to be the path", id="document"),
        pytest.param({"scheme": "media-type", "name": "json"}, "`api_version.name` is 'json', and has to hold {} once", id="name"),
        pytest.param(
            {"scheme": "date-query", "newest": "7"},
            "`api_version.newest` is '7', and date-query has versions that are each a date", id="newest",
        ),
        pytest.param(
            {"scheme": "semver", "newest": "1.0.0", "oldest": "2.0.0"}, "is 2.0.0, newer than the newest version, 1.0.0",
            id="oldest is newer",
        ),
        pytest.param({"scheme": "semver", "newest": "1.0.0", "oldest": "1"}, "`api_version.oldest` is '1'", id="oldest"),
        pytest.param(
            {"scheme": "date-query", "newest": "2026-01-01", "versions": ["x"]}, "`api_version.versions` has 'x'", id="list",
        ),
        pytest.param({"scheme": "media-type", "name": "a/{x}.{}"}, "has to hold {} once, where the", id="two braces"),
        pytest.param("1\n2", "`api_version` is '1\\n2', which cannot be sent", id="two lines"),
        pytest.param({"scheme": "dates"}, "`api_version.scheme` is 'dates'; allowed: \"microversion\"", id="no scheme"),
        pytest.param({"sceme": "path"}, "there is no setting `sceme` in `api_version`", id="misspelt"),
        pytest.param(7, "`api_version` is `7`; allowed: text or a table of scheme", id="a number"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_is_told(settings: Any, message: str) -> None:
    """At its place in the file; the evidence of the document counts then."""
    api, findings = modelled(document(), api_version=settings)
    assert message in findings[0].message
    assert findings[0].file == "clientsmith.toml"
    assert {one.rule for one in findings} == {"configuration"}
    assert api.api_version.wire_name == "API-Version"


def test_a_header_that_the_configuration_names_is_in_the_header() -> None:
    api, _ = modelled(document(), api_version={"name": "X-Version"})
    assert (api.api_version.wire_name, api.api_version.location) == ("X-Version", Location.HEADER)


def test_an_operation_that_takes_another_version_alone_says_it_by_itself() -> None:
    """What is declared for all is the client's; the version of one operation is neither sent nor asked of others."""
    shared = {"$ref": "#/components/parameters/Version"}
    own = parameter("api-version", "query", {"type": "string", "enum": ["2.0"]})
    root = document(shared, version="2026-01-31")
    root["components"] = {"parameters": {"Version": parameter("api-version", "query")}}
    root["paths"]["/old"] = {"get": {"operationId": "getOld", "parameters": [own], "responses": OK}}
    api, findings = modelled(root)
    assert findings == []
    assert (api.api_version.scheme, api.api_version.default) == (VersionScheme.DATE_QUERY, "2026-01-31")
    parameters = {operation.operation_id: [p.wire_name for p in operation.parameters] for operation in api.operations}
    assert parameters == {"getX": [], "getOld": ["api-version"]}
