"""Every scheme through real clients of both colours: what a service may say, and what comes of it.

A row is an exchange: what the service answers, what each request said, and how the call ended.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from clientsmith.core.testing import Answer
from clientsmith.core.versioning import (
    ApiRetiredError,
    ApiVersionRefusedError,
    MalformedVersionError,
    NewerApiVersionWarning,
    Scheme,
    UnsupportedApiVersionError,
    VersionFormat,
    VersionMismatchError,
)
from clientsmith.core.versioning.schemes import (
    accept_header,
    capability_list,
    date_header,
    date_query,
    fixed_header,
    fixed_query,
    microversion,
    path_prefix,
    semver_floor,
    simple_api,
)
from clientsmith.core.versioning.sources import CapabilityList

URL = "https://api.test"


class Row(NamedTuple):
    """One exchange.

    Attributes:
        answers: Of the service, in order; each is to be asked for.
        said: What each request said, in the words of `seen`.
        error: The kind of the error, None for none, and what is in its words.
        words: See above.
        told: The kinds of the warnings.
    """

    answers: tuple[Answer, ...]
    said: tuple[str, ...] = ()
    error: type[Exception] | None = None
    words: str = ""
    told: tuple[type[Warning], ...] = ()


def ok(**headers: str) -> Answer:
    return Answer(200, json={}, headers={name.replace("_", "-"): value for name, value in headers.items()})


def typed(media_type: str) -> Answer:
    return Answer(200, content=b"{}", headers={"Content-Type": media_type})


def refusal(status: int, body: Any = None, **headers: str) -> Answer:
    return Answer(
        status, json=body if body is not None else {}, headers={n.replace("_", "-"): v for n, v in headers.items()}
    )


# --- OpenStack -------------------------------------------------------------------------------------------------------

COMPUTE = microversion("compute", "2.95", "2.1", older_headers=("X-OpenStack-Nova-API-Version",))


def offers(oldest: str, newest: str, **more: Any) -> Answer:
    return Answer(
        json={"versions": [{"id": "v2.1", "status": "CURRENT", "min_version": oldest, "version": newest, **more}]}
    )


def executed(version: str) -> Answer:
    return ok(OpenStack_API_Version=f"compute {version}", X_OpenStack_Nova_API_Version=version)


NOT_ACCEPTABLE = {
    "itemNotAcceptable": {
        "code": 406,
        "message": "Version 2.95 is not supported by the API. Minimum is 2.1 and maximum is 2.90.",
    }
}
COMPUTE_ROWS = {
    "the same": Row((offers("2.1", "2.95"), executed("2.95")), ("", "compute 2.95")),
    "an older service": Row((offers("2.1", "2.60"), executed("2.60")), ("", "compute 2.60")),
    "a newer service": Row((offers("2.1", "2.96"), executed("2.95")), ("", "compute 2.95")),
    "a much newer service": Row((offers("2.60", "2.1000"), executed("2.95")), ("", "compute 2.95")),
    "a newer major": Row(
        (offers("3.0", "3.9"),), ("",), UnsupportedApiVersionError,
        r"the version document of https://api\.test/ says version 3\.0 to 3\.9, and this client speaks 2\.1 to 2\.95; upgrade the client$",
    ),
    "too old a service": Row(
        (offers("1.1", "2.0"),), ("",), UnsupportedApiVersionError,
        r"says version 1\.1 to 2\.0, and this client speaks 2\.1 to 2\.95; upgrade the service, or use an older client$",
    ),
    "no microversions": Row((offers("", ""), ok()), ("", "")),
    "malformed": Row((offers("bad", "latest"), ok()), ("", "")),
    "too many parts": Row((offers("2.1", "2.95.1"), ok()), ("", "")),
    "too few parts": Row((offers("2", "3"), ok()), ("", "")),
    "no document anywhere": Row((Answer(404), ok()), ("", "compute 2.95")),
    "refused, and it says its range": Row(
        (offers("2.1", "2.95"), refusal(406, NOT_ACCEPTABLE, OpenStack_API_Version="compute 2.95"), executed("2.90")),
        ("", "compute 2.95", "compute 2.90"),
    ),
    "refused, in header fields": Row(
        (offers("2.1", "2.95"),
         refusal(406, X_OpenStack_Nova_API_Minimum_Version="2.1", X_OpenStack_Nova_API_Maximum_Version="2.80"), executed("2.80")),
        ("", "compute 2.95", "compute 2.80"),
    ),
    "refused twice": Row(
        (offers("2.1", "2.95"), refusal(406, NOT_ACCEPTABLE), refusal(406, {"min_version": "2.1", "max_version": "2.80"})),
        ("", "compute 2.95", "compute 2.90"), ApiVersionRefusedError,
        r"the service does not take API version 2\.90, it speaks 2\.1 to 2\.80; pass one of these as `api_version`",
    ),
    "refused without a word": Row(
        (offers("2.1", "2.95"), Answer(406)), ("", "compute 2.95"), ApiVersionRefusedError,
        r"^GET https://api\.test/a answered 406 Not Acceptable: the service does not take API version 2\.95; ask the service's documentation",
    ),
    "refused as malformed": Row(
        (offers("2.1", "2.95"), refusal(400, {"badRequest": {"message": "API version 2.95 is no valid version"}})),
        ("", "compute 2.95"), ApiVersionRefusedError, r"does not take API version 2\.95 \(?.*ask the service",
    ),
    "another mistake": Row((offers("2.1", "2.95"), refusal(400, {"message": "name is too long"})), ("", "compute 2.95")),
    "it says another one than was sent": Row(
        (offers("2.1", "2.95"), executed("2.1")), ("", "compute 2.95"), VersionMismatchError,
        r"version 2\.95 was asked for, and the OpenStack-API-Version header says that version 2\.1 was executed; something between",
    ),
    "its two header fields disagree": Row(
        (offers("2.1", "2.95"), ok(OpenStack_API_Version="compute 2.95", X_OpenStack_Nova_API_Version="2.1")),
        ("", "compute 2.95"), VersionMismatchError, r"the X-OpenStack-Nova-API-Version header says that version 2\.1 was executed",
    ),
    "the version of another service is none of ours": Row(
        (offers("2.1", "2.95"), ok(OpenStack_API_Version="volume 3.0")), ("", "compute 2.95")
    ),
}  # fmt: skip
PINNED_COMPUTE_ROWS = {
    "inside the range": Row((offers("2.1", "2.95"), executed("2.60")), ("", "compute 2.60")),
    "below the range: nothing is sent": Row(
        (offers("2.80", "2.95"),), ("",), UnsupportedApiVersionError,
        r"says version 2\.80 to 2\.95, and this client speaks the pinned version 2\.60; pass another `api_version`, or none to negotiate$",
    ),
    "no document: it is sent": Row((Answer(404), executed("2.60")), ("", "compute 2.60")),
    "no microversions: it is sent": Row((offers("", ""), ok()), ("", "compute 2.60")),
    "refused: not another one": Row(
        (offers("2.1", "2.95"), refusal(406, {"min_version": "2.1", "max_version": "2.50"})), ("", "compute 2.60"),
        ApiVersionRefusedError, r"does not take API version 2\.60, it speaks 2\.1 to 2\.50",
    ),
}  # fmt: skip

# --- dates -----------------------------------------------------------------------------------------------------------

GITHUB = date_header("X-Version", "2026-06-01", versions=("2024-01-01", "2025-01-01", "2026-06-01"))
STRIPE = date_header("X-Version", "2026-06-01")
UNSUPPORTED = {
    "error": {"code": "UnsupportedApiVersionValue", "message": "Use one of 2024-01-01,2025-01-01,2027-01-01"}
}
DATE_ROWS = {
    "the same": Row((ok(X_Version="2026-06-01"),), ("2026-06-01",)),
    "not echoed": Row((ok(),), ("2026-06-01",)),
    "malformed echo": Row((ok(X_Version="latest"),), ("2026-06-01",)),
    "too few parts": Row((ok(X_Version="2026"),), ("2026-06-01",)),
    "older": Row((ok(X_Version="2025-01-01"),), ("2026-06-01",), VersionMismatchError, r"2026-06-01 was asked for.*2025-01-01 was executed"),
    "newer": Row((ok(X_Version="2026-06-02"),), ("2026-06-01",), VersionMismatchError, r"the X-Version header says that version 2026-06-02"),
    "much newer": Row((ok(X_Version="2030-01-01"),), ("2026-06-01",), VersionMismatchError, "2030-01-01 was executed"),
    "refused, with its list": Row(
        (refusal(400, UNSUPPORTED), ok(X_Version="2025-01-01")), ("2026-06-01", "2025-01-01")
    ),
    "refused, with its list in a header field": Row(
        (refusal(400, api_supported_versions="2023-01-01, 2024-01-01"), ok()), ("2026-06-01", "2024-01-01")
    ),
    "refused, and nothing in common": Row(
        (refusal(400, api_supported_versions="2023-01-01"),), ("2026-06-01",), ApiVersionRefusedError,
        r"the service does not take API version 2026-06-01, it speaks 2023-01-01; pass one of these",
    ),
    "refused without a list": Row(
        (refusal(400, {"message": "the version 2026-06-01 is not known"}),), ("2026-06-01",), ApiVersionRefusedError,
        r"does not take API version 2026-06-01 \(the version 2026-06-01 is not known\); ask the service's documentation",
    ),
    "another mistake": Row((refusal(400, {"message": "date 2026-06-01 is in the past"}),), ("2026-06-01",)),
    "it takes the one that was sent, and refuses something else": Row(
        (refusal(400, {"message": "bad name"}, api_supported_versions="2026-06-01"),), ("2026-06-01",)
    ),
    "406 that is not about versions": Row((Answer(406),), ("2026-06-01",)),
    "410 of a resource that is gone": Row((Answer(410),), ("2026-06-01",)),
    "410 of a version that is gone": Row(
        (Answer(410, json={"message": "bye"}, headers={"Sunset": "Wed, 11 Nov 2020 00:00:00 GMT", "Link": '</docs>; rel="sunset"'}),),
        ("2026-06-01",), ApiRetiredError,
        r"^GET https://api\.test/a.* answered 410 Gone: this is retired since 2020-11-11: bye; upgrade the client, see https://api\.test/docs",
    ),
}  # fmt: skip
QUERY_ROWS = {
    name: row for name, row in DATE_ROWS.items() if row.error is not VersionMismatchError  # a query is not echoed
}  # fmt: skip
ONE_DATE_ROWS = {
    "no choice: the refusal is the error": Row(
        (refusal(400, UNSUPPORTED),), ("2026-06-01",), ApiVersionRefusedError, r"it speaks 2024-01-01, 2025-01-01, 2027-01-01 \(Use one of"
    ),
}  # fmt: skip
PINNED_DATE_ROWS = {
    "as it is": Row((ok(X_Version="2025-01-01"),), ("2025-01-01",)),
    "refused: not another one": Row(
        (refusal(400, UNSUPPORTED),), ("2025-01-01",), ApiVersionRefusedError, "does not take API version 2025-01-01"
    ),
    "refused, and not in the list": Row(
        (refusal(400, api_supported_versions="2024-01-01, 2026-06-01"),), ("2025-01-01",), ApiVersionRefusedError, "it speaks 2024-01-01, 2026-06-01"
    ),
}  # fmt: skip

# --- the others ------------------------------------------------------------------------------------------------------

FLOOR_ROWS = {
    "taken": Row((ok(),), ("0.8.1",)),
    "too old for the service": Row(
        (refusal(400, {"detail": "The request specified API version 0.8.1 but this server requires version 0.9.0 or higher."}),),
        ("0.8.1",), ApiVersionRefusedError, r"does not take API version 0\.8\.1, it speaks 0\.9\.0 or newer \(The request",
    ),
    "another mistake": Row((refusal(400, {"detail": "version 1.2.3 of the flow is unknown"}),), ("0.8.1",)),
}  # fmt: skip
PATH_ROWS = {
    "the same": Row((ok(X_Version="v2"),), ("/v2/a",)),
    "none said": Row((ok(),), ("/v2/a",)),
    "an older minor": Row((ok(X_Version="v2.0"),), ("/v2/a",)),
    "a newer minor": Row((ok(X_Version="v2.9"),), ("/v2/a",)),
    "a newer major": Row(
        (ok(X_Version="v3"),), ("/v2/a",), UnsupportedApiVersionError,
        r"^the X-Version header of https://api\.test/v2/a says version v3, and this client speaks v2; upgrade the client$",
    ),
    "an older major": Row((ok(X_Version="v1"),), ("/v2/a",), UnsupportedApiVersionError, "upgrade the service, or use an older client"),
    "malformed": Row((ok(X_Version="bad"),), ("/v2/a",)),
    "404 of a resource": Row((refusal(404, {"message": "no such pet"}),), ("/v2/a",)),
    "404 of the version": Row(
        (refusal(404, {"message": "API version v2 is not served here, use v1"}),), ("/v2/a",), ApiVersionRefusedError, "does not take API version v2, it speaks v1"
    ),
}  # fmt: skip
NUMBERED_PATH_ROWS = {"bare numbers": Row((ok(),), ("/2/a",))}
MATRIX = capability_list("/_matrix/client/versions", "v1.15", "v1.1")
KINTO = capability_list(
    "/",
    "1.23",
    "1.0",
    format=VersionFormat.MAJOR_MINOR,
    source=CapabilityList(VersionFormat.MAJOR_MINOR, "/http_api_version", "/capabilities"),
)


def lists(*versions: str) -> Answer:
    return Answer(json={"versions": list(versions), "unstable_features": {}})


MATRIX_ROWS = {
    "the same": Row((lists("r0.6.1", "v1.15"), ok()), ("/_matrix/client/versions", "/a")),
    "older": Row((lists("v1.1", "v1.5"), ok()), ("/_matrix/client/versions", "/a")),
    "newer": Row((lists("v1.15", "v1.99"), ok()), ("/_matrix/client/versions", "/a")),
    "newer alone": Row(
        (lists("v1.16", "v2.0"),), ("/_matrix/client/versions",), UnsupportedApiVersionError,
        r"^the list of versions of https://api\.test/_matrix/client/versions says version v1\.16, v2\.0, and this client speaks v1\.1 to v1\.15; upgrade the client$",
    ),
    "too old": Row((lists("r0.0.1", "r0.6.1"),), ("/_matrix/client/versions",), UnsupportedApiVersionError, "upgrade the service, or use an older client"),
    "none": Row((lists(), ok()), ("/_matrix/client/versions", "/a")),
    "malformed ones among them": Row((lists("bad", "v1.2.3.4", "v1.3"), ok()), ("/_matrix/client/versions", "/a")),
    "no document": Row((Answer(404), ok()), ("/_matrix/client/versions", "/a")),
}  # fmt: skip
KINTO_ROWS = {
    "an older minor": Row((Answer(json={"http_api_version": "1.2"}), ok()), ("/", "/a")),
    "a newer minor": Row((Answer(json={"http_api_version": "1.99"}), ok()), ("/", "/a"), told=(NewerApiVersionWarning,)),
    "a newer major": Row(
        (Answer(json={"http_api_version": "2.0"}),), ("/",), UnsupportedApiVersionError,
        r"^http_api_version of https://api\.test/ says version 2\.0, and this client speaks 1\.0 to 1\.23; upgrade the client$",
    ),
    "malformed": Row((Answer(json={"http_api_version": "bad"}), ok()), ("/", "/a")),
    "too few parts": Row((Answer(json={"http_api_version": "1"}), ok()), ("/", "/a")),
    "a number": Row((Answer(json={"http_api_version": 1.23}), ok()), ("/", "/a")),
    "the same": Row((Answer(json={"http_api_version": "1.23"}), ok()), ("/", "/a")),
    "retired": Row(
        (Answer(json={"http_api_version": "1.23"}), Answer(410, headers={"Alert": '{"code": "hard-eol", "message": "moved", "url": "https://docs.test/"}'})),
        ("/", "/a"), ApiRetiredError, r"this is retired: moved; upgrade the client, see https://docs\.test/ ",
    ),
    "retired as a whole": Row((Answer(410, headers={"Alert": '{"code": "hard-eol"}'}),), ("/",), ApiRetiredError, "this is retired; upgrade the client"),
}  # fmt: skip
FIXED_ROWS = {
    "taken": Row((ok(),), ("spring 26",)),
    "refused": Row(
        (refusal(400, {"message": "version spring 26 is not known"}),), ("spring 26",), ApiVersionRefusedError, "does not take API version spring 26"
    ),
    "another mistake": Row((refusal(400, {"message": "no"}),), ("spring 26",)),
}  # fmt: skip
ACCEPT_ROWS = {
    "taken": Row((typed("application/vnd.x.v3+json"),), ("application/vnd.x.v3+json",)),
    "406 that is not about versions": Row((Answer(406),), ("application/vnd.x.v3+json",)),
    "415 of the version": Row(
        (refusal(415, {"message": "no such version: v3"}),), ("application/vnd.x.v3+json",), ApiVersionRefusedError, "does not take API version v3"
    ),
}  # fmt: skip
SIMPLE_TYPE_ROWS = {
    "the type of version 1": Row((typed("application/vnd.pypi.simple.v1+json"),), ("",)),
    "HTML of version 1": Row((typed("application/vnd.pypi.simple.v1+html; charset=utf-8"),), ("",)),
    "plain HTML": Row((typed("text/html"),), ("",)),
    "the type of a newer major": Row(
        (typed("application/vnd.pypi.simple.v2+json"),), ("",), UnsupportedApiVersionError,
        r"^the media type application/vnd\.pypi\.simple\.v2\+json of https://api\.test/a says version 2, and this client speaks 1\.0 to 1\.4; upgrade the client$",
    ),
    "the type of an older major": Row((typed("application/vnd.pypi.simple.v0+json"),), ("",), UnsupportedApiVersionError, "upgrade the service"),
    "latest": Row((typed("application/vnd.pypi.simple.latest+json"),), ("",)),
    "a type that is none": Row((typed("application/vnd.pypi.simple.vX+json"),), ("",)),
    "406": Row((Answer(406),), ("",)),
    "300": Row((Answer(300, content=b"<ul>"),), ("",)),
}  # fmt: skip

SCHEMES: dict[str, tuple[Scheme, Callable[[Any], str], dict[str, Row]]] = {
    "microversion": (COMPUTE, lambda sent: sent.headers.get("OpenStack-API-Version", ""), COMPUTE_ROWS),
    "microversion, pinned": (COMPUTE.at("2.60"), lambda sent: sent.headers.get("OpenStack-API-Version", ""), PINNED_COMPUTE_ROWS),
    "date_header": (GITHUB, lambda sent: sent.headers.get("X-Version", ""), DATE_ROWS),
    "date_header, one date": (STRIPE, lambda sent: sent.headers.get("X-Version", ""), ONE_DATE_ROWS),
    "date_header, pinned": (GITHUB.at("2025-01-01"), lambda sent: sent.headers.get("X-Version", ""), PINNED_DATE_ROWS),
    "date_query": (
        date_query("v", "2026-06-01", versions=("2024-01-01", "2025-01-01", "2026-06-01")), lambda sent: sent.param("v") or "", QUERY_ROWS,
    ),
    "semver_floor": (semver_floor("X-Version", "0.8.1"), lambda sent: sent.headers.get("X-Version", ""), FLOOR_ROWS),
    "path_prefix": (path_prefix("v2", header="X-Version"), lambda sent: sent.path, PATH_ROWS),
    "path_prefix, bare numbers": (path_prefix("2"), lambda sent: sent.path, NUMBERED_PATH_ROWS),
    "capability_list, Matrix": (MATRIX, lambda sent: sent.path, MATRIX_ROWS),
    "capability_list, Kinto": (KINTO, lambda sent: sent.path, KINTO_ROWS),
    "fixed_header": (fixed_header("X-Version", "spring 26"), lambda sent: sent.headers.get("X-Version", ""), FIXED_ROWS),
    "fixed_query": (fixed_query("v", "spring 26"), lambda sent: sent.param("v") or "", FIXED_ROWS),
    "accept_header": (accept_header("application/vnd.x.{}+json", "v3"), lambda sent: sent.headers.get("Accept", ""), ACCEPT_ROWS),
    "simple_api": (simple_api(), lambda sent: "", SIMPLE_TYPE_ROWS),
}  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "seen", "row"),
    [
        pytest.param(scheme, seen, row, id=f"{name}: {what}")
        for name, (scheme, seen, rows) in SCHEMES.items()
        for what, row in rows.items()
    ],
)
def test_what_becomes_of_an_exchange(scheme: Scheme, seen: Any, row: Row, scripted: Any) -> None:
    """What is sent, what is raised, what is told: the same in both colours, and a refusal is never just tried again."""
    # A policy that tries such statuses again must not get a refusal to see.
    is_plain = row.answers[-1].status_code >= 400 and row.error is not ApiVersionRefusedError
    retries = {"max_retries": 0} if is_plain else {"retry_statuses": (400, 406, 415)}
    service = scripted(*row.answers, api_version=scheme, settings=retries)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        error: Exception | None = None
        try:
            service.send("GET", "/a")
        except Exception as raised:
            error = raised
    assert type(error) is (row.error or type(None)), error
    assert re.search(row.words, str(error)), str(error)
    assert [seen(sent) for sent in service.service.sent] == list(row.said)
    assert tuple(warning.category for warning in told) == row.told
    service.service.assert_finished()


# --- the Simple API: every answer says its version in its body ----------------------------------------------------------

SIMPLE = simple_api()
# What a page says, and: the version that it is read by, or the kind and the words of the error; what is told.
PAGES: dict[str, tuple[str | None, str | None, type[Exception] | None, str, tuple[type[Warning], ...]]] = {
    "1.0": ("1.0", "1.0", None, "", ()),
    "1.4": ("1.4", "1.4", None, "", ()),
    "1.10": ("1.10", "1.4", None, "", (NewerApiVersionWarning,)),
    "1.99": ("1.99", "1.4", None, "", (NewerApiVersionWarning,)),
    "2.0": ("2.0", None, UnsupportedApiVersionError, r"says version 2\.0, and this client speaks 1\.0 to 1\.4; upgrade the client$", ()),
    "none": (None, "1.0", None, "", ()),
    "bad": ("bad", None, MalformedVersionError, r"says 'bad'; it has to be a Major\.Minor like 1\.4$", ()),
    "1.4.2": ("1.4.2", None, MalformedVersionError, r"says '1\.4\.2'; it has to be", ()),
    "1": ("1", None, MalformedVersionError, r"says '1'; it has to be", ()),
}  # fmt: skip


def page(serialization: str, version: str | None) -> Answer:
    """Return a page of an index, as one of the two forms has it."""
    if serialization == "json":
        return Answer(
            json={"meta": {} if version is None else {"api-version": version}},
            headers={"Content-Type": "application/vnd.pypi.simple.v1+json"},
        )
    meta = "" if version is None else f'<meta name="pypi:repository-version" content="{version}">'
    return Answer(
        content=f"<html><head>{meta}</head>".encode(), headers={"Content-Type": "application/vnd.pypi.simple.v1+html"}
    )


def judged(client: Any, response: Any, serialization: str) -> str:
    """Read a page's version as a client library does, and return the one to read the page by."""
    from clientsmith.core.versioning import negotiation_of
    from clientsmith.core.versioning.sources import BodyPointer, HtmlMeta

    pointer = BodyPointer("/meta/api-version", VersionFormat.MAJOR_MINOR)
    meta = HtmlMeta("pypi:repository-version", VersionFormat.MAJOR_MINOR)
    said = (
        pointer.read_document(response.json(), response.request.url)
        if serialization == "json"
        else meta.read_document(response.text(), response.request.url)
    )
    negotiator = negotiation_of(client)
    assert negotiator is not None
    return str(negotiator.judge(said, subject=serialization).use)


