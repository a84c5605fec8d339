"""What a new workspace is to be: the choices of whoever asks for it, checked before anything is done."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from dataclasses import dataclass
from typing import Final

from clientsmith.findings import InputError
from clientsmith.model.words import is_plural, plural, singular, vocabulary

from .sources import PUBLIC, Sources

__all__ = ["FORGES", "FRAMEWORKS", "LICENCES", "Choices", "default_resource"]

FRAMEWORKS: Final = ("litestar", "fastapi")
FORGES: Final = ("github", "gitlab", "forgejo")
# SPDX identifiers; the last one is how SPDX writes "none of the known ones".
LICENCES: Final = ("MIT", "Apache-2.0", "BSD-3-Clause", "MPL-2.0", "LicenseRef-Proprietary")

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Names stand in lines of the templates that cannot be broken; with these none is longer than 120 (a test holds it).
_LONGEST: Final = 30
_RESOURCE: Final = re.compile(r"[a-z]{2,16}")
_OWNER: Final = re.compile(r"@[\w.-]+(/[\w.-]+)*|[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)
_PYTHON: Final = re.compile(r"3\.(\d{2})")
_OLDEST_PYTHON: Final = 11  # of the runtime that every client stands on

# What the workspace itself needs: a package of that name would take the place of one of these.
_TAKEN: Final = vocabulary(
    """
    annotated-types anyio click clientsmith clientsmith-core clientsmith-server fastapi h11 hatchling httpcore httpx
    idna litestar msgspec mypy mypy-extensions packaging pip pluggy polyfactory pydantic pydantic-core pytest requests
    rich ruff setuptools simple-repository-client sniffio starlette typing-extensions urllib3 uv uvicorn
    conftest docs packages src test tests
    """
)
_FALLBACK: Final = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """A new workspace, as it was asked for.

    Attributes:
        name: The service's distribution: lower case words joined by dashes. The client's is ``<name>-client``.
        resource: What the service holds, one word in the singular.
        framework: One of `FRAMEWORKS`.
        forges: Those of `FORGES` that run its continuous integration.
        owner: Who answers for service and client, as a CODEOWNERS file names people.
        licence: One of `LICENCES`.
        python: The oldest Python that it supports, like ``3.11``.
        sources: Where it gets our own packages from.

    Raises:
        InputError: One of them cannot be.
    """

    name: str
    resource: str
    framework: str = "litestar"
    forges: tuple[str, ...] = ("github",)
    owner: str = "@owner"
    licence: str = "MIT"
    python: str = "3.11"
    sources: Sources = PUBLIC

    def __post_init__(self) -> None:
        _check_name(self.name)
        _check_resource(self.resource)
        _check_owner(self.owner)
        _check_python(self.python)
        _check_known("framework", FRAMEWORKS, self.framework)
        _check_known("forge", FORGES, *self.forges)
        _check_known("license", LICENCES, self.licence)

    @property
    def package(self) -> str:
        """The service's import name."""
        return self.name.replace("-", "_")

    @property
    def plural(self) -> str:
        """What the service holds, in the plural."""
        return plural(self.resource)


def default_resource(name: str, taken: frozenset[str] = frozenset()) -> str:
    """Return what a service of this name holds, as far as the name tells: ``parcels`` → parcel.

    ``taken`` are words that mean something else in the service.
    """
    last = name.rsplit("-", 1)[-1]
    one = singular(last)
    is_told = _RESOURCE.fullmatch(last) and is_plural(last) and one != last
    return one if is_told and one not in taken and not _resource_problem(one) else _FALLBACK


# --- checks ----------------------------------------------------------------------------------------------------------


def _check_name(name: str) -> None:
    package = name.replace("-", "_")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        problem = f"a name is lower case words joined by single dashes, at most {_LONGEST} letters"
        raise InputError(f"{name!r:.60} cannot name a service: {problem}", f"for example {_suggested(name)}")
    if name.endswith("-client"):
        raise InputError(
            f"{name!r} cannot name a service: its client library would be {name}-client",
            f"give the service's name: {name.removesuffix('-client')}",
        )
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or hasattr(builtins, package):
        raise InputError(f"{name!r} cannot name a service: Python has a {package} of its own", _another(name))
    if name in _TAKEN:
        raise InputError(
            f"{name!r} cannot name a service: the workspace itself needs what is called so", _another(name)
        )


def _suggested(name: str) -> str:
    """Return the nearest name that would do."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    near = "-".join(words)[:_LONGEST].strip("-")
    return near if _NAME.fullmatch(near) else "parcels"


def _another(name: str) -> str:
    return f"another name, for example {name}-service"


def _check_resource(resource: str) -> None:
    if problem := _resource_problem(resource):
        raise InputError(
            f"{resource!r:.40} cannot name what the service holds: {problem}", "for example `--resource parcel`"
        )


def _resource_problem(resource: str) -> str:
    """Return what is wrong with a resource's name; "" if nothing is."""
    if not _RESOURCE.fullmatch(resource):
        return "it is one word of 2 to 16 lower case letters"
    many = plural(resource)
    if many == resource:
        return "it has to be in the singular, and its plural has to be another word"
    if any(keyword.iskeyword(word) or hasattr(builtins, word) for word in (resource, many)):
        return "the word has a meaning in Python"
    return ""


def _check_owner(owner: str) -> None:
    if not _OWNER.fullmatch(owner):
        raise InputError(
            f"{owner!r:.60} is no owner", "a team or a person as the forge names them, `@team`, or an e-mail"
        )


def _check_python(python: str) -> None:
    found = _PYTHON.fullmatch(python)
    if found is None or int(found[1]) < _OLDEST_PYTHON:
        raise InputError(
            f"{python!r:.20} is no Python that the workspace could support", f"3.{_OLDEST_PYTHON} or newer, as `3.12`"
        )


def _check_known(what: str, known: tuple[str, ...], *given: str) -> None:
    if unknown := [one for one in given if one not in known]:
        raise InputError(f"{unknown[0]!r:.40} is no {what} that the workspace could have", f"one of {', '.join(known)}")
