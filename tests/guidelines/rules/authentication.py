"""Rules about credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .constructors import _at, _parameter
from .methods import operations_of
from .package import Package, Side
from .rule import package_rule, side_rule
from .running import import_of
from .source import External, annotation_names
from .verdicts import NotApplicable, Problem, Verdict, judged, problem

__all__ = ["auth_credential_azure_core", "auth_service_support"]


@side_rule("auth-credential-azure-core", "S", "Credentials are of the core's classes.")
def auth_credential_azure_core(side: Side) -> Verdict:
    problems: list[Problem] = []
    evidence: list[str] = []
    for client in side.clients:
        parameter = _parameter(client, "credential")
        if parameter is None or client.constructor is None:
            continue
        module = client.constructor[0].module
        for name in annotation_names(module.spelt_out(parameter.annotation)):
            found = side.package.source.resolve(module, name)
            if isinstance(found, External) and found.name.startswith("clientsmith.core."):
                evidence.append(found.name)
            elif name not in ("str", "bytes"):
                problems.append(_at(client, f"{name} is no credential class of clientsmith.core.credentials"))
            else:
                problems.append(_at(client, "take the secret as a credential, not as text: it could not be rotated"))
    return judged(problems, sorted(set(evidence)), nothing="the service takes no credentials")


@package_rule("auth-service-support", "D", "Every way to authenticate that the service offers is supported.")
def auth_service_support(package: Package) -> Verdict:
    schemes = _schemes_of(package.spec or {})
    operations = f"{package.import_name}._operations"
    if not schemes or operations not in package.source.modules:
        return NotApplicable("the service's description asks for no authentication")
    supported = {type(scheme).__name__ for scheme in import_of(package, operations).AUTHENTICATION}
    file = package.source.modules[operations].file
    problems = [
        problem(file, None, f"AUTHENTICATION has nothing for the scheme {name!r}, a {wanted}")
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
