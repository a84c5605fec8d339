"""Rules about credentials."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any, Final

from clientsmith.guidelines.annotations import alternatives, annotation_names
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.members import ClientSource
from clientsmith.guidelines.operations import operations_of
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.profiles import CLIENTSMITH
from clientsmith.guidelines.rule import HumanRule, Rule, SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import ClassSource, External, Module
from clientsmith.guidelines.verdicts import NotApplicable, Problem, Verdict, judged, problem

__all__ = ["AuthCredentialAzureCore", "AuthServiceCredentials", "AuthServiceSupport"]

_TEXTS: Final = frozenset({"str", "bytes"})


class AuthCredentialAzureCore(SideRule):
    """Credentials of the core."""

    id = "auth-credential-azure-core"
    kinds = "S"
    meaning = "Credentials are of the core's classes."
    why = (
        "One credential serves all clients of the house, is refreshed in one place, and can be rotated while clients "
        "use it. A key given as text cannot, and shows in every repr that forgets to hide it."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient
        from clientsmith.core.credentials import KeyCredential


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, credential: KeyCredential, **options: object) -> None:
                super().__init__(endpoint, credential, settings=options)
        """
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def __init__(self, endpoint: str, credential: str, **options: object) -> None:  # <--
                super().__init__(endpoint, credential, settings=options)
        """
    )

    def judge_side(self, side: Side) -> Verdict:
        if not side.package.profile.has_core:
            return NotApplicable("it stands on no core whose credentials it could take")
        problems: list[Problem] = []
        evidence: list[str] = []
        for client in side.clients:
            found, kinds = _credentials(side, client)
            problems += found
            evidence += kinds
        return judged(problems, sorted(set(evidence)), nothing="the service takes no credentials")


def _credentials(side: Side, client: ClientSource) -> tuple[list[Problem], list[str]]:
    """Return what is wrong with the credentials that a constructor takes, and those that are of the core."""
    parameter = next((p for p in client.constructor_parameters if p.name == "credential"), None)
    if parameter is None or client.constructor is None:
        return [], []
    module = client.constructor[0].module
    problems: list[Problem] = []
    kinds: list[str] = []
    written = module.spelt_out(parameter.annotation)
    texts = _TEXTS & set(alternatives(written))
    if texts and not _has_rotated(side, module, written):
        hint = "take the secret as a credential, not as text: it could not be rotated"
        problems.append(problem(module.file, client.constructor[1], f"{client.name}(): {hint}"))
    for name in annotation_names(written):
        found = side.package.source.resolve(module, name)
        if isinstance(found, External) and side.package.profile.is_credential(found.name):
            kinds.append(found.name)
        elif name not in _TEXTS and (isinstance(found, ClassSource) or side.package.profile is CLIENTSMITH):
            hint = f"{name} is no credential class of {side.package.profile.base}"
            problems.append(problem(module.file, client.constructor[1], f"{client.name}(): {hint}"))
    return problems, kinds


def _has_rotated(side: Side, module: Module, written: str) -> bool:
    """Whether a class of the core for keys or signatures is taken as well: text is then only a short way to one."""
    found = (side.package.source.resolve(module, name) for name in annotation_names(written))
    names = [
        each.name for each in found if isinstance(each, External) and side.package.profile.is_credential(each.name)
    ]
    return any(not name.endswith("TokenCredential") for name in names)


class AuthServiceCredentials(HumanRule):
    """Credentials of the service's own."""

    id = "auth-service-credentials"
    kinds = "H"
    meaning = "A service that needs it may bring a credential type of its own."
    why = (
        "Some services identify callers in a way that no other does. A class of their own is allowed then, in their "
        "own namespace; where the core's will do, it is one more to learn."
    )
    look = "it is allowed, not asked for; is a class of its own needed, or would one of the core's do?"
    good = Example(
        """
        class BadgeCredential:
            \"\"\"A badge that the gate of the depot reads: no other service has one.\"\"\"
        """
    )
    bad = Example(
        """
        class DepotKeyCredential:
            \"\"\"A key, as `KeyCredential` is one.\"\"\"
        """
    )


class AuthServiceSupport(Rule):
    """Every way in is there."""

    id = "auth-service-support"
    kinds = "D"
    meaning = "Every way to authenticate that the service offers is supported."
    why = (
        "Which way is open depends on the user's house, not on the library's author. A way that is missing locks a "
        "part of the users out."
    )
    good = Example(
        files={
            "src/depot_client/_operations.py": """
                from clientsmith.core.credentials import KeyInHeader

                AUTHENTICATION = (KeyInHeader("api-key"),)
                """,
        },
        spec="""
            openapi: 3.1.0
            info: {title: Depot, version: "1"}
            security: [{key: []}]
            components:
              securitySchemes:
                key: {type: apiKey, in: header, name: api-key}
            paths:
              /weight:
                get: {responses: {200: {description: The weight.}}}
            """,
    )
    bad = Example(
        files={
            "src/depot_client/_operations.py": """
                from clientsmith.core.credentials import KeyInHeader

                AUTHENTICATION = (KeyInHeader("api-key"),)  # <--
                """,
        },
        spec="""
            openapi: 3.1.0
            info: {title: Depot, version: "1"}
            security: [{key: []}]
            components:
              securitySchemes:
                key: {type: apiKey, in: query, name: key}
            paths:
              /weight:
                get: {responses: {200: {description: The weight.}}}
            """,
    )

    def judge(self, package: Package) -> Verdict:
        schemes = _schemes_of(package.spec or {})
        if not schemes:
            return NotApplicable("no description of the service asks for authentication")
        module = package.source.modules.get(f"{package.import_name}._operations")
        node = module.definitions.get("AUTHENTICATION") if module is not None else None
        if module is None or node is None:
            return NotApplicable("how it authenticates is not written down where a program finds it")
        supported = {ast.unparse(each.func).rpartition(".")[2] for each in ast.walk(node) if isinstance(each, ast.Call)}
        problems = [
            problem(module.file, node, f"AUTHENTICATION has nothing for the scheme {name!r}, a {wanted}")
            for name, wanted in schemes.items()
            if wanted not in supported
        ]
        return judged(problems, [f"{name}: {wanted}" for name, wanted in schemes.items()], nothing="")


def _schemes_of(spec: Mapping[str, Any]) -> dict[str, str]:
    """Return the security schemes that some requirement names, each with the class that speaks it."""
    defined = spec.get("components", {}).get("securitySchemes", {}) or spec.get("securityDefinitions", {})
    named = {name for requirement in _requirements_of(spec) for name in requirement}
    return {name: _class_for(scheme) for name, scheme in defined.items() if name in named}


def _requirements_of(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from spec.get("security", [])
    for _, _, operation in operations_of(spec):
        yield from operation.get("security", [])


def _class_for(scheme: Mapping[str, Any]) -> str:
    match scheme.get("type"), str(scheme.get("scheme", "")).lower(), scheme.get("in"):
        case ("basic", _, _) | ("http", "basic", _):
            return "Basic"
        case "apiKey", _, "query":
            return "KeyInQuery"
        case "apiKey", _, "cookie":
            return "KeyInCookie"
        case "apiKey", _, _:
            return "KeyInHeader"
        case _:
            return "Bearer"
