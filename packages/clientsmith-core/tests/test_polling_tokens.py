"""Continuation tokens of long running operations: what is in them, what they resume, and what they cannot do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInQuery
from clientsmith.core.operations import LongRunningOperation
from clientsmith.core.polling import Polling
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

HOST: Final = "https://example.test"
JOBS: Final[Polling[Any]] = Polling(succeeded=("finished",), failed=("failed",), poll_path="/jobs/{job_id}")
MONITOR: Final[Polling[Any]] = Polling()
QUEUED: Final = Answer(202, json={"job_id": "7", "status": "queued"})
FINISHED: Final = Answer(json={"job_id": "7", "status": "finished", "results": {"show run": "secret"}})
DONE: Final = Answer(json={"status": "Succeeded"})


class Side:
    """One of the two colours, driven in the same words."""

    def __init__(self, colour: str) -> None:
        self._run = asyncio.run if colour == "async" else None
        self.service: ScriptedTransport | AsyncScriptedTransport = ScriptedTransport()

    def begin(
        self,
        polling: Polling[Any],
        *answers: Answer,
        method: str = "POST",
        client: Any = None,
        token: str | None = None,
    ) -> Any:
        """Begin an operation of a scripted service, or resume it, and return its poller."""
        operation: LongRunningOperation[Any] = LongRunningOperation(method, "/jobs", responses={}, polling=polling)
        options = {"continuation_token": token}
        if self._run:
            self.service = AsyncScriptedTransport(*answers)
            twin = aio.ServiceClient(HOST, transport=self.service, **(client or {}))
            return self._run(twin._begin(operation, {}, options=options))
        self.service = ScriptedTransport(*answers)
        return ServiceClient(HOST, transport=self.service, **(client or {}))._begin(operation, {}, options=options)

    def result(self, poller: Any) -> Any:
        return self._run(poller.result()) if self._run else poller.result()

    @property
    def urls(self) -> Sequence[str]:
        return [request.url.removeprefix(HOST) for request in self.service.requests]


@pytest.fixture(params=["sync", "async"])
def side(request: pytest.FixtureRequest) -> Side:
    """The same test in both colours."""
    return Side(request.param)


def test_a_token_is_json_and_resumes_in_another_client(side: Side) -> None:
    """Nothing is submitted again, and who comes back looks at once."""
    token = side.begin(JOBS, QUEUED).continuation_token()
    assert json.loads(token) == {
        "v": 2, "operation": "POST /jobs", "url": "/jobs/7", "source": "monitor", "final_url": "", "cancel_url": "",
        "status": "queued", "polls": 0,
    }  # fmt: skip
    poller = side.begin(JOBS, FINISHED, token=token)
    assert (poller.status(), poller.done()) == ("queued", False)
    assert side.result(poller)["job_id"] == "7"
    assert (side.urls, side.service.waits) == (["/jobs/7"], [])


def test_a_token_remembers_where_the_result_is(side: Side) -> None:
    """The final GET happens in the other process."""
    polling: Polling[Any] = Polling(final="location")
    first = Answer(202, headers={"Operation-Location": "/ops/1", "Location": "/things/9"})
    token = side.begin(polling, first).continuation_token()
    poller = side.begin(polling, DONE, Answer(json={"id": 9}), token=token)
    assert side.result(poller) == {"id": 9}
    assert side.urls == ["/ops/1", "/things/9"]


def test_a_token_of_an_operation_that_is_over_asks_once_more(side: Side) -> None:
    """Results do not travel in tokens: they may be large, and secret."""
    poller = side.begin(JOBS, QUEUED, FINISHED)
    side.result(poller)
    token = poller.continuation_token()
    assert "secret" not in token
    again = side.begin(JOBS, FINISHED, token=token)
    assert side.result(again)["status"] == "finished"
    assert side.urls == ["/jobs/7"]


@pytest.mark.parametrize(
    ("first", "result"),
    [(Answer(200, json={"a": 1}), {"a": 1}), (Answer(204), None)],
    ids=["with a body", "without"],
)
def test_a_token_without_an_address_has_the_answer(side: Side, first: Answer, result: object) -> None:
    """There is nobody left to ask."""
    token = side.begin(MONITOR, first).continuation_token()
    assert side.result(side.begin(MONITOR, token=token)) == result
    assert side.urls == []


def test_a_key_in_the_query_is_in_no_token(side: Side) -> None:
    """Neither where we look nor where the result is."""
    client = {"credential": KeyCredential("s3cret"), "authentication": [KeyInQuery("key")]}
    polling: Polling[Any] = Polling(final="original-uri")
    first = Answer(202, headers={"Location": "?op=1"})
    poller = side.begin(polling, first, method="PUT", client=client)
    assert "s3cret" in side.service.requests[0].url
    token = json.loads(poller.continuation_token())
    assert (token["url"], token["final_url"]) == (f"{HOST}/jobs?op=1", f"{HOST}/jobs")


def forged(**changes: object) -> str:
    token: dict[str, object] = {
        "v": 2, "operation": "POST /jobs", "url": "/jobs/7", "source": "monitor", "final_url": "", "cancel_url": "",
        "status": "queued", "polls": 0,
    }  # fmt: skip
    return json.dumps({name: value for name, value in (token | changes).items() if value is not None})


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("gASVIAAAAAAAAACM", "is not one of a poller; pass what LROPoller.continuation_token() returned"),
        ("[1]", "is not one of a poller"),
        (forged(v=1), "continuation_token is of version 1, we read 2"),
        (forged(operation="POST /other"), "belongs to 'POST /other', not to 'POST /jobs'"),
        (forged(url=None), "continuation_token is not whole (KeyError('url'))"),
        (forged(polls="many"), "continuation_token is not whole"),
        (forged(source="rumour"), "continuation_token is not whole (KeyError('rumour'))"),
        (forged(url=""), "continuation_token says nowhere to look"),
        (forged(answer=[]), "continuation_token is not whole"),
        (forged(url="https://evil.test/x"), "leads away from the endpoint https://example.test"),
        (forged(url="http://example.test/x"), "leads away from the endpoint"),
        (forged(url="file:///etc/passwd"), "leads away from the endpoint"),
        (forged(final_url="https://evil.test/x"), "leads away from the endpoint"),
        (forged(cancel_url="https://evil.test/x"), "leads away from the endpoint"),
    ],
    ids=[
        "no JSON", "no object", "version", "operation", "part missing", "part of wrong type", "source", "nowhere",
        "answer", "origin", "scheme", "file", "final origin", "cancel origin",
    ],
)  # fmt: skip
def test_a_token_is_checked_before_anything_is_sent(side: Side, token: str, message: str) -> None:
    """It may come from anywhere, so it cannot send requests anywhere."""
    with pytest.raises(ValueError) as caught:
        side.begin(JOBS, token=token)
    assert message in str(caught.value)
    assert side.urls == []


def test_a_path_in_a_token_stays_below_the_endpoint(side: Side) -> None:
    """``//host`` is a path too."""
    poller = side.begin(JOBS, FINISHED, token=forged(url="//evil.test/x"))
    side.result(poller)
    assert side.service.requests[0].url == "https://example.test//evil.test/x"
