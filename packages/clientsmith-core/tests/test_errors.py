"""Errors: the text is made from parts, they pickle, and no secret is in them."""

from __future__ import annotations

import contextlib
import importlib
import pickle
import pkgutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final

import clientsmith.core
import pytest
from clientsmith.core import errors
from clientsmith.core.errors import (
    ArgumentError,
    CircuitOpenError,
    ClientAuthenticationError,
    ClientsmithError,
    EndpointNotFoundError,
    HttpResponseError,
    OperationFailedError,
    PollTimeoutError,
    ProblemDetails,
    RateLimitedError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
    ServiceRequestError,
    SettingError,
    TransportError,
    UnknownSettingError,
    UsageError,
)
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.testing import Answer
from clientsmith.core.versioning import errors as versioning
from clientsmith.core.versioning.errors import (
    ApiRetiredError,
    ApiVersionRefusedError,
    FeatureNotSupportedError,
    MalformedVersionError,
    UnsupportedApiVersionError,
    VersionMismatchError,
)


def a_request(url: str = "https://user:pw@example.test/pets/7?limit=5&sig=SECRET", attempts: int = 1) -> HttpRequest:
    request = HttpRequest("GET", url, headers={"X-Request-ID": "r-1"})
    request.call = Call({})
    request.call.attempts = attempts
    return request


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (304, ResourceNotModifiedError),
        (400, HttpResponseError),
        (401, ClientAuthenticationError),
        (404, ResourceNotFoundError),
        (409, ResourceExistsError),
        (412, ResourceModifiedError),
        (503, HttpResponseError),
        (599, HttpResponseError),
    ],
)
def test_a_status_has_its_class(status: int, kind: type[HttpResponseError]) -> None:
    """The class says what a caller can do about it."""
    assert type(HttpResponseError.from_response(Answer(status).to(a_request()))) is kind


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"code": "PetGone", "message": "It ran away."}}, "PetGone: It ran away."),
        ({"code": 17, "message": "It ran away."}, "17: It ran away."),
        ({"error": "invalid_grant", "error_description": "It ran away."}, "It ran away."),
        ({"type": "about:blank", "title": "Gone", "detail": "It ran away."}, "It ran away."),
        ({"title": "Gone"}, "Gone"),
        (["not", "an", "object"], "not; an; object"),
        ({"job_id": "7", "status": "gone", "steps": [1]}, "job_id=7, status=gone"),
        (
            {"detail": [{"loc": ["body", "size"], "msg": "is too long", "input": "SECRET"}, {"msg": "no"}]},
            "body.size: is too long; no",
        ),
        ([{"field": "name", "message": "is missing"}], "name: is missing"),
        ({"errors": [{"code": "taken", "title": "Conflict", "detail": "Not\n\n free."}]}, "taken: Not free."),
        ({"errors": [{"field": "name", "message": "is missing"}]}, "name: is missing"),
        ({"errors": [{"code": "taken", "detail": "a"}, {"code": "gone", "detail": "b"}]}, "a; b"),
        (
            {
                "title": "Bad",
                "detail": "Two things are wrong",
                "errors": [{"pointer": "#/age", "detail": "5 is no text"}],
            },
            "Two things are wrong: #/age: 5 is no text",
        ),
        ({"code": "bad", "details": [{"name": "age", "description": "no text"}]}, "bad: name=age, description=no text"),
        ({"itemNotFound": {"code": 404, "message": "No such pet."}}, "No such pet."),
        (
            {"error_message": '{"faultcode": "Client", "faultstring": "No such pet.", "debuginfo": null}'},
            "No such pet.",
        ),
        ({"error_message": '{"code": 406, "title": "No", "description": "No such version."}'}, "406: No such version."),
        ({"error_message": "No such pet."}, "No such pet."),
        ({"error_message": "{no JSON"}, "{no JSON"),
        ({"pet": {"name": "Tom"}}, ""),
        ({"code": 404, "message": "No such pet."}, "No such pet."),
        ({"code": "404 Not Found", "message": "No such pet."}, "No such pet."),
        ({"user": "ada", "apiKey": "SECRET", "given_password": "SECRET"}, "user=ada, apiKey=***, given_password=***"),
        ({"text": "x" * 81, "line": "a\nb"}, "line=a b"),
        ([f"{n:050}" for n in range(9)], f"{0:050}; {1:050}; {2:050}; {'0' * 43}…"),
        (None, ""),
    ],
    ids=[
        "nested",
        "flat with number",
        "oauth",
        "problem details",
        "only a title",
        "array",
        "members without words",
        "a list of problems",
        "problems alone",
        "JSON:API",
        "one problem",
        "several errors have no one code",
        "words and a list of problems",
        "a code and a list of problems",
        "OpenStack: below its kind",
        "OpenStack: JSON in a text",
        "OpenStack: JSON in a text, of a version",
        "OpenStack: a text",
        "what looks like JSON and is none",
        "a thing alone",
        "the status again",
        "the status and its reason again",
        "secrets",
        "long and broken",
        "cut",
        "no body",
    ],
)
def test_the_service_has_its_say(body: object, said: str) -> None:
    """The service's own code and words are in the message, from every usual shape."""
    error = HttpResponseError.from_response(Answer(404, json=body).to(a_request(attempts=3)))
    head = "GET https://example.test/pets/7?limit=5&sig=*** answered 404 Not Found"
    assert str(error) == f"{head}{': ' + said if said else ''} (request id r-1, 3 attempts)"


