"""Which errors refuse the version of the API, and which are about the version of something else.

To take the second for the first is the worse mistake: a client would learn from it, and speak an older version from then
on. So all rows here quote the very version that was sent.
"""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core.testing import Answer
from clientsmith.core.versioning import ApiVersionRefusedError, VersionFormat, negotiation_of
from clientsmith.core.versioning.schemes import date_header, fixed_header, microversion, path_prefix
from clientsmith.core.versioning.sources import ErrorBody

URL = "https://api.test/a"
MICRO, DATE, NAMED = VersionFormat.MICROVERSION, VersionFormat.DATE, VersionFormat.NAMED
SEMVER, OPAQUE = VersionFormat.SEMVER, VersionFormat.OPAQUE

OTHER_MISTAKES: list[tuple[VersionFormat, str, Any]] = [
    (MICRO, "2.1", {"detail": "field version is required"}),
    (MICRO, "2.1", {"message": "image version 2.1 not found"}),
    (MICRO, "2.1", {"badRequest": {"code": 400, "message": "Image version 2.1 is not supported by this hypervisor"}}),
    (MICRO, "2.90", {"badRequest": {"message": "Invalid input for field version. Value: 2.90. '2.90' is not an integer"}}),
    (MICRO, "1.28", {"message": "Kubernetes version 1.28 is not supported; supported versions are 1.29, 1.30"}),
    (MICRO, "1.39", {"errors": [{"title": "Bad Request", "detail": "1.39 is not a valid version of trait"}]}),
    (MICRO, "2.0", {"message": "Requested pip version 2.0 does not exist"}),
    (MICRO, "2.0", {"message": "no matching manifest for myimage version 2.0"}),
    (MICRO, "1.43", {"message": "package foo version 1.43 conflicts with version 1.42"}),
    (MICRO, "2.1", {"error": {"message": "The swagger version 2.1 was not found"}}),
    (MICRO, "1.24", {"message": "node version 1.24 is not supported by cluster version 1.22"}),
    (MICRO, "1.1", {"error_message": '{"faultstring": "firmware version 1.1 is invalid"}'}),
    (DATE, "2024-06-01", {"error": {"code": "InvalidTemplate", "message": "version '2024-06-01' of the schema is not supported"}}),
    (DATE, "2024-06-01", {"error": {"code": "BadRequest", "message": "Model version 2024-06-01 is not available here"}}),
    (DATE, "2024-06-01", {"error": {"code": "invalid_value", "message": "model_version: 2024-06-01 was retired"}}),
    (DATE, "2024-06-01", {"message": "snapshot 2024-06-01 has no version"}),
    (DATE, "2024-06-01", {"message": "date 2024-06-01 is before the version was created"}),
    (NAMED, "v1", {"detail": "schema version v1 is not compatible"}),
    (NAMED, "v1", {"message": "Artifact version v1 not found"}),
    (NAMED, "v1", {"message": 'no matches for kind "Deployment" in version "apps/v1"'}),
    (NAMED, "v1", {"message": "the API version in the data (apps/v1) does not match the expected API version (apps/v2)"}),
    (NAMED, "v1", {"message": "Version v1 of secret my-secret was destroyed"}),
    (NAMED, "v2", {"errors": ["version: v2 has already been taken"]}),
    (NAMED, "v2", {"message": "version: v2 has already been taken"}),
    (NAMED, "v2", {"errors": [{"field": "version", "message": "v2 already exists"}]}),
    (NAMED, "v2", {"detail": [{"loc": ["body", "version"], "msg": "permitted: 'v1', got 'v2'"}]}),
    (SEMVER, "0.8.0", {"detail": "Flow version 0.8.0 requires python 3.9 or higher"}),
    (SEMVER, "0.8.0", {"message": "Chart version 0.8.0 not found"}),
    (SEMVER, "0.8.0", {"message": "dependency foo needs version 0.8.0 or higher, found version 0.7.0"}),
    (SEMVER, "1.0.0", {"message": "plugin version 1.0.0 is not supported"}),
    (SEMVER, "1.0.0", {"message": "manifest: version 1.0.0 must be greater than previous version 1.2.0"}),
    (OPAQUE, "2", {"message": "Version mismatch: document has version 2, expected version 3"}),
    (OPAQUE, "2", {"message": "version conflict, current version [3] is different than the one provided [2]"}),
    (OPAQUE, "1", {"message": "1 validation error: field version is required"}),
    (OPAQUE, "1", {"message": "If-Match: version 1 is stale"}),
    (OPAQUE, "v3", {"message": "Signature version v3 is not supported, use v4"}),
    (OPAQUE, "3", {"message": "TLS version 3 not accepted for webhook"}),
    (OPAQUE, "3", {"message": "Invalid lockfile version 3"}),
    (OPAQUE, "1.2", {"message": "unsupported TLS version 1.2 in listener"}),
    (OPAQUE, "2.0", {"message": "openapi version 2.0 of the uploaded document is not supported"}),
    (OPAQUE, "2.0", {"message": "provider x/y: no available releases match version 2.0"}),
]  # fmt: skip

