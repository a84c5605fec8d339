"""Who is calling: fixed credentials, and those that are looked up where the caller asks for it.

=======================  ==============================================================================================
`BasicCredential`        name and password; also what stands in the index URL
`api_token`              a token as indexes take it in basic authentication, as the user ``__token__``
`KeyCredential`          a token as a bearer token
`TokenCredential`        a bearer token that is got and refreshed (see `clientsmith.core.credentials`)
`NetrcCredential`        from a netrc file
`KeyringCredential`      from the keyring of the system
=======================  ==============================================================================================

A credential goes to the index's own origin only, and to those named in ``credential_origins``.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from clientsmith.core.credentials import BasicCredential, LookedUpCredential
from clientsmith.core.errors import CredentialError

__all__ = ["KeyringCredential", "NetrcCredential", "api_token"]


def api_token(token: str) -> BasicCredential:
    """Return the credential for a token of an index that takes tokens as the password of the user ``__token__``.

    Raises:
        ValueError: The token is empty, or has a control character in it.
    """
    if not token:
        raise ValueError("the token is empty; pass the one that the index gave you")
    return BasicCredential("__token__", token)


class NetrcCredential(LookedUpCredential):
    """Name and password from a netrc file, by the host that is called.

    The entry ``default`` does not count: a password for every host in the world is a mistake.

    Args:
        path: The file; by default the one that ``NETRC`` names, or ``~/.netrc`` (``~/_netrc`` on Windows).
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self._path = None if path is None else Path(path)

    @property
    def path(self) -> Path:
        """The file that is read."""
        if self._path is not None:
            return self._path
        named = os.environ.get("NETRC")
        return Path(named) if named else Path.home() / ("_netrc" if os.name == "nt" else ".netrc")

    def look_up(self, origin: str, /) -> BasicCredential:
        """Return what the file has for the host.

        Raises:
            CredentialError: It cannot be read, or has nothing for the host.
        """
        import netrc  # only for who has one

        host = urlsplit(origin).hostname or ""
        try:
            entries = netrc.netrc(str(self.path)).hosts
        except OSError as error:
            raise CredentialError(f"{self.path} cannot be read ({error.strerror}); name the netrc file") from error
        except UnicodeDecodeError:  # it holds all of the file
            raise CredentialError(f"{self.path} is no netrc file: it is not text in UTF-8") from None
        except netrc.NetrcParseError as error:
            # Its words may quote a word of the file, and that may be a password.
            raise CredentialError(f"{self.path} is no netrc file: see line {error.lineno}") from None
        found = entries.get(host)
        if found is None:
            raise CredentialError(f"{self.path} has no entry for {host}; add one, or leave the credential out")
        login, account, password = found
        if not (login or account):
            raise CredentialError(f"the entry for {host} in {self.path} has no login; add one")
        return _pair(login or account, password or "", f"the entry for {host} in {self.path}")

    def __repr__(self) -> str:
        return f"NetrcCredential({str(self.path)!r})"


class KeyringCredential(LookedUpCredential):
    """Name and password from the keyring of the system; needs the extra ``simple-repository-client[keyring]``.

    Args:
        service: Under which name the keyring has it, the index URL for example; by default the origin that is called,
            ``https://index.example.org``, and then its host alone.
        username: Whose; None takes the one that the keyring has for the service.
    """

    def __init__(self, service: str | None = None, username: str | None = None) -> None:
        self._service, self._username = service, username

    def look_up(self, origin: str, /) -> BasicCredential:
        """Return what the keyring has for the service.

        Raises:
            CredentialError: It cannot be asked, or has nothing.
        """
        try:
            import keyring  # an extra
            from keyring.errors import KeyringError
        except ImportError as error:
            raise CredentialError(
                "KeyringCredential needs the keyring package: install simple-repository-client[keyring]"
            ) from error
        services = [self._service] if self._service is not None else [origin, urlsplit(origin).netloc]
        for service in services:
            try:
                found = keyring.get_credential(service, self._username)
            except KeyringError as error:
                raise CredentialError(f"the keyring cannot be asked for {service!r}: {error}") from error
            if found is not None and found.password:
                return _pair(self._username or found.username, found.password, f"the keyring's entry for {service!r}")
        whose = f" of {self._username}" if self._username else ""
        raise CredentialError(
            f"the keyring has no password{whose} for {' or '.join(map(repr, services))}; "
            "store one with `keyring set SERVICE USERNAME`"
        )

    def __repr__(self) -> str:
        return f"KeyringCredential({self._service!r}, {self._username!r})"


def _pair(username: str, password: str, where: str) -> BasicCredential:
    try:
        return BasicCredential(username, password)
    except ValueError as error:  # which says what is wrong, and not with which password
        raise CredentialError(f"{where} cannot be sent: {error}") from None
