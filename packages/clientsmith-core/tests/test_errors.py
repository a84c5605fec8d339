"""Errors: the text is made from parts, they pickle, and no secret is in them."""

from __future__ import annotations

import pickle

import pytest
from clientsmith.core import errors
from clientsmith.core.errors import (
    ClientAuthenticationError,
    ClientsmithError,
    HttpResponseError,
    OperationFailedError,
    PollTimeoutError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ResourceNotModifiedError,
    ServiceRequestError,
    SettingError,
    TransportError,
    UnknownSettingError,
)
from clientsmith.core.rest import Call, HttpRequest
from clientsmith.core.testing import Answer


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
        (["not", "an", "object"], ""),
        (None, ""),
    ],
    ids=["nested", "flat with number", "oauth", "problem details", "only a title", "array", "no body"],
)
def test_the_service_has_its_say(body: object, said: str) -> None:
    """The service's own code and words are in the message, from every usual shape."""
    error = HttpResponseError.from_response(Answer(404, json=body).to(a_request(attempts=3)))
    head = "GET https://example.test/pets/7?limit=5&sig=*** answered 404 Not Found"
    assert str(error) == f"{head}{': ' + said if said else ''} (request id r-1, 3 attempts)"


def test_no_secret_of_the_url_is_shown() -> None:
    """User info is dropped, unknown query parameters keep their name only."""
    error = HttpResponseError.from_response(Answer(404).to(a_request()))
    transport = ServiceRequestError("refused", request=a_request())
    for shown in (str(error), repr(error), str(transport), error.url, repr(a_request())):
        assert "SECRET" not in shown
        assert "pw@" not in shown


def every_error() -> list[ClientsmithError]:
    response = Answer(404, json={"message": "gone"}, headers={"X-Request-ID": "s-1"}).to(a_request())
    made: list[ClientsmithError] = [
        UnknownSettingError("timeut", "timeout", ["timeout"]),
        SettingError("timeout", "3", "a number of seconds"),
        PollTimeoutError(3.0, "running", "{}"),
        OperationFailedError(response=response, status="failed", model={"a": 1}),
    ]
    for name in errors.__all__:
        kind = getattr(errors, name)
        if kind in {type(error) for error in made} or name in ("PollTimeoutError", "OperationFailedError"):
            continue
        if issubclass(kind, HttpResponseError):
            made.append(kind("a note", response=response))
        elif issubclass(kind, TransportError):
            made.append(kind("reset", request=a_request(), is_unsent=True))
        else:
            made.append(kind("words"))
    return made


@pytest.mark.parametrize("error", every_error(), ids=lambda error: type(error).__name__)
def test_every_error_pickles(error: ClientsmithError) -> None:
    """A pool of processes hangs on an error that it cannot read back."""
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert {k: v for k, v in vars(twin).items() if k != "headers"} == {
        k: v for k, v in vars(error).items() if k != "headers"
    }


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Every class is drawn, and nothing else is."""
    drawn = {word for word in (errors.__doc__ or "").split() if word.endswith("Error") and word[0].isupper()}
    assert drawn - {"TypeError", "AttributeError", "TimeoutError"} == set(errors.__all__)
