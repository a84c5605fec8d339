"""What settings must fulfil together, each rule a function; none of them looks further than files and addresses."""

from __future__ import annotations

import ipaddress
import re
import ssl
from typing import TYPE_CHECKING, Final

from naas.config.problems import Problem
from naas.config.table import API, TOOL, WORKER
from naas.config.tls import tls_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from naas.config.settings import Settings

__all__ = ["is_loopback", "notices_of", "problems_of"]


def is_loopback(host: str) -> bool:
    """Whether the address can be reached from this machine only. A name other than localhost counts as outside."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def problems_of(settings: Settings, *, process: str = API) -> list[Problem]:
    """Return everything that keeps a process from starting with these settings.

    A worker alone need not have what only the API needs; a tool, which serves nobody, needs nothing.
    """
    if process == TOOL:
        return []
    rules = (*_RULES, *_WORKER_RULES) if process == WORKER else (*_API_RULES, *_RULES)
    return [Problem(text) for rule in rules for text in rule(settings)]


def notices_of(settings: Settings) -> list[str]:
    """Return what an operator should know, though the service starts."""
    return list(_weak_secrets(settings))


def _tls_pair(settings: Settings) -> Iterator[str]:
    if settings.tls_cert is not None and settings.cert is not None:
        yield "the certificate is given twice, by --tls-cert and by NAAS_CERT; give one of them"
        return
    if (settings.tls_cert is None) != (settings.tls_key is None):
        missing = "--tls-key" if settings.tls_key is None else "--tls-cert"
        yield f"TLS needs a certificate and its key; {missing} is missing"
    if (settings.cert is None) != (settings.key is None):
        missing = "NAAS_KEY" if settings.key is None else "NAAS_CERT"
        yield f"TLS needs a certificate and its key; {missing} is missing"
    if settings.ca_bundle is not None and settings.cert is None:
        yield "NAAS_CA_BUNDLE belongs to a certificate in NAAS_CERT, which is missing"


def _tls_files(settings: Settings) -> Iterator[str]:
    if settings.tls_cert is None or settings.tls_key is None:
        return
    if settings.tls_cert == settings.tls_key:  # one file may hold both
        absent = list(_absent("--tls-cert and --tls-key", settings.tls_cert))
    else:
        absent = [*_absent("--tls-cert", settings.tls_cert), *_absent("--tls-key", settings.tls_key)]
    yield from absent or _unusable_pair(settings.tls_cert, settings.tls_key)


def _unusable_pair(certificate: Path, key: Path) -> Iterator[str]:
    # Loaded once here, so that a damaged file is told of before anything is opened.
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as exc:  # ssl.SSLError is one
        yield (
            f"cannot use the TLS certificate {certificate} with the key {key}: {exc.strerror or exc}; "
            "both must be PEM files without a password, and belong to each other"
        )


def _tls_text(settings: Settings) -> Iterator[str]:
    if settings.cert is None or settings.key is None:
        return
    for variable, text in (("NAAS_CERT", settings.cert), ("NAAS_KEY", settings.key)):
        if "-----BEGIN " not in text:
            yield f"{variable} is not PEM text (-----BEGIN …); the path of a file goes to {variable}_FILE"
            return
    with tls_files(settings) as files:
        if files is not None and any(_unusable_pair(files.certificate, files.key)):
            # Without the reason of the library, which names our own files of a moment.
            yield "cannot use NAAS_CERT with NAAS_KEY; both must be PEM without a password, and belong to each other"


def _plain_http(settings: Settings) -> Iterator[str]:
    if not settings.has_tls and not is_loopback(settings.host):
        yield (
            f"refusing to listen on {settings.host} without TLS, because device passwords would cross the network in "
            "clear text; give --tls-cert and --tls-key, or listen on 127.0.0.1"
        )


def _api_files(settings: Settings) -> Iterator[str]:
    yield from _absent("--command-policy", settings.command_policy)
    yield from _absent("--jwt-public-keys", settings.jwt_public_keys)


def _engine_files(settings: Settings) -> Iterator[str]:
    yield from _absent("--nats-credentials", settings.nats_credentials)


def _absent(option: str, file: Path | None) -> Iterator[str]:
    if file is not None and not file.is_file():
        yield f"{option} names {file}, which is not a file"


def _encryption(settings: Settings) -> Iterator[str]:
    if not settings.credential_encryption_enabled:
        yield (
            "CREDENTIAL_ENCRYPTION_ENABLED is false, but device logins are always encrypted at rest here; remove it "
            "(the key is NAAS_ENCRYPTION_KEY, or made beside the database)"
        )


def _contexts(settings: Settings) -> Iterator[str]:
    unknown = [name for name in settings.worker_contexts if name not in settings.contexts]
    # The default of the one does not belong to a choice that was made for the other.
    if unknown and settings.worker_contexts != ("default",):
        yield f"--worker-contexts names {', '.join(unknown)}, which --contexts does not list; add it there"


def _tokens(settings: Settings) -> Iterator[str]:
    if settings.oidc_issuer is not None and settings.oidc_audience is None:
        yield (
            "--oidc-issuer needs --oidc-audience: without it, a token that the issuer made for another application "
            "would be accepted here"
        )
    issuer = settings.oidc_issuer or ""
    if issuer.startswith("http://") and not is_loopback(_host_of(issuer)):
        yield f"--oidc-issuer is {issuer}, but its keys must not be fetched in clear text; give an https:// URL"


def _host_of(url: str) -> str:
    found = re.match(r"[a-z]+://(?:\[([^\]]*)\]|([^:/?#]*))", url)
    return (found[1] or found[2]) if found else ""


def _shared_key(settings: Settings) -> Iterator[str]:
    # One that it made for itself would open nothing.
    if settings.encryption_key is None and not settings.key_file.is_file():
        yield (
            "a worker needs the master key of its API; give NAAS_ENCRYPTION_KEY or NAAS_ENCRYPTION_KEY_FILE, or copy "
            f"the key file to {settings.key_file}"
        )


_RULES: Final[tuple[Callable[[Settings], Iterator[str]], ...]] = (
    _engine_files,
    _encryption,
    _contexts,
)
# A worker listens to nobody: of these, its machine may have the settings and not the files.
_API_RULES: Final[tuple[Callable[[Settings], Iterator[str]], ...]] = (
    _tls_pair,
    _tls_files,
    _tls_text,
    _plain_http,
    _api_files,
    _tokens,
)

# What only a worker alone must have.
_WORKER_RULES: Final[tuple[Callable[[Settings], Iterator[str]], ...]] = (_shared_key,)

# HS256 asks for a key of at least its own 256 bits (RFC 7518, section 3.2); the password is typed by people.
_SHORTEST_JWT_SECRET: Final = 32
_SHORTEST_ADMIN_SECRET: Final = 16


def _weak_secrets(settings: Settings) -> Iterator[str]:
    for variable, secret, shortest in (
        ("NAAS_JWT_SECRET", settings.jwt_secret, _SHORTEST_JWT_SECRET),
        ("NAAS_ADMIN_SECRET", settings.admin_secret, _SHORTEST_ADMIN_SECRET),
    ):
        if secret is not None and len(secret) < shortest:
            yield f"{variable} is shorter than {shortest} characters and may be guessed; make one: openssl rand -hex 32"