def test_a_success_that_is_an_error_does_not_show_its_body() -> None:
    """It may be the very thing that was asked for, a token for example."""
    response = Answer(200, json={"id": "SECRET"}).to(a_request())
    assert "SECRET" not in str(HttpResponseError(response=response))


def test_the_end_of_waiting_tells_what_went_wrong_last() -> None:
    """A service that was down until then."""
    error = PollTimeoutError(3.0, "running", "{}")
    assert str(error).startswith("the operation was still 'running' after 3 s; call result() again")
    error.previous = (ServiceRequestError("refused", request=a_request()),)
    assert "after 3 s (the last look failed: GET https://example.test/pets/7?limit=5&sig=***: refused); call" in str(
        error
    )


def test_no_secret_of_the_url_is_shown() -> None:
    """User info is dropped, unknown query parameters keep their name only."""
    error = HttpResponseError.from_response(Answer(404).to(a_request()))
    transport = ServiceRequestError("refused", request=a_request())
    for shown in (str(error), repr(error), str(transport), error.url, repr(a_request())):
        assert "SECRET" not in shown
        assert "pw@" not in shown


def made_of(kind: type[ClientsmithError]) -> ClientsmithError:
    """Return an error of a class as the runtime makes it."""
    response = Answer(404, json={"message": "gone"}, headers={"X-Request-ID": "s-1"}).to(a_request())
    special: dict[type[ClientsmithError], Callable[[], ClientsmithError]] = {
        UnknownSettingError: lambda: UnknownSettingError("timeut", "timeout", ["timeout"]),
        SettingError: lambda: SettingError("timeout", "3", "a number of seconds"),
        ArgumentError: lambda: ArgumentError("pet_id", "pet_id is None"),
        PollTimeoutError: lambda: PollTimeoutError(3.0, "running", "{}"),
        OperationFailedError: lambda: OperationFailedError(response=response, status="failed", error={"a": 1}),
        EndpointNotFoundError: lambda: EndpointNotFoundError("compute", "public", None, "it has admin"),
        CircuitOpenError: lambda: CircuitOpenError("resting", request=a_request(), retry_after=3.0),
        MalformedVersionError: lambda: MalformedVersionError(
            "bad", wanted="Major.Minor", source="meta", url="https://a/"
        ),
        UnsupportedApiVersionError: lambda: UnsupportedApiVersionError(
            "2.0", "1.0 to 1.4", source="meta", advice="wait"
        ),
        ApiVersionRefusedError: lambda: ApiVersionRefusedError("2.0", "1.0 to 1.4", response=response),
        FeatureNotSupportedError: lambda: FeatureNotSupportedError("GET /a", "1.2 or later", "1.1", why="pinned"),
        VersionMismatchError: lambda: VersionMismatchError(
            "1.2", "1.1", source="the Version header", response=response
        ),
        ApiRetiredError: lambda: ApiRetiredError("over", response=response, since="2026-01-01", link="https://a/?k=1"),
    }
    if kind in special:
        return special[kind]()
    if issubclass(kind, HttpResponseError):
        return kind("a note", response=response)
    if issubclass(kind, TransportError):
        return kind("reset", request=a_request(), is_unsent=True)
    return kind("words")


