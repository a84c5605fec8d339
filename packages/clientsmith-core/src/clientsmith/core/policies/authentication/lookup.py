"""Looks a credential up when the first request needs it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import ClassVar, cast

from ..._origin import Home, Origin, origin_of
from ...credentials.lookup import LookedUpCredential
from ...credentials.secrets import BasicCredential
from ...errors import CredentialError
from ...pipeline import Flow
from ...rest import HttpRequest
from ...settings import Setting
from ...streaming.source import Blocking
from .placing import ALLOW_HTTP, basic

__all__ = ["LookupPolicy"]


class LookupPolicy:
    """Looks up name and password before the first send to each of the client's origins.

    To look may take long, so it is done here, in a flow; what was found is put on by a `SecretPolicy`, when everything
    that may lead a request elsewhere is over.
    """

    settings: ClassVar[tuple[Setting, ...]] = (ALLOW_HTTP,)

    def __init__(self, credential: LookedUpCredential, home: Home) -> None:
        self._credential, self._home = credential, home
        self._places: dict[Origin, Callable[[HttpRequest], None]] = {}
        self._mutex = threading.Lock()

    def send(self, request: HttpRequest, /) -> Flow:
        """Yield the request when the credential for it is known."""
        if self._home.trusts(request):
            origin = origin_of(request.url)
            if origin not in self._places:
                yield from Blocking(partial(self._look_up, origin))
        return (yield request)

    def place(self, request: HttpRequest) -> None:
        """Put on a request what was found for its origin; nothing where a hook led it to one that was not looked up."""
        found = self._places.get(origin_of(request.url))
        if found is not None:
            found(request)

    def _look_up(self, origin: Origin) -> None:
        with self._mutex:  # one looks, and the others wait for what it finds
            if origin not in self._places:
                found = cast(object, self._credential.look_up(origin.url))
                if not isinstance(found, BasicCredential):  # not shown: it may be the password itself
                    raise CredentialError(
                        f"{type(self._credential).__name__}.look_up returned no BasicCredential but a "
                        f"{type(found).__name__}; where there is none it has to raise a CredentialError"
                    )
                self._places[origin] = basic(found)
