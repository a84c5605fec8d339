"""What to call a method with, and what a service would answer, where no document says it: the smallest things."""

from __future__ import annotations

import datetime
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clientsmith.core.credentials import AccessToken, BasicCredential, KeyCredential
from clientsmith.core.operations import ListOperation, LongRunningOperation
from clientsmith.core.testing import Answer

from .described import ENDPOINT
from .package import Colour, Method
from .source import ParameterSource, annotation_names

__all__ = ["Example", "argument_for", "credential_for", "failing_poll", "success_of"]


@dataclass(frozen=True, slots=True)
class Example:
    """A call of a method that somebody wrote, and what a service answers to it.

    Attributes:
        arguments: Makes the arguments, by name.
        answer: Lets the call succeed.
    """

    arguments: Callable[[], Mapping[str, Any]]
    answer: Answer


_VALUES: Final[Mapping[str, Any]] = {
    "str": "sample",
    "int": 1,
    "float": 1.0,
    "bool": True,
    "bytes": b"sample",
    "UUID": uuid.UUID(int=1),
    "date": datetime.date(2026, 1, 2),
    "datetime": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    "timedelta": datetime.timedelta(seconds=1),
    "Sequence": [],
    "list": [],
}


def argument_for(parameter: ParameterSource) -> Any:
    """Return a value that the parameter's annotation allows; a mapping wherever one is taken."""
    names = [name.rpartition(".")[2] for name in annotation_names(parameter.annotation)]
    if "Mapping" in names and "Sequence" not in names[: names.index("Mapping")]:
        return {}
    return next((_VALUES[name] for name in names if name in _VALUES), "sample")


class _Token:
    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("token", time.time() + 3600)


class _AsyncToken:
    async def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("token", time.time() + 3600)


def credential_for(annotation: str, colour: Colour) -> object | None:
    """Return a credential of the first kind that the constructor takes, None if it takes none."""
    token = _Token if colour is Colour.SYNC else _AsyncToken
    makers: Mapping[str, Callable[[], object]] = {
        "BasicCredential": lambda: BasicCredential("user", "secret"),
        "KeyCredential": lambda: KeyCredential("secret"),
        "TokenCredential": token,
        "AsyncTokenCredential": token,
    }
    for name in annotation_names(annotation):
        if (last := name.rpartition(".")[2]) in makers:
            return makers[last]()
    return None


# --- what the service says -------------------------------------------------------------------------------------------


def success_of(method: Method, operation: object) -> list[Answer]:
    """Return the answers that let the method succeed; a list in two pages where its scheme has more than one."""
    if isinstance(operation, ListOperation):
        return _pages(method, operation.paging)
    if isinstance(operation, LongRunningOperation):
        return _polls(operation.polling, operation.polling.succeeded[0])
    names = method.returned_names
    if not names or "None" in method.returns.split("[")[0].split(" | ")[:1]:
        return [Answer(204)]
    if names[0] in ("EventStream", "AsyncEventStream"):
        return [Answer(200, content=b"data: sample\n\n", headers={"Content-Type": "text/event-stream"})]
    if names[0] in ("bytes", "Iterator", "AsyncIterator"):
        return [Answer(200, content=b"sample", headers={"Content-Type": "application/octet-stream"})]
    wire: Any = {"str": "sample", "bool": True, "int": 1, "float": 1.0, "list": [], "Sequence": []}.get(names[0], {})
    return [Answer(200, json=wire)]


def failing_poll(operation: LongRunningOperation[Any]) -> list[Answer]:
    """Return the answers of a long running operation that is accepted and then fails."""
    return _polls(operation.polling, operation.polling.failed[0])


def _with(path: tuple[str, ...], leaf: Any, body: Any = None) -> Any:
    """Return the body with a value at a path of keys; the empty path is the body itself."""
    if not path:
        return leaf
    known = dict(body) if isinstance(body, Mapping) else {}
    return {**known, path[0]: _with(path[1:], leaf, known.get(path[0]))}


def _pages(method: Method, paging: Any) -> list[Answer]:
    item: Any = "sample" if method.returned_names[1:2] == ["str"] else {}
    scheme = type(paging).__name__
    first, last = _with(paging.items, [item]), _with(paging.items, [])
    headers: dict[str, str] = {}
    if scheme == "NextLink":
        first = _with(paging.next, f"{ENDPOINT}/next", first)
    elif scheme == "NextToken":
        first = _with(paging.next, "token-2", first)
    elif scheme == "NextLinkHeader":
        url = f"{ENDPOINT}/next"
        headers = {paging.header: f'<{url}>; rel="next"' if paging.header.lower() == "link" else url}
    elif scheme == "PageNumber" and paging.pages:
        first, last = (_with(paging.pages, 2, body) for body in (first, last))
    elif scheme == "Offset" and paging.total:
        first, last = (_with(paging.total, 2, body) for body in (first, last))
    # A list is over for some schemes when a page comes empty, so one more is there to be asked for.
    return [Answer(json=first, headers=headers), *([] if scheme == "SinglePage" else [Answer(json=last)] * 2)]


def _polls(polling: Any, last_word: str) -> list[Answer]:
    first: Any = {}
    for key in re.findall(r"{([^{}]+)}", polling.poll_path):
        first[key] = "sample"
    headers = {} if polling.poll_path else {polling.headers[0]: f"{ENDPOINT}/operations/1"}
    over = _with(polling.status, last_word, _with(polling.result, {}))
    return [Answer(202, json=first, headers=headers), Answer(json=over), Answer(json=over)]