def every_class() -> list[type[ClientsmithError]]:
    """Return every error class of the package, wherever it is."""
    for module in pkgutil.walk_packages(clientsmith.core.__path__, "clientsmith.core."):
        with contextlib.suppress(ImportError):  # an extra that is not installed
            importlib.import_module(module.name)
    found: list[type[ClientsmithError]] = []
    waiting: list[type[ClientsmithError]] = [ClientsmithError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting.extend(kind.__subclasses__())
    return [kind for kind in dict.fromkeys(found) if kind.__module__.startswith("clientsmith.core")]


def test_the_tree_has_a_home() -> None:
    """Every error class of the package is in the one module that draws them all, but for those of versions."""
    homes = {errors.__name__: errors, versioning.__name__: versioning}
    assert {kind for kind in every_class() if kind.__module__ not in homes} == set()
    listed = {name for home in homes.values() for name in home.__all__ if name.endswith("Error")}
    assert {kind.__name__ for kind in every_class()} == listed


@pytest.mark.parametrize("kind", every_class(), ids=lambda kind: kind.__name__)
def test_every_error_pickles(kind: type[ClientsmithError]) -> None:
    """A pool of processes hangs on an error that it cannot read back; earlier errors and the token travel too."""
    error = made_of(kind)
    error.previous = (made_of(ServiceRequestError), made_of(HttpResponseError))
    error.continuation_token = "page 3"
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert [str(earlier) for earlier in twin.previous] == [str(earlier) for earlier in error.previous]

    def parts(of: ClientsmithError) -> dict[str, object]:
        return {name: value for name, value in vars(of).items() if name not in ("headers", "previous")}

    assert parts(twin) == parts(error)


def test_an_error_of_one_request_has_nothing_before_it() -> None:
    """Both attributes are always there."""
    error = made_of(ServiceRequestError)
    assert (error.previous, error.continuation_token) == ((), None)


@pytest.mark.parametrize(
    ("module", "elsewhere"),
    [(errors, {"ApiVersionError": "ClientsmithError"}), (versioning, {})],
    ids=["core", "versions"],
)
def test_the_tree_in_the_docstring_is_the_tree(module: ModuleType, elsewhere: dict[str, str]) -> None:
    """Every class is drawn below its base, and nothing else is."""
    bases: dict[str, str] = {}
    path: list[str] = []
    for line in (module.__doc__ or "").splitlines():
        name = line[4:].lstrip(" │├└─").split(" ")[0]
        if name.endswith("Error") and line.startswith("    "):
            depth = (len(line) - 4 - len(line[4:].lstrip(" │├└─"))) // 4
            path[depth:] = [name]
            if depth:
                bases[name] = path[depth - 1]
    drawn = {name for name in module.__all__ if name.endswith("Error")} - {path[0]}
    assert bases == {name: getattr(module, name).__bases__[0].__name__ for name in drawn} | elsewhere


def test_the_guide_draws_the_same_tree() -> None:
    """`docs/guide/errors.md` says what to do about each."""
    guide = (Path(__file__).parents[3] / "docs" / "guide" / "errors.md").read_text(encoding="utf-8")
    tree = textwrap.dedent((errors.__doc__ or "").partition("\n\n")[2].partition("\n\n")[0])
    assert f"```text\n{tree}\n```" in guide
    advice = guide.partition("## What to do")[2]
    by_branch = {UsageError, ClientsmithError}  # one row for all mistakes of the caller, and the root
    told = {kind for kind in every_class() if f"`{kind.__name__}`" in advice}
    assert {kind.__name__ for kind in every_class() if not told & set(kind.__mro__) | by_branch & {kind}} == set()


# --- what an answer tells ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"Retry-After": "soon"}, None),
    ],
    ids=["none", "seconds", "now", "a date that is past", "milliseconds", "unreadable"],
)
def test_an_error_says_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    """None is "the service did not say", which is not the same as "now"."""
    assert HttpResponseError.from_response(Answer(503, headers=headers).to(a_request())).retry_after == seconds


