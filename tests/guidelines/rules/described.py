"""What the document of a generated package says of its methods: what to call them with, and what a mock answers."""

from __future__ import annotations

import copy
import functools
import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

from clientsmith.core.operations import LongRunningOperation
from clientsmith.core.testing import Answer, SentRequest
from clientsmith.emit.methods import Method as Described
from clientsmith.emit.methods import methods_of
from clientsmith.mock import Request, Service
from clientsmith.model.pipeline import model
from clientsmith.openapi.load import load

__all__ = ["ENDPOINT", "Described", "Document", "failed"]

ENDPOINT: Final = "https://service.test"
_MAKER: Final = Path(__file__).resolve().parents[3] / "benchmarks" / "generator" / "callable.py"


class Document:
    """The document that a package was generated from.

    What a method succeeds with is what the mock of the document said when it was called for the first time: recorded
    once, for both colours and all rules, and played to them from a script.
    """

    def __init__(self, file: Path) -> None:
        self.api, resolver, _ = model(load(str(file))[0])
        self.service = Service(self.api, resolver)
        for operation in self.service.operations:
            operation.security = ()  # the credential that a rule has at hand need not be the one of the operation
        self.endpoint = f"{ENDPOINT}{self.service.base}"
        self._methods = {
            ((method.groups[-1] if method.groups else self.api.root).name, method.name): method
            for method in methods_of(self.api)
        }
        self._bound: dict[str, dict[str, Any]] = {}
        self._arguments: dict[tuple[str, ...], dict[str, Any]] = {}
        self._recorded: dict[tuple[str, ...], list[Answer]] = {}

    def method(self, client: str, name: str) -> Described | None:
        """Return what a method of a client class is made from, None if somebody wrote it."""
        return self._methods.get((client, name))

    def bound(self, client: str, models: ModuleType) -> dict[str, Any]:
        """Return by name what a child client is made with, {} for any other."""
        if client not in self._bound:
            of_client = (method for (owner, _), method in self._methods.items() if owner == client and method.groups)
            method = next(of_client, None)
            maker = _maker().Arguments(self.service, models)
            groups = method.groups if method is not None else ()
            made = [value for group in groups for value in maker.bound(method, group)]
            self._bound[client] = dict(zip(method.bound if method is not None else (), made, strict=True))
        return self._bound[client]

    def arguments(self, method: Described, models: ModuleType) -> dict[str, Any]:
        """Return arguments for a method by name, the optional ones too, as a user would give them."""
        key = (*(group.name for group in method.groups), method.name)
        if key not in self._arguments:
            positional, keywords = _maker().Arguments(self.service, models).of(method)
            names = [*method.positional, method.body_name]
            self._arguments[key] = {**dict(zip(names, positional, strict=False)), **keywords}
        return dict(self._arguments[key])

    def answers(self, method: Described, play: Callable[[Callable[[SentRequest], Answer]], Any]) -> list[Answer]:
        """Return what the mock says to a method; the first time ``play`` calls it, with what answers its requests."""
        key = (*(group.name for group in method.groups), method.name)
        if key not in self._recorded:
            said: list[Answer] = []

            def answer(sent: SentRequest) -> Answer:
                said.append(self._answer(method, sent))
                return said[-1]

            play(answer)
            self._recorded[key] = said
        return list(self._recorded[key])

    def _answer(self, method: Described, sent: SentRequest) -> Answer:
        parts = urlsplit(sent.url)
        headers = {name.lower(): value for name, value in sent.headers.items()}
        if "#" in method.operation.path:  # several operations share a path, and only a fragment tells them apart
            headers["prefer"] = f"operation={method.operation.operation_id}"
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        reply = self.service.answer(Request(sent.method, target, headers, sent.content, ENDPOINT))
        return Answer(reply.status, content=b"".join(reply.pieces) or reply.content, headers=reply.headers)


def failed(answers: list[Answer], operation: LongRunningOperation[Any]) -> list[Answer]:
    """Return the answers of an operation that is accepted and then ends badly, [] where no status tells that."""
    polling = operation.polling
    changed = [answers[0], *(_with_status(each, polling.status, polling.failed[0]) for each in answers[1:])]
    return changed if any(one is not other for one, other in zip(changed, answers, strict=True)) else []


def _with_status(answer: Answer, path: tuple[str, ...], word: str) -> Answer:
    try:
        body = json.loads(answer.content)
    except ValueError:
        return answer
    inner: Any = body
    for key in path[:-1]:
        inner = inner.get(key) if isinstance(inner, Mapping) else None
    if not path or not isinstance(inner, dict) or path[-1] not in inner:
        return answer
    inner[path[-1]] = word
    renewed = copy.copy(answer)
    renewed.content = json.dumps(body).encode()
    return renewed


@functools.cache
def _maker() -> ModuleType:
    """Return ``benchmarks/generator/callable.py``, which makes arguments from schemas."""
    spec = importlib.util.spec_from_file_location("guidelines_callable", _MAKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look for themselves there
    spec.loader.exec_module(module)
    return module