REFUSALS: list[tuple[VersionFormat, str, Any]] = [
    (MICRO, "2.200", {"computeFault": {"code": 406, "message": "Version 2.200 is not supported by the API."}}),
    (MICRO, "1.99", {"errors": [{"title": "Not Acceptable", "detail": "Unacceptable version header: 1.99"}]}),
    (MICRO, "1.999", {"error_message": '{"faultstring": "Version 1.999 was requested but is not supported by this service."}'}),
    (MICRO, "1.99", {"message": "client version 1.99 is too new. Maximum supported API version is 1.43"}),
    (DATE, "2020-01-01", {"message": '"2020-01-01" is not a supported version'}),
    (DATE, "2020-01-01", {"message": 'Specified version "2020-01-01" is not supported.'}),
    (DATE, "2020-01-01", {"error": {"message": "Invalid Stripe API version: 2020-01-01"}}),
    (DATE, "2099-01-01", {"error": {"message": 'x-version: "2099-01-01" is not a date that we know'}}),
    (DATE, "2099-01-01", {"error": {"message": "The api-version '2099-01-01' is invalid. The supported versions are '2026-01-01'."}}),
    (DATE, "2099-01-01", {"message": "The requested version 2099-01-01 is not available"}),
    (DATE, "2099-01-01", {"code": "UnsupportedApiVersion", "message": "no"}),
    (SEMVER, "0.1.0", {"error": "The request specified API version 0.1.0 but this server requires version 0.8.0 or higher."}),
    (OPAQUE, "9", {"detail": "Unknown version 9, use one of 1, 2"}),
    (OPAQUE, "9", {"detail": "Unsupported version: 9"}),
    (NAMED, "v9", {"message": "API version v9 does not exist"}),
    (NAMED, "v9", {"message": "no such version 'v9'"}),
]  # fmt: skip


@pytest.mark.parametrize(("format", "sent", "body"), OTHER_MISTAKES)
def test_an_error_about_the_version_of_something_else(format: VersionFormat, sent: str, body: Any) -> None:
    """It quotes the number that was sent, and refuses no version of the API."""
    assert ErrorBody(format, sent, "X-Version").read_document(body, URL) is None


@pytest.mark.parametrize(("format", "sent", "body"), REFUSALS)
def test_an_error_that_refuses_the_version(format: VersionFormat, sent: str, body: Any) -> None:
    """In the words of services in the field, and of some that may come."""
    assert ErrorBody(format, sent, "X-Version").read_document(body, URL) is not None


@pytest.mark.parametrize("name", ["version", "v", ""])
def test_a_parameter_whose_name_is_a_common_word_is_no_evidence(name: str) -> None:
    """Every error about some version has it."""
    body = {"message": "image version 2.1 not found"}
    assert ErrorBody(MICRO, "2.1", name).read_document(body, URL) is None


