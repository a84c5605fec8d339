"""Clients out of constructors: an address, a credential that they take, and what else they cannot do without."""

# What is looked at here is of types that nobody knows before.
# pyright: basic

from __future__ import annotations

import base64
import importlib
import inspect
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from .values import ENDPOINT, Maker, NoValue, hints_of

__all__ = ["NotConstructed", "class_of", "construct"]

_KEY: Final = base64.b64encode(b"a key that nobody knows, made up").decode()
_ADDRESSES: Final = (ENDPOINT, "https://sample.table.core.windows.net", "https://sample.blob.core.windows.net/sample")
_ADDRESS_NAMES: Final = re.compile(r"(^|_)(endpoint|url|uri|host|server)$|^base_?url$")
_SECRET_NAMES: Final = re.compile(r"^(\w+_)?api_?key$|^(token|auth_?token|access_token|secret(_key)?|password)$")


class NotConstructed(Exception):
    """No client could be made: the text says what was tried."""


class _Token:
    """A credential that gives a token, to whoever waits for it and whoever does not."""

    def __init__(self, is_async: bool) -> None:
        self._is_async = is_async

    def _made(self) -> Any:
        access_token = None
        for name in ("clientsmith.core.credentials", "azure.core.credentials", "corehttp.credentials"):
            module = sys.modules.get(name)
            access_token = (
                access_token or getattr(module, "AccessToken", None) or getattr(module, "AccessTokenInfo", None)
            )
        return (access_token or (lambda *given: given))("token", int(time.time()) + 3600)

    def get_token(self, *_scopes: str, **_options: Any) -> Any:
        return self._later() if self._is_async else self._made()

    async def _later(self) -> Any:
        return self._made()

    async def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> _Token:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing is open."""


def class_of(module: str, name: str) -> type[Any]:
    """Return a class of the package; ``name`` may lead through others."""
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    if not isinstance(found, type):
        raise NotConstructed(f"{module}.{name} is no class")
    return found


def construct(cls: type[Any], bound: Mapping[str, Any], settings: Mapping[str, Any], *, is_async: bool) -> Any:
    """Return a client of the class.

    Args:
        bound: Arguments that are known, by name: they win over those made here.
        settings: Further keyword arguments; the constructor has to take them.
        is_async: Whether its credential has to be awaited.

    Raises:
        NotConstructed: The constructor refused all that was tried; the text is what it said to the likeliest.
    """
    problem = ""
    for arguments in _tries(cls, bound, is_async):
        try:
            return cls(**{**arguments, **settings})
        except Exception as error:  # noqa: BLE001 - the package may raise anything
            # What the likeliest try was told says most.
            problem = problem or f"{type(error).__name__}: {error}"
            if settings and any(name in str(error) for name in settings):
                break
    raise NotConstructed(problem[:300] or "its constructor asks for what nobody here can make")


def _tries(cls: type[Any], bound: Mapping[str, Any], is_async: bool) -> Iterator[dict[str, Any]]:
    hints = hints_of(cls.__init__)
    parameters = inspect.signature(cls).parameters
    text = f"{inspect.getdoc(cls) or ''}\n{inspect.getdoc(cls.__init__) or ''}"
    fixed: dict[str, Any] = {}
    addresses: dict[str, str] = {}
    for name, parameter in parameters.items():
        if (
            parameter.kind.name not in ("POSITIONAL_OR_KEYWORD", "KEYWORD_ONLY")
            or name in bound
            or name == "credential"
        ):
            continue
        if _SECRET_NAMES.match(name) and (parameter.default is parameter.empty or parameter.default is None):
            fixed[name] = _KEY
        elif parameter.default is not parameter.empty and name != "endpoint":
            continue  # an address of its own would be another origin than that of the answers' links
        elif _ADDRESS_NAMES.search(name):
            # Where the usual address has a path, the version of the API may stand there.
            addresses[name] = urlsplit(parameter.default).path if isinstance(parameter.default, str) else ""
        else:
            try:
                fixed[name] = Maker().argument(name, hints.get(name, parameter.annotation), text)
            except NoValue as error:
                raise NotConstructed(f"`{name}` of its constructor: {error}") from error
    secrets: list[Any] = [None]
    if "credential" in parameters:
        secrets = [*_credentials(hints.get("credential", parameters["credential"].annotation), text, is_async), None]
    for address in _ADDRESSES if addresses else ("",):
        for secret in secrets:
            try:
                made = {"credential": secret()} if secret is not None else {}
            except Exception:  # noqa: BLE001, S112 - a class of this name that is made of something else: the next one will do
                continue
            yield {**fixed, **{name: address + path for name, path in addresses.items()}, **made, **bound}


def _credentials(annotation: Any, docstring: str, is_async: bool) -> list[Callable[[], Any]]:
    """Return makers of credentials, those first that the annotation names."""
    said = annotation if isinstance(annotation, str) else repr(annotation)
    known: dict[str, Callable[[], Any]] = {
        "KeyCredential": lambda: _core("clientsmith.core.credentials", "KeyCredential")("secret"),
        "BasicCredential": lambda: _core("clientsmith.core.credentials", "BasicCredential")("user", "secret"),
        "AzureKeyCredential": lambda: _core("azure.core.credentials", "AzureKeyCredential")(_KEY),
        "AzureNamedKeyCredential": lambda: _core("azure.core.credentials", "AzureNamedKeyCredential")("sample", _KEY),
        "AzureSasCredential": lambda: _core("azure.core.credentials", "AzureSasCredential")("sig=sample"),
        "ServiceKeyCredential": lambda: _core("corehttp.credentials", "ServiceKeyCredential")(_KEY),
        "TokenCredential": lambda: _Token(is_async),
    }
    named = [known[name] for name in sorted(known, key=lambda name: _place(name, said)) if _place(name, said) >= 0]
    others = [maker for maker in known.values() if maker not in named]
    if not isinstance(annotation, type) and "str" in said:
        others.insert(0, lambda: _KEY)
    return [*named, *others, lambda: _KEY] if named or "redential" in said + docstring else [lambda: _KEY, *others]


def _place(name: str, text: str) -> int:
    found = re.search(rf"(?<![A-Za-z])(?:Async)?{name}\b", text)
    return found.start() if found else -1


def _core(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)
