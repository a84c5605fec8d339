"""Carries an examination out; its twin is `simple_repository_client.conformance.aio`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clientsmith.core import ServiceClient
from clientsmith.core.errors import ClientAuthenticationError, ClientsmithError, HttpResponseError
from clientsmith.core.rest import HttpRequest, HttpResponse

from .answers import Answer
from .examination import Ask, examine
from .report import Report, judge

__all__ = ["answer_of", "check_index", "no_answer", "options_of", "request_of"]


def check_index(client: ServiceClient, index_url: str, projects: Sequence[str] = ()) -> Report:
    """Examine an index.

    Args:
        client: Sends the requests, with its credential where it has one, and its ``timeout`` for each.
        index_url: Absolute URL of the list of projects.
        projects: Whose pages to look at; without any, three of the list.

    Raises:
        TransportError: The index does not answer.
        HttpResponseError: It does not let the client in.
    """
    examination = examine(index_url, projects)
    ask = next(examination)
    while True:
        try:
            answer = answer_of(ask, client.send_request(request_of(ask), **options_of(ask)))
        except ClientsmithError as error:
            answer = no_answer(ask, error)
        try:
            ask = examination.send(answer)
        except StopIteration as finished:
            return judge(index_url, finished.value)


def request_of(ask: Ask) -> HttpRequest:
    """Return what is sent for a question."""
    return HttpRequest(ask.method, ask.url, headers=ask.headers)


def options_of(ask: Ask) -> dict[str, Any]:
    """Return the settings of the call that asks a question."""
    # What fails is an answer as well: a second try would only hide it.
    options: dict[str, Any] = {"max_retries": 0}
    return options if ask.follows else {**options, "max_redirects": 0}


def answer_of(ask: Ask, response: HttpResponse) -> Answer:
    """Return an answer as rules judge it.

    Raises:
        HttpResponseError: Nobody can say anything about an index that lets nobody in.
    """
    if ask.is_first and response.status_code == 401:
        raise ClientAuthenticationError(response=response)
    if ask.is_first and response.status_code == 403:
        raise HttpResponseError(response=response)
    return Answer(response.status_code, response.headers, response.request.url, response.content)


def no_answer(ask: Ask, error: ClientsmithError) -> Answer:
    """Return the answer that did not come. Without the first one nothing can be said: then the error stays one."""
    if ask.is_first:
        raise error
    return Answer(0, url=ask.url, problem=str(error))