@pytest.mark.parametrize(
    ("words", "is_refused"),
    [("Version v2 not found", False), ("no such version: v2", False), ("API version v2 is gone, use v1", True)],
)
def test_a_404_has_to_speak_of_the_api(words: str, is_refused: bool, scripted: Any) -> None:
    """What is not there may have a version of its own."""
    service = scripted(Answer(404, json={"message": words}), api_version=path_prefix("v2"))
    if not is_refused:
        assert service.send("GET", "/a").status_code == 404
        return
    with pytest.raises(ApiVersionRefusedError, match="does not take API version v2, it speaks v1"):
        service.send("GET", "/a")


def test_an_error_about_something_else_teaches_nothing(scripted: Any) -> None:
    """The version stays, and the request is not sent again."""
    offer = {"versions": [{"id": "v1", "status": "CURRENT", "min_version": "1.1", "version": "1.28"}]}
    words = "Kubernetes version 1.28 is not supported; supported versions are 1.26, 1.27"
    service = scripted(
        Answer(json=offer),
        Answer(400, json={"message": words}),
        api_version=microversion("container-infra", "1.28", "1.1"),
    )
    assert service.send("POST", "/clusters").status_code == 400
    assert len(service.requests) == 2
    assert str(negotiation_of(service.client).version) == "1.28"


def test_a_406_of_a_version_that_the_service_has_is_about_something_else(scripted: Any) -> None:
    """Ironic answers so where a field came with a later version; its range is in every answer."""
    offer = {"versions": [{"id": "v1", "status": "CURRENT", "min_version": "1.1", "version": "1.50"}]}
    own = "X-OpenStack-Ironic-API"
    span = {f"{own}-Minimum-Version": "1.1", f"{own}-Maximum-Version": "1.115"}
    refusal = Answer(406, json={"error_message": '{"faultstring": "Request not acceptable."}'}, headers=span)
    scheme = microversion("baremetal", "1.50", "1.1", older_headers=(f"{own}-Version",))
    service = scripted(Answer(json=offer), refusal, api_version=scheme)
    assert service.send("GET", "/nodes").status_code == 406


AZURITE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Error><Code>InvalidHeaderValue</Code><Message>The value for '
    "one of the HTTP headers is not in the correct format.</Message><HeaderName>x-ms-version</HeaderName>"
    "<HeaderValue>2099-01-01</HeaderValue></Error>"
)


@pytest.mark.parametrize(
    ("scheme", "type_", "body", "is_refused"),
    [
        (date_header("x-ms-version", "2099-01-01"), "application/xml", AZURITE, True),
        (date_header("x-ms-date", "2099-01-01"), "application/xml", AZURITE, False),
        (fixed_header("X-Version", "9"), "text/plain; charset=utf-8", "Unsupported version 9\n", True),
        (fixed_header("X-Version", "1.0"), "application/xml", '<?xml version="1.0"?><Error>no</Error>', False),
        (fixed_header("X-Version", "9"), "text/html", "<h1>Unsupported version 9</h1>", False),
        (fixed_header("X-Version", "9"), "text/plain", "\udcff\udcfe", False),
    ],
    ids=["Azurite", "another header of it", "plain text", "the version of XML", "a page of some proxy", "no text"],
)
def test_a_refusal_that_is_no_json(scheme: Any, type_: str, body: str, is_refused: bool, scripted: Any) -> None:
    """Its text counts as the words of an error."""
    content = body.encode(errors="surrogateescape")
    service = scripted(Answer(400, content=content, headers={"Content-Type": type_}), api_version=scheme)
    if is_refused:
        with pytest.raises(ApiVersionRefusedError):
            service.send("GET", "/a")
    else:
        assert service.send("GET", "/a").status_code == 400


def test_a_list_that_has_the_version_in_other_letters_takes_it(scripted: Any) -> None:
    """Azure writes `-preview` and takes `-Preview`: the 400 is about something else."""
    answer = Answer(400, headers={"api-supported-versions": "2026-01-01, 2026-06-01-Preview"})
    service = scripted(answer, api_version=date_header("X-Version", "2026-06-01-preview"))
    assert service.send("GET", "/a").status_code == 400
