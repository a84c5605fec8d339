"""A documented error that is raised as a class of the client's own: as the runtime's too, and with its model."""

from __future__ import annotations

import copy
import pickle
from typing import Any, cast

import pytest
from clientsmith.core.errors import (
    ClientAuthenticationError,
    HttpResponseError,
    RateLimitedError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    UsageError,
)
from clientsmith.core.models import Model, field
from clientsmith.core.operations import JSON, TEXT, ListOperation, Operation, json_body, raised_as
from clientsmith.core.paging import SinglePage
from clientsmith.core.serialization import list_of
from clientsmith.core.testing import Answer


class Problem(Model):
    code: int = field("code")


class ProblemError(HttpResponseError):
    error: Problem


class NotFoundProblemError(ProblemError, ResourceNotFoundError): ...


class RateLimitedProblemError(ProblemError, RateLimitedError): ...


class ModifiedProblemError(ProblemError, ResourceModifiedError): ...


PROBLEM = raised_as(lambda: Problem, ProblemError, NotFoundProblemError, RateLimitedProblemError, ModifiedProblemError)
SEVEN = {"code": 7}


def raised(colour: Any, answer: Answer, errors: Any, **headers: str) -> HttpResponseError:
    """Return what a call of an operation with these errors ends in."""
    client = colour.client(answer)
    operation = Operation[Any]("PUT", "/x", body=json_body(), responses={200: JSON}, errors=errors)
    with pytest.raises(HttpResponseError) as caught:
        colour.run(client._call(operation, {}, body={}, options={"headers": headers, "max_retries": 0}))
    return caught.value


@pytest.mark.parametrize(
    ("errors", "status", "kind"),
    [
        ({404: PROBLEM}, 404, NotFoundProblemError),
        ({400: PROBLEM}, 400, ProblemError),
        ({"4XX": PROBLEM}, 404, NotFoundProblemError),
        ({"4XX": PROBLEM}, 422, ProblemError),
        ({"default": PROBLEM}, 429, RateLimitedProblemError),
        ({"default": PROBLEM}, 500, ProblemError),
        ({"default": JSON, 404: PROBLEM}, 404, NotFoundProblemError),
        ({"4XX": PROBLEM, 404: TEXT}, 404, ResourceNotFoundError),
        ({404: {"text/plain": TEXT, "application/json": PROBLEM}}, 404, NotFoundProblemError),
    ],
    ids=[
        "status",
        "no class of the runtime",
        "range",
        "range, no class of the runtime",
        "default",
        "default, no class of the runtime",
        "status before default",
        "status without it before its range",
        "the media type that has it",
    ],
)
def test_the_first_class_that_fits_the_status_is_raised(
    colour: Any, errors: Any, status: int, kind: type[HttpResponseError]
) -> None:
    error = raised(colour, Answer(status, json=SEVEN), errors)
    assert type(error) is kind
    assert error.status_code == status
    assert not isinstance(error, ProblemError) or error.error == Problem(code=7)


def test_an_answer_that_no_class_fits_keeps_the_class_of_the_runtime(colour: Any) -> None:
    """Whoever catches `ClientAuthenticationError` relies on it; the model is there all the same."""
    error = raised(colour, Answer(401, json=SEVEN), {"default": PROBLEM})
    assert type(error) is ClientAuthenticationError
    assert error.error == Problem(code=7)


@pytest.mark.parametrize(
    ("condition", "kind"),
    [({"If-Match": '"1"'}, ModifiedProblemError), ({"If-None-Match": "*"}, ResourceExistsError)],
    ids=["has changed", "exists"],
)
def test_what_412_means_is_for_the_condition_to_say(
    colour: Any, condition: dict[str, str], kind: type[HttpResponseError]
) -> None:
    assert type(raised(colour, Answer(412, json=SEVEN), {412: PROBLEM}, **condition)) is kind


@pytest.mark.parametrize(
    "answer",
    [Answer(404, content=b"<html>"), Answer(404, json=["a"]), Answer(404), Answer(404, content=b"null")],
    ids=["a proxy's page", "a list", "nothing", "null"],
)
def test_a_body_that_is_not_the_documented_one_keeps_the_class_of_the_runtime(colour: Any, answer: Answer) -> None:
    """``error`` of a class of one's own is never None."""
    error = raised(colour, answer, {404: PROBLEM})
    assert type(error) is ResourceNotFoundError
    assert error.error is None


def test_a_list_raises_it_when_it_is_read(colour: Any) -> None:
    pets = ListOperation[Any]("GET", "/pets", paging=SinglePage(), errors={404: PROBLEM})
    pager = colour.client(Answer(404, json=SEVEN))._list(pets, {}, options={})
    with pytest.raises(NotFoundProblemError, match=r"/pets answered 404 Not Found: 7"):
        colour.items(pager)


def test_it_reads_whatever_an_operation_reads(colour: Any) -> None:
    problems = raised_as(list_of(Problem), ProblemError)
    assert raised(colour, Answer(400, json=[SEVEN]), {400: problems}).error == [Problem(code=7)]


def test_it_has_the_parts_of_the_runtime_s_error_and_pickles(colour: Any) -> None:
    """A pool of processes hangs on an error that it cannot read back."""
    answer = Answer(429, json=SEVEN, headers={"RateLimit": '"x";r=0;t=30'})
    error = raised(colour, answer, {"4XX": PROBLEM})
    assert isinstance(error, RateLimitedProblemError)
    for twin in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(twin), twin.error, twin.remaining, str(twin)) == (type(error), Problem(code=7), 0, str(error))


@pytest.mark.parametrize("wrong", [Problem, KeyError, "ProblemError"], ids=["the model", "another error", "a name"])
def test_what_is_no_error_of_the_runtime_is_refused(wrong: object) -> None:
    """When it is declared: in the middle of a failed call nobody would see it."""
    with pytest.raises(UsageError, match="raised_as takes subclasses of HttpResponseError"):
        raised_as(Problem, cast("type[HttpResponseError]", wrong))