@pytest.mark.parametrize(
    ("headers", "remaining", "reset_after"),
    [
        ({}, None, None),
        ({"RateLimit": '"default";r=0;t=30'}, 0, 30.0),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "12"}, 0, 12.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1400000000"}, 0, 0.0),
    ],
    ids=["nothing", "one field", "two fields", "a time since 1970 that is past"],
)
def test_a_rate_limit_has_numbers(headers: dict[str, str], remaining: int | None, reset_after: float | None) -> None:
    """429 is a class of its own, since a caller can do something: ask for less."""
    error = HttpResponseError.from_response(Answer(429, headers=headers).to(a_request()))
    assert isinstance(error, RateLimitedError)
    assert (error.remaining, error.reset_after) == (remaining, reset_after)


PROBLEM: Final = {
    "type": "https://example.test/probs/credit",
    "title": "Not enough credit.",
    "status": 403,
    "detail": "Your balance is 30, that costs 50.",
    "instance": "/account/12345/msgs/abc",
    "balance": 30,
}


def problem_of(body: object, media_type: str = "application/problem+json; charset=utf-8") -> ProblemDetails | None:
    answer = Answer(403, json=body, headers={"Content-Type": media_type})
    return HttpResponseError.from_response(answer.to(a_request())).problem


def test_problem_details_are_read() -> None:
    """All members of RFC 9457, and the extensions beside them."""
    problem = problem_of(PROBLEM)
    assert problem is not None
    assert (problem.type, problem.title, problem.status) == (PROBLEM["type"], "Not enough credit.", 403)
    assert (problem.detail, problem.instance) == (PROBLEM["detail"], "/account/12345/msgs/abc")
    assert problem.extensions == {"balance": 30}
    assert repr(problem) == "<ProblemDetails https://example.test/probs/credit: Your balance is 30, that costs 50.>"
    assert pickle.loads(pickle.dumps(problem)) == problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, ProblemDetails()),
        ({"title": 7, "status": "403", "detail": None}, ProblemDetails()),
        ({"status": True}, ProblemDetails()),
        (["no", "object"], None),
    ],
    ids=["empty", "wrong types count as absent", "a boolean is no status", "no object"],
)
def test_odd_problem_details_do_no_harm(body: object, problem: ProblemDetails | None) -> None:
    """The status is an error all the same."""
    assert problem_of(body) == problem


def test_other_bodies_are_no_problem_details() -> None:
    """The media type says what a body is; `service_message` reads the usual words from any."""
    assert problem_of(PROBLEM, "application/json") is None


@pytest.mark.parametrize(
    "name",
    [
        "X-Request-ID",
        "x-ms-request-id",
        "Request-Id",
        "x-amzn-RequestId",
        "X-Openstack-Request-Id",
        "x-github-request-id",
    ],
)
def test_the_services_request_id_is_found(name: str) -> None:
    """The service's own id wins over ours: it is what its support asks for. Some send ours back beside it."""
    headers = {"x-ms-client-request-id": "ours", name: "s-9"}
    error = HttpResponseError.from_response(Answer(500, headers=headers).to(a_request()))
    assert error.request_id == "s-9"
