"""What a transport takes from outside: proxies and CA bundles from the environment, TLS settings from its caller.

Read once, when a transport opens: reading them for each call is more than half of what some clients cost.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, TypeAlias
from urllib.request import getproxies

from ..errors import UsageError

__all__ = ["Certificate", "Environment", "tls_context"]

Certificate: TypeAlias = str | tuple[str, str] | None

# What requests and curl read; the first that is set wins.
_CA_BUNDLE_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@dataclass(frozen=True, slots=True)
class Environment:
    """Proxies and CA bundle as the environment named them when it was read.

    Attributes:
        proxies: Scheme (``http``, ``https``, ``all``) → URL of the proxy; ``no`` → what ``NO_PROXY`` says.
        ca_bundle: Path of the CA bundle to trust, None if no variable names one.
    """

    proxies: Mapping[str, str]
    ca_bundle: str | None

    @classmethod
    def read(cls) -> Environment:
        """Read ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY`` (also in lower case) and the CA bundle."""
        bundles = (os.environ.get(name) for name in _CA_BUNDLE_VARIABLES)
        return cls(getproxies(), next(filter(None, bundles), None))

    def proxy_for(self, scheme: str, host: str, port: int) -> str | None:
        """Return the URL of the proxy for an origin, None to connect directly."""
        proxy = self.proxies.get(scheme) or self.proxies.get("all")
        if not proxy or self._is_bypassed(host, port):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"

    def _is_bypassed(self, host: str, port: int) -> bool:
        entries = (entry.strip().lower() for entry in self.proxies.get("no", "").split(","))
        return any(_matches(entry, host, port) for entry in entries if entry)


def _matches(entry: str, host: str, port: int) -> bool:
    """Whether an entry of ``NO_PROXY`` speaks of this host: ``*``, a name and all below it, an address or a network.

    There is no standard; this is what curl, requests and the standard library agree on. A port may follow.
    """
    if entry == "*":
        return True
    if entry.count(":") == 1:  # more of them are an IPv6 address
        entry, _, wanted = entry.partition(":")
        if wanted != str(port):
            return False
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:  # one of the two is a name
        name = entry.removeprefix("*").removeprefix(".")
        return host == name or host.endswith("." + name)


# --- TLS -------------------------------------------------------------------------------------------------------------


def tls_context(verify: bool | str, certificate: Certificate, environment: Environment) -> ssl.SSLContext:
    """Return how TLS connections are made.

    Args:
        verify: True trusts the bundle that the environment names, else certifi's if it is installed, else the
            system's; a path names a file or a folder of CA certificates to trust instead; False checks nothing.
        certificate: Client certificate: a PEM file, or a pair of certificate and key.
        environment: For the CA bundle.

    Raises:
        UsageError: A file is missing or is not what it should be.
    """
    bundle = verify if isinstance(verify, str) else environment.ca_bundle
    if verify is True and bundle is None and certificate is None:
        return _usual_context()
    context = _unchecked() if verify is False else _trusting(bundle)
    if certificate is not None:
        _present(context, certificate)
    return context


@cache
def _usual_context() -> ssl.SSLContext:
    # Parsing the CA bundle takes 20 ms, and nothing changes the context afterwards: one serves every transport.
    return _trusting(None)


def _trusting(bundle: str | None) -> ssl.SSLContext:
    if bundle is None:
        if find_spec("certifi") is None:
            return ssl.create_default_context()
        import certifi

        return ssl.create_default_context(cafile=certifi.where())
    try:
        is_folder = Path(bundle).is_dir()
        return ssl.create_default_context(cafile=None if is_folder else bundle, capath=bundle if is_folder else None)
    except OSError as error:
        raise UsageError(
            f"the CA bundle {bundle!r} cannot be used: {error}; `verify` (or {', '.join(_CA_BUNDLE_VARIABLES)}) takes "
            "the path of a PEM file or of a folder of hashed certificates"
        ) from error


def _unchecked() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _present(context: ssl.SSLContext, certificate: str | tuple[str, str]) -> None:
    chain, key = (certificate, None) if isinstance(certificate, str) else certificate
    try:
        context.load_cert_chain(chain, key)
    except OSError as error:
        named = f"{chain!r}" if key is None else f"{chain!r} with key {key!r}"
        raise UsageError(
            f"the client certificate {named} cannot be used: {error}; `certificate` takes a PEM file that holds the "
            "certificate and its key, or a pair of paths"
        ) from error
