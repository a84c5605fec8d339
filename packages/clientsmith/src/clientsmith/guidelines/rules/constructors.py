"""Rules about how a client is made."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from clientsmith.guidelines.annotations import alternatives
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.members import CREDENTIALS, TRANSPORTS, ClientSource, made_from_client, takes
from clientsmith.guidelines.rule import SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import decorators_of, parameters_of
from clientsmith.guidelines.verdicts import Met, Problem, Verdict, judged, problem

__all__ = [
    "ClientConnectionString",
    "ClientConstructorApiVersionArgument",
    "ClientConstructorForm",
    "ClientConstructorPolicyArguments",
    "ClientConstructorTransportArgument",
]

_NOTHING: Final = "no client is made by itself"
_SETTING: Final = re.compile(r"timeout|retries|retry|headers|proxy|proxies|user_agent|verify|logging")
_GOOD: Final = Example(
    """
    from typing import Any

    from clientsmith.core import ServiceClient
    from clientsmith.core.credentials import KeyCredential
    from clientsmith.core.transport import Transport


    class DepotClient(ServiceClient):
        def __init__(
            self,
            endpoint: str,
            credential: KeyCredential,
            *,
            api_version: str = "2026-01-01",
            transport: Transport | None = None,
            **options: Any,
        ) -> None:
            super().__init__(endpoint, credential, transport=transport, settings=options)
    """
)


def _bad(text: str) -> Example:
    """Return the good example with another signature: the text between the parentheses of ``__init__``."""
    return Example(
        f"""
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def __init__({text}) -> None:  # <--
                super().__init__(endpoint, credential)
        """
    )


def _at(client: ClientSource, hint: str) -> Problem:
    cls, node = client.constructor or (client.cls, client.cls.node)
    return problem(cls.module.file, node, f"{client.name}(): {hint}")


def _made(side: Side) -> list[ClientSource]:
    """Return the clients that set up their own connection: a client of a client takes over that of the other.

    Where nothing is exported, every public class is looked at: one that others are derived from is their base then.
    """
    is_exported = bool(side.exported or side.package.exported_from(side.package.root_module))
    bases = set[ast.ClassDef]() if is_exported else {above.node for each in side.clients for above in each.lineage[1:]}
    return [each for each in side.clients if not made_from_client(each) and each.cls.node not in bases]


class ClientConstructorForm(SideRule):
    """Binding and credential by position, the rest by keyword."""

    id = "client-constructor-form"
    kinds = "S"
    meaning = (
        "A constructor takes what it is bound to and the credential by position, and everything optional by keyword."
    )
    why = (
        "All clients are made alike: `DepotClient(endpoint, credential, ...)`. What is optional can be added and "
        "reordered without breaking anybody, since nobody can give it by position."
    )
    good = _GOOD
    bad = _bad("self, endpoint: str, *, credential: object, **options: object")

    def judge_side(self, side: Side) -> Verdict:
        clients = _made(side)
        problems = [_at(client, hint) for client in clients for hint in _wrong_form(client)]
        evidence = [f"{c.name}({', '.join(p.name for p in c.constructor_parameters)})" for c in clients]
        return judged(problems, evidence, nothing=_NOTHING)


def _wrong_form(client: ClientSource) -> Iterator[str]:
    parameters = client.constructor_parameters
    positional = [p for p in parameters if p.kind == "positional"]
    credentials = [p for p in parameters if p.name in CREDENTIALS]
    has_core = client.profile.has_core
    if has_core and (not positional or positional[0].name in CREDENTIALS | TRANSPORTS):
        yield "the first argument says which service: an endpoint, a parent, a name"
    if not any(p.kind == "positional" for p in credentials) and (has_core or credentials):
        yield f"`{credentials[0].name if credentials else 'credential'}` has to be positional"
    # Where the service is may have a default, and so may who asks.
    bound = positional[0].name if positional else ""
    optional = [p.name for p in positional if p.is_optional and p.name not in CREDENTIALS and p.name != bound]
    if optional:
        yield f"make {', '.join(optional)} keyword-only: {'it is' if len(optional) == 1 else 'they are'} optional"


class ClientConstructorApiVersionArgument(SideRule):
    """The version of the API is an argument."""

    id = "client-constructor-api-version-argument"
    kinds = "SR"
    meaning = (
        "Every constructor takes a keyword-only `api_version` text with a default; the version given is the version "
        "sent."
    )
    why = (
        "A program is written for one version of the service. It has to be able to stay there while the library moves "
        "on, and to reach a service that is older than the library."
    )
    good = _GOOD
    bad = _bad("self, endpoint: str, credential: object, api_version: str, **options: object")

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client in _made(side):
            kind = takes(client, "api_version")
            if not kind and not client.profile.has_core and not _knows_versions(client):
                continue
            parameter = next((p for p in client.constructor_parameters if p.name == "api_version"), None)
            if kind not in ("keyword", "rest") or (parameter and not _is_text(parameter.annotation)):
                other = [
                    p.name for p in client.constructor_parameters if p.name.endswith("_version") and p is not parameter
                ]
                instead = f" instead of `{other[0]}`" if other else ""
                problems.append(_at(client, f"take a keyword-only `api_version: str`{instead}"))
            elif parameter is not None and not parameter.is_optional:
                problems.append(
                    _at(client, "give `api_version` the newest version that the library knows as its default")
                )
            else:
                evidence.append(f"{client.name} takes api_version")
        return judged(problems, evidence, nothing="nothing in the package speaks of a version of the service's API")


def _knows_versions(client: ClientSource) -> bool:
    return any("version" in p.name.split("_") for p in client.constructor_parameters if p.kind != "rest")


def _is_text(annotation: str) -> bool:
    """Whether an annotation allows a text; an enumeration of texts, and none at all, do as well."""
    return not annotation or bool({"str"} & set(alternatives(annotation))) or "Version" in annotation


class ClientConstructorPolicyArguments(SideRule):
    """Settings for all requests, on the constructor."""

    id = "client-constructor-policy-arguments"
    kinds = "SR"
    meaning = (
        "The constructor takes defaults for every request (`timeout`, `max_retries`, `headers` …) and the policies "
        "obey them."
    )
    why = (
        "How long to wait and how often to try again depends on the program, not on the library. What is said once, "
        "where the client is made, holds for every request, those of pages and polls included."
    )
    good = _GOOD
    bad = _bad("self, endpoint: str, credential: object")

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client in _made(side):
            settings = [
                p.name for p in client.constructor_parameters if p.kind == "keyword" and _SETTING.search(p.name)
            ]
            if any(p.kind == "rest" for p in client.constructor_parameters):
                evidence.append(f"{client.name} takes them as **options")
            elif settings:
                evidence.append(f"{client.name} takes {', '.join(settings)}")
            else:
                problems.append(_at(client, "take the settings of the policies as `**options`"))
        return judged(problems, evidence, nothing=_NOTHING)


class ClientConstructorTransportArgument(SideRule):
    """What sends requests can be exchanged."""

    id = "client-constructor-transport-argument"
    kinds = "SR"
    meaning = (
        "`transport=` takes any transport; the default is RequestsTransport for sync clients, AioHttpTransport for "
        "async ones."
    )
    why = (
        "Tests replace what sends requests by a script, and a program replaces it by one that shares connections or "
        "speaks through its own proxy. Neither should have to patch the library."
    )
    good = _GOOD
    bad = _bad("self, endpoint: str, credential: object, transport: object = None")

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client in _made(side):
            words = ("transport",) if client.profile.has_core else tuple(sorted(TRANSPORTS))
            kinds = {word: kind for word in words if (kind := takes(client, word))}
            by_keyword = [word for word, kind in kinds.items() if kind in ("keyword", "rest")]
            if by_keyword:
                evidence.append(f"{client.name} takes `{by_keyword[0]}`")
            elif kinds:
                problems.append(_at(client, f"make `{next(iter(kinds))}` keyword-only"))
            elif client.profile.passes_on and any(p.kind == "rest" for p in client.constructor_parameters):
                evidence.append(f"{client.name} hands it to {client.profile.base} in its **kwargs")
            else:
                problems.append(_at(client, "take an optional keyword-only `transport`"))
        return judged(problems, evidence, nothing=_NOTHING)


class ClientConnectionString(SideRule):
    """Connection strings have a way of their own."""

    id = "client-connection-string"
    kinds = "S"
    meaning = (
        "No constructor takes a connection string; a client that knows them has the class method "
        "`from_connection_string`."
    )
    why = (
        "A connection string holds the endpoint and a secret in one. A constructor that takes either would have rules "
        "about which arguments go together; a class method says what it takes by its name."
    )
    good = Example(
        """
        from typing import Any, Self

        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, credential: object, **options: Any) -> None: ...

            @classmethod
            def from_connection_string(cls, text: str, **options: Any) -> Self: ...
        """
    )
    bad = _bad("self, endpoint: str = '', credential: object = None, connection_string: str = '', **options: object")

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        factories: list[str] = []
        for client in side.clients:
            problems += [
                _at(client, f"move `{parameter.name}` to a class method from_connection_string")
                for parameter in client.constructor_parameters
                if parameter.name.startswith("conn") and parameter.name.endswith(("str", "string"))
            ]
            if "from_connection_string" in client.public_functions:
                problems += _factory_problems(client)
                factories.append(f"{client.name}.from_connection_string")
        if not problems and side.clients and not factories:
            return Met("no constructor takes a connection string")
        return judged(problems, factories, nothing="there is no client")


def _factory_problems(client: ClientSource) -> list[Problem]:
    cls, node = client.public_functions["from_connection_string"]
    problems: list[Problem] = []
    if "classmethod" not in decorators_of(node):
        problems.append(problem(cls.module.file, node, "make from_connection_string a class method"))
    taken = {p.name for p in parameters_of(node)}
    has_rest = any(p.kind == "rest" for p in parameters_of(node))
    lost = [p.name for p in client.constructor_parameters if p.kind == "keyword" and p.name not in taken]
    if lost and not has_rest:
        hint = f"from_connection_string should take what the constructor takes: {', '.join(lost)} and `**options`"
        problems.append(problem(cls.module.file, node, hint))
    return problems
