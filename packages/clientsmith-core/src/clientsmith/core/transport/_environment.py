"""What a transport takes from outside: proxies and CA bundles from the environment, TLS settings from its caller.

Read once, when a transport opens: reading them for each call is more than half of what some clients cost.
"""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Final, Never, TypeAlias
from urllib.parse import urlsplit

from ..errors import UsageError
from ..serialization._unset import UNSET

__all__ = ["Certificate", "Environment", "checked_proxy", "is_socks", "tls_context"]

Certificate: TypeAlias = str | tuple[str, str] | None

# What requests, curl and OpenSSL read; the first that is set wins.
_CA_BUNDLE_VARIABLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")

_SOCKS_SCHEMES: Final = ("socks4", "socks4a", "socks5", "socks5h")
_PROXY_SCHEMES: Final = ("http", "https", *_SOCKS_SCHEMES)


# --- proxies ---------------------------------------------------------------------------------------------------------


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
    def read(cls, proxy: Any = UNSET) -> Environment:
        """Read ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY`` (also in lower case) and the CA bundle.

        A ``proxy`` that was given counts instead of all of the former; None is none.
        """
        bundles = (os.environ.get(name) for name in _CA_BUNDLE_VARIABLES)
        proxies = _proxies() if proxy is UNSET else {"all": proxy} if proxy else {}
        return cls(proxies, next(filter(None, bundles), None))

    def proxy_for(self, scheme: str, host: str, port: int) -> str | None:
        """Return the URL of the proxy for an origin, None to connect directly.

        Raises:
            UsageError: What the environment names is no proxy that anybody here can speak to.
        """
        proxy = self.proxies.get(scheme) or self.proxies.get("all")
        if not proxy or self._is_bypassed(host, port):
            return None
        return checked_proxy(proxy, f"{scheme.upper()}_PROXY or ALL_PROXY")

    def _is_bypassed(self, host: str, port: int) -> bool:
        entries = self.proxies.get("no", "").lower().replace(",", " ").split()
        return any(_matches(entry, host, port) for entry in entries)


def checked_proxy(proxy: str, named_by: str) -> str:
    """Return the URL of a proxy, with ``http://`` before it if it has no scheme.

    Raises:
        UsageError: It is none that we can speak to. The URL is not shown: it may hold a password.
    """
    url = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
    if not is_good:
        raise UsageError(
            f"the proxy that {named_by} names cannot be used; it should look like http://proxy.example.com:8080, "
            f"its scheme one of {', '.join(_PROXY_SCHEMES)}"
        )
    return url


def is_socks(proxy: str | None) -> bool:
    """Whether the URL of a proxy is of one that speaks SOCKS."""
    return proxy is not None and proxy.partition(":")[0] in _SOCKS_SCHEMES


def _proxies() -> Mapping[str, str]:
    """Return what `urllib.request.getproxies` does, without its import of http.client and the whole of email."""
    # The lower case wins, and if it is empty it switches off.
    named = sorted((name for name in os.environ if name.lower().endswith("_proxy")), key=str.islower)
    found = {name.lower().removesuffix("_proxy"): os.environ[name] for name in named}
    if "REQUEST_METHOD" in os.environ and "http_proxy" not in os.environ:
        # We run as a CGI script, where a client's header `Proxy` arrives as HTTP_PROXY (CVE-2016-1000110).
        found.pop("http", None)
    found = {scheme: url for scheme, url in found.items() if url}
    if found or sys.platform not in ("darwin", "win32"):
        return found
    from urllib.request import getproxies  # these two keep proxies in their settings as well

    return getproxies()


def _matches(entry: str, host: str, port: int) -> bool:
    """Whether an entry of ``NO_PROXY`` speaks of this host: ``*``, a name and all below it, an address or a network.

    There is no standard; this is what curl, requests and the standard library agree on. A port may follow, and an IPv6
    address then stands in brackets.
    """
    if entry == "*":
        return True
    if entry.count(":") == 1 or entry.startswith("["):  # several colons without brackets: an IPv6 address
        entry, _, wanted = entry.removeprefix("[").partition("]:" if entry.startswith("[") else ":")
        if wanted and wanted != str(port):
            return False
        entry = entry.removesuffix("]")
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except ValueError:  # one of the two is a name
        name = entry.removeprefix("*").removeprefix(".")
        return bool(name) and (host == name or host.endswith("." + name))


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
    context = _telling(_unchecked() if verify is False else _trusting(bundle))
    if certificate is not None:
        _present(context, certificate)
    return context


@cache
def _usual_context() -> ssl.SSLContext:
    # Parsing the CA bundle takes 20 ms, and nothing changes the context afterwards: one serves every transport.
    return _telling(_trusting(None))


def _telling(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a connection tell whether it ended with TLS's goodbye, or anybody cut it (RFC 9112, section 9.8)."""
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    return context


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
        context.load_cert_chain(chain, key, password=_no_password)
    except OSError as error:
        named = f"{chain!r}" if key is None else f"{chain!r} with key {key!r}"
        raise UsageError(
            f"the client certificate {named} cannot be used: {error}; `certificate` takes a PEM file that holds the "
            "certificate and its key, or a pair of paths"
        ) from error


def _no_password() -> Never:
    """Stand in for OpenSSL's own question, which would wait at the terminal."""
    raise OSError("its key is encrypted; decrypt it into a file that only its owner can read")
