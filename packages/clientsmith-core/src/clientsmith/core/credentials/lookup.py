"""Credentials that are looked up when they are needed: in a file, in the keyring of the system."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .secrets import BasicCredential, Credential

__all__ = ["LookedUpCredential"]


class LookedUpCredential(Credential, ABC):
    """A user name and a password that are looked up when the first request needs them, and then kept by the client.

    A client looks once, in a thread if it is an async one: a keyring may ask a person first.
    """

    __slots__ = ()

    @abstractmethod
    def look_up(self, origin: str, /) -> BasicCredential:
        """Return the credential for requests to an origin. It may block.

        Args:
            origin: Scheme, host and port as a URL without a path: ``https://index.example.org``, with the port where it
                is not the scheme's own.

        Raises:
            CredentialError: There is none. The request is not sent.
        """
