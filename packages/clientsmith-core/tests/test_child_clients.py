"""Clients of a part of a service: they stand on their parent, and can be made alone."""

from __future__ import annotations

from typing import Any

import pytest
from clientsmith.core import aio
from clientsmith.core.client import ServiceClient
from clientsmith.core.credentials import KeyCredential, KeyInHeader
from clientsmith.core.errors import FrozenClientError
from clientsmith.core.operations import Operation, path
from clientsmith.core.testing import Answer, AsyncScriptedTransport, ScriptedTransport

GET_ISSUE: Operation[Any] = Operation(
    "GET",
    "/repos/{owner}/{repo}/issues/{number}",
    parameters={"owner": path("owner"), "repo": path("repo"), "number": path("number")},
    responses={200: None},
)
ENDPOINT = "https://example.test"


class IssuesClient(ServiceClient):
    def get_issue(self, number: int, **options: Any) -> None:
        self._call(GET_ISSUE, {**self._bound, "number": number}, options=options)


class RepositoryClient(ServiceClient):
    def __init__(self, endpoint: str, owner: str, repo: str, **keywords: Any) -> None:
        super().__init__(endpoint, bound={"owner": owner, "repo": repo}, **keywords)

    @property
    def issues(self) -> IssuesClient:
        return self._child(IssuesClient)


class AsyncIssuesClient(aio.ServiceClient):
    async def get_issue(self, number: int, **options: Any) -> None:
        await self._call(GET_ISSUE, {**self._bound, "number": number}, options=options)


def test_a_child_sends_what_it_is_bound_to() -> None:
    """Its own arguments and those of the clients above it."""
    service = ScriptedTransport(Answer(200))
    client = ServiceClient(ENDPOINT, transport=service)
    client._child(RepositoryClient, owner="octo", repo="a/b").issues.get_issue(7)
    assert service.requests[0].url == "https://example.test/repos/octo/a%2Fb/issues/7"


def test_a_child_can_be_made_alone() -> None:
    service = ScriptedTransport(Answer(200))
    RepositoryClient(ENDPOINT, "octo", "hello", transport=service).issues.get_issue(7)
    assert service.requests[0].url == "https://example.test/repos/octo/hello/issues/7"


async def test_an_async_child_sends_the_same() -> None:
    service = AsyncScriptedTransport(Answer(200))
    client = aio.ServiceClient(ENDPOINT, transport=service)
    await client._child(AsyncIssuesClient, owner="octo", repo="hello").get_issue(7)
    assert service.requests[0].url == "https://example.test/repos/octo/hello/issues/7"


def test_a_child_has_its_parents_credential_and_settings() -> None:
    service = ScriptedTransport(Answer(503), Answer(200))
    parent = ServiceClient(
        ENDPOINT,
        KeyCredential("k"),
        authentication=[KeyInHeader("X-Key")],
        transport=service,
        settings={"headers": {"X-From": "parent"}},
    )
    parent._child(RepositoryClient, owner="o", repo="r").issues.get_issue(7)
    sent = service.requests[-1].headers
    assert (sent["X-Key"], sent["X-From"], len(service.requests)) == ("k", "parent", 2)


def test_making_a_child_asks_nothing_of_the_service() -> None:
    service = ScriptedTransport()
    child = ServiceClient(ENDPOINT, transport=service)._child(RepositoryClient, owner="o", repo="r")
    assert repr(child) == "RepositoryClient('https://example.test')"
    assert service.requests == []


def test_a_child_is_frozen_and_so_are_its_arguments() -> None:
    """A child's arguments are its own: another child of the same parent has others."""
    parent = ServiceClient(ENDPOINT, transport=ScriptedTransport())
    first = parent._child(RepositoryClient, owner="o", repo="r")
    second = parent._child(RepositoryClient, owner="o", repo="s")
    assert (first._bound["repo"], second._bound["repo"], parent._bound) == ("r", "s", {})
    with pytest.raises(FrozenClientError, match="RepositoryClient is frozen"):
        first.owner = "somebody else"  # type: ignore[attr-defined]  # what is refused


def test_closing_a_child_closes_nothing() -> None:
    """The connections are its parent's, who goes on with them."""
    parent = ServiceClient(ENDPOINT)
    closed: list[bool] = []
    parent._transport.close = lambda: closed.append(True)  # type: ignore[method-assign]  # to see it
    with parent._child(RepositoryClient, owner="o", repo="r"):
        pass
    assert closed == []
    parent.close()
    assert closed == [True]
