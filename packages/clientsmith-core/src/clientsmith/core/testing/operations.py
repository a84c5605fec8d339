"""Every operation of a client, called against a server on this machine: what the tests of generated packages stand on.

case = Case("list_pets", "GET", "/pets", lambda client: client.list_pets(), Answer(json=[{"id": 1}]), items=1)
with Service(PetstoreClient) as service:
    assert service.call(case) == [{"id": 1}]
    assert case.is_sent_as(service.sent[0])
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Any, Final, NamedTuple, Self, cast

from ..models import Model
from ..rest import HttpRequest
from .answers import Answer, Piece
from .scripted import SentRequest
from .server import ScriptedServer

__all__ = ["SURPRISE", "Case", "Failure", "Service", "errors_of", "read_fully", "surprising"]

_REPEATABLE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})  # RFC 9110, section 9.2.2
_CALLS_IN_BUDGET: Final = 50  # half of what `clientsmith.core.policies.retry.RetryBudget` has
SURPRISE: Final = "clientsmith-surprise"


class Case:
    """One operation: how it is called, and what the service says.

    Args:
        name: What the test is called.
        method: Of the first request.
        path: Of the first request, with parameters in braces.
        call: Calls the operation of a client of either colour.
        *answers: What the service says, request by request, when all goes well.
        items: How many items a list or a stream gives, None where there is one value.
        errors: Status of each documented error → its JSON, None where it has none.
        absent_in: A version of the API that does not have the operation, "" if all that are known do.
        version: The version of the API to call it in, "" for the one that the client speaks by itself.
    """

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        call: Callable[[Any], Any],
        *answers: Answer,
        items: int | None = None,
        errors: Mapping[int, Any] = MappingProxyType({}),
        absent_in: str = "",
        version: str = "",
    ) -> None:
        self.name, self.method, self.path, self.call, self.answers = name, method, path, call, answers
        self.items, self.errors = items, errors
        self.absent_in, self.version = absent_in, version

    def is_sent_as(self, request: SentRequest) -> bool:
        """Whether a request has the method and path of this operation."""
        template = re.split(r"[?#]", self.path, maxsplit=1)[0]
        pattern = ".+".join(re.escape(part) for part in re.split(r"{[^{}]*}", template))
        return request.method == self.method and re.fullmatch(pattern, request.path) is not None

    @property
    def is_repeatable(self) -> bool:
        """Whether the operation may be sent again when the service did not take it (RFC 9110, section 9.2.2)."""
        return self.method in _REPEATABLE

    @property
    def is_stream(self) -> bool:
        """Whether the answer comes piece by piece."""
        return any(answer.pieces is not None for answer in self.answers)

    @property
    def is_value(self) -> bool:
        """Whether the answer holds what the operation gives, and no state of a job."""
        return not self.is_stream and (self.items is not None or len(self.answers) == 1)

    def cut(self) -> Answer:
        """Return the answer of a stream, broken off in its middle."""
        answer = self.answers[0]
        whole = b"".join(piece for piece in answer.pieces or () if isinstance(piece, bytes))
        chunks: list[Piece] = [whole[: len(whole) // 2], ConnectionResetError("broken off by the test")]
        return Answer(answer.status_code, headers=answer.headers, chunks=chunks)

    def __str__(self) -> str:
        return self.name


class Failure(NamedTuple):
    """One documented error of one operation.

    Attributes:
        case: The operation.
        status: Of the answer.
        error: Its JSON, None if it has none.
    """

    case: Case
    status: int
    error: Any

    @property
    def answer(self) -> Answer:
        """What the service says."""
        return Answer(self.status, json=self.error)

    def __str__(self) -> str:
        return f"{self.case}-{self.status}"


class Service:
    """A client of one colour, and the server that it talks to.

    Args:
        client: The class of the client.
        *arguments: Of its constructor, after the endpoint: the credential.
        versions: What the service says when a client asks which versions there are, before its first call; None of a
            client that does not ask.
        **settings: Of its constructor.
    """

    def __init__(
        self, client: Callable[..., Any], *arguments: Any, versions: Answer | None = None, **settings: Any
    ) -> None:
        self._server = ScriptedServer()
        self._runner = asyncio.Runner()
        self._versions = versions
        self._informed: set[int] = set()  # the clients that have asked, by their ids
        usual = {"timeout": 10.0, "polling_interval": 0.0, **settings}
        self._make = partial(client, self._server.url, *arguments, **usual)
        self._client, self._impatient = self._make(), self._make(max_retries=0)
        self._patient, self._busy_calls = self._make(), 0

    @property
    def sent(self) -> list[SentRequest]:
        """What the latest call sent, in order."""
        return self._server.sent

    def call(self, case: Case, *answers: Answer, retry: bool = True) -> Any:
        """Call an operation, read what it gives to its end, and return it; of a list or a stream all items.

        Args:
            case: The operation.
            *answers: What the service says; by default what it says when all goes well.
            retry: Whether the client tries again where its policies say so.
        """
        if case.version:
            return self.call_in(case.version, case, *answers)
        return self._played(case, self._client if retry else self._impatient, answers or case.answers)

    def call_in(self, version: str, case: Case, *answers: Answer) -> Any:
        """Call an operation with a client that speaks this version of the API, and no other one."""
        return self._alone(case, answers or case.answers, api_version=version, max_retries=0)

    def _alone(self, case: Case, answers: Iterable[Answer], **settings: Any) -> Any:
        """Call an operation with a client of its own."""
        client = self._make(**settings)
        try:
            return self._played(case, client, answers)
        finally:
            self._runner.run(_finished(client.close()))
            self._informed.discard(id(client))

    def _played(self, case: Case, client: Any, answers: Iterable[Answer]) -> Any:
        if self._versions is not None and id(client) not in self._informed:
            self._informed.add(id(client))
            self._server.play(self._versions, Answer(204))
            self._runner.run(_finished(client.send_request(HttpRequest("GET", "/"))))
        self._server.play(*answers)
        return self._runner.run(self._read(case.call, client))

    def call_while_busy(self, case: Case) -> Any:
        """Call an operation of a service that has no time for the first request: 503, ``Retry-After: 0``.

        All calls of a client share a budget of retries, so now and then it is another client.
        """
        answers = (Answer(503, headers={"Retry-After": "0"}), *case.answers)
        if case.version:
            return self._alone(case, answers, api_version=case.version)
        if self._busy_calls % _CALLS_IN_BUDGET == 0:
            self._runner.run(_finished(self._patient.close()))
            self._informed.discard(id(self._patient))
            self._patient = self._make()
        self._busy_calls += 1
        return self._played(case, self._patient, answers)

    def surprise(self, case: Case) -> list[Model]:
        """Call an operation with answers that its document does not know of; return the models that came.

        See `surprising` for what is in them. Of an operation that gives no models the list is empty.
        """
        answers = list(case.answers)
        for model in _models_in(self.call(case)):
            answers = [_replaced(answer, model.as_dict(), surprising(model)) for answer in answers]
        return _models_in(self.call(case, *answers))

    async def _read(self, call: Callable[[Any], Any], client: Any) -> Any:
        given = await _finished(call(client))
        if hasattr(given, "by_page") or hasattr(given, "__next__") or hasattr(given, "__anext__"):
            found = [item async for item in given] if hasattr(given, "__aiter__") else list(given)
        elif hasattr(given, "continuation_token") and hasattr(given, "result"):
            found = await _finished(given.result())
        else:
            found = await _finished(given.read()) if hasattr(given, "read") else given
        read_fully(found)
        return found

    def close(self) -> None:
        """End the clients and the server."""
        for client in (self._client, self._impatient, self._patient):
            self._runner.run(_finished(client.close()))
        self._runner.close()
        self._server.close()

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


async def _finished(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _models_in(given: object) -> list[Model]:
    items = cast("list[object]", given) if isinstance(given, list) else [given]
    return [item for item in items if isinstance(item, Model)]


def read_fully(value: object) -> int:
    """Read every field of every model in a value, which is when they are converted; return how many there were.

    Raises:
        ModelDecodeError: A field cannot be read.
    """
    if isinstance(value, Model):
        return sum(1 + read_fully(getattr(value, name)) for name in type(value)._shape.fields)
    if isinstance(value, Mapping):
        return sum(map(read_fully, cast("Mapping[str, object]", value).values()))
    return sum(map(read_fully, cast("list[object]", value))) if isinstance(value, list) else 0


def surprising(model: Model) -> dict[str, Any]:
    """Return the JSON of a model with what its document does not know.

    An unknown field (`SURPRISE`), an unknown value for every enum, and null for other plain values. The property that
    tells the model from its siblings stays, and so do ids, which lists go on by, and whatever is an object or a list.
    """
    changed = model.as_dict()
    for each in type(model)._shape.fields.values():
        known = changed.get(each.wire_name)
        is_kept = each.wire_name == type(model)._tag or each.wire_name.lower().endswith("id")
        if is_kept or isinstance(known, dict | list) or known is None:
            continue
        is_enum = isinstance(getattr(model, each.name), Enum)
        changed[each.wire_name] = (SURPRISE if isinstance(known, str) else 424_242) if is_enum else None
    return {**changed, SURPRISE: True}


def _replaced(answer: Answer, known: Mapping[str, Any], other: Mapping[str, Any]) -> Answer:
    """Return an answer with one object of its JSON replaced wherever it stands."""
    if "json" not in answer.headers.get("Content-Type", "") or answer.pieces is not None:
        return answer
    body = _swapped(json.loads(answer.content or b"null"), known, other)
    return Answer(answer.status_code, content=json.dumps(body).encode(), headers=answer.headers)


def _swapped(value: Any, known: Mapping[str, Any], other: Mapping[str, Any]) -> Any:
    if value == known:
        return other
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return {name: _swapped(part, known, other) for name, part in members.items()}
    if isinstance(value, list):
        return [_swapped(part, known, other) for part in cast("Sequence[Any]", value)]
    return value


def errors_of(cases: Iterable[Case]) -> list[Failure]:
    """Return each documented error of each operation."""
    return [Failure(case, status, error) for case in cases for status, error in case.errors.items()]
