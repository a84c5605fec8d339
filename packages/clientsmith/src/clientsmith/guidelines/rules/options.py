"""Rules about the arguments that every method takes, whatever it does."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from clientsmith.guidelines.examples import ONE_METHOD, Example
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.rule import SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import ClassSource, parameters_of
from clientsmith.guidelines.verdicts import Problem, Verdict, judged
from clientsmith.guidelines.views import lacking, sending

__all__ = ["ClientServiceArgs", "ClientServicePerCallArgs"]

_NOTHING: Final = "there is no method"
_COMMON: Final = ("timeout", "headers", "client_request_id", "response_hook")
# Settings of requests that constructors name; a call can be given each under the same name.
_SETTINGS: Final = ("timeout", "max_retries", "retries", "headers", "user_agent")


def _has_rest(method: Method) -> bool:
    return any(parameter.kind == "rest" for parameter in method.parameters)


def _missing(method: Method, names: tuple[str, ...]) -> list[str]:
    taken = {parameter.name for parameter in method.parameters}
    return [name for name in names if name not in taken]


def _sends_nothing(side: Side, method: Method) -> bool:
    """Whether a method only makes an object of the package, ``return Artifacts(self, turn)``, or always raises."""
    body = [
        node for node in method.node.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    match body:
        case [ast.Raise()]:
            return True
        case [ast.Return(value=ast.Call(func=ast.Name(id=name)))] if not method.is_async:
            cls = side.package.source.resolve(method.owner.module, name)
            return isinstance(cls, ClassSource) and not method.is_read_later and not method.is_poller
        case _:
            return False


class ClientServiceArgs(SideRule):
    """Every method takes what concerns its requests."""

    id = "client-service-args"
    kinds = "SR"
    meaning = (
        "Every method takes `timeout`, `headers`, `client_request_id` and `response_hook`; a list "
        "`continuation_token` too."
    )
    why = (
        "One call may need a deadline of its own, a header for tracing, an id that stands in the caller's log, or a "
        "look at the raw response. They mean the same on every method, so users learn them once."
    )
    good = ONE_METHOD
    bad = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.operations import Operation
        from clientsmith.core.serialization import as_codec

        GET_WEIGHT = Operation("GET", "/weight", responses={200: as_codec(None)})
        GET_HEIGHT = Operation("GET", "/height", responses={200: as_codec(None)})


        class DepotClient(ServiceClient):
            def get_weight(self, *, timeout: float = 30.0) -> float:  # <--
                return self._call(GET_WEIGHT, {}, options={"timeout": timeout})

            def get_height(self) -> float:  # <--
                return self._call(GET_HEIGHT, {}, options={})
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        methods = [method for _, method in sending(side) if not _sends_nothing(side, method)]
        pagers = [method for method in methods if method.is_pager]
        problems = [*_without(side, methods, _COMMON), *_without(side, pagers, ("continuation_token",))]
        return judged(problems, [method.name for method in methods], nothing=_NOTHING)


def _without(side: Side, methods: list[Method], names: tuple[str, ...]) -> Iterator[Problem]:
    missing = [(method, [] if _has_rest(method) else _missing(method, names)) for method in methods]
    return lacking(
        side, missing, lambda several: f"take {_listed(several)} by keyword, or the common ones as `**options`"
    )


class ClientServicePerCallArgs(SideRule):
    """A call can have settings of its own."""

    id = "client-service-per-call-args"
    kinds = "SR"
    meaning = "Every setting of a request can be given to a single call, under the constructor's name, and wins there."
    why = (
        "Most calls are content with the settings of the client; the one that is not should not need a second client, "
        "with connections of its own. The same name means the same thing in both places."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.operations import Operation
        from clientsmith.core.serialization import as_codec

        GET_WEIGHT = Operation("GET", "/weight", responses={200: as_codec(None)})


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, *, max_retries: int = 3) -> None:
                super().__init__(endpoint, settings={"max_retries": max_retries})

            def get_weight(self, **options: object) -> float:
                return self._call(GET_WEIGHT, {}, options=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.operations import Operation
        from clientsmith.core.serialization import as_codec

        GET_WEIGHT = Operation("GET", "/weight", responses={200: as_codec(None)})


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, *, max_retries: int = 3) -> None:
                super().__init__(endpoint, settings={"max_retries": max_retries})

            def get_weight(self, *, timeout: float = 30.0) -> float:  # <--
                return self._call(GET_WEIGHT, {}, options={"timeout": timeout})
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        of_all = {name for each in side.clients for name in _settings_of(each)}
        missing: list[tuple[Method, list[str]]] = []
        for client, method in sending(side):
            if _sends_nothing(side, method):
                continue
            settings = _settings_of(client) or of_all
            if settings or _has_rest(method):
                names = tuple(name for name in _SETTINGS if name in settings)
                missing.append((method, [] if _has_rest(method) else _missing(method, names)))
        problems = lacking(
            side, missing, lambda names: f"take {_listed(names)} for this call, as the constructor does for all"
        )
        return judged(problems, [method.name for method, _ in missing], nothing="no client has a setting of requests")


def _settings_of(client: ClientSource) -> set[str]:
    named = {each.name for _, node in client.constructors for each in parameters_of(node)}
    return named & set(_SETTINGS)


def _listed(names: Sequence[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