@pytest.mark.parametrize("serialization", ["json", "html"])
@pytest.mark.parametrize("row", PAGES.values(), ids=PAGES)
def test_a_page_of_an_index(row: Any, serialization: str, scripted: Any) -> None:
    """PEP 629: a newer major fails, a newer minor is told, none is 1.0."""
    version, use, error, words, told = row
    service = scripted(page(serialization, version), api_version=SIMPLE)
    response = service.send("GET", "/simple/a/")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        if error is None:
            assert judged(service.client, response, serialization) == use
        else:
            with pytest.raises(error, match=words):
                judged(service.client, response, serialization)
    assert tuple(warning.category for warning in heard) == told


def test_the_two_forms_of_one_index_may_be_of_two_versions(scripted: Any) -> None:
    """HTML gets nothing new any more (PEP 833): each is told once, and neither is remembered for the other."""
    answers = [page("json", "1.7"), page("html", "1.5"), page("json", "1.7"), page("html", "1.4"), page("json", "1.8")]
    service = scripted(*answers, api_version=SIMPLE)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for number, serialization in enumerate(["json", "html", "json", "html", "json"]):
            judged(service.client, service.send("GET", f"/simple/{number}/"), serialization)
    found = [str(warning.message).partition(",")[0].partition(" of ")[::2] for warning in heard]
    assert found == [
        ("meta.api-version", f"{URL}/simple/0/ says version 1.7"),
        ('<meta name="pypi:repository-version">', f"{URL}/simple/1/ says version 1.5"),
        ("meta.api-version", f"{URL}/simple/4/ says version 1.8"),
    ]


def test_a_lenient_client_goes_on_with_a_bad_version(scripted: Any) -> None:
    """As with none: 1.0, and told."""
    service = scripted(page("json", "bad"), api_version=simple_api(malformed="warn"))
    response = service.send("GET", "/simple/a/")
    with pytest.warns(UserWarning, match=r"says 'bad'; it has to be a Major\.Minor like 1\.4; 1\.0 is assumed"):
        assert judged(service.client, response, "json") == "1.0"


def test_a_type_and_a_body_that_disagree(scripted: Any) -> None:
    """The type says 1, the body 2.0: both have to be understood."""
    service = scripted(page("json", "2.0"), api_version=SIMPLE)
    response = service.send("GET", "/simple/a/")
    with pytest.raises(UnsupportedApiVersionError, match=r"meta\.api-version of .* says version 2\.0"):
        judged(service.client, response, "json")
