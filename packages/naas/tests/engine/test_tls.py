"""NATS over TLS."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from naas.engine.nats import Connection
from naas.engine.nats import connection as connection_module
from naas.engine.nats.testing import NatsServer
from naas.errors import EngineUnavailable


@pytest.fixture
def secure_server(tmp_path: Path) -> Iterator[NatsServer]:
    """A server with a certificate for 127.0.0.1 that nobody knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nats")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *private))
    with NatsServer(
        tmp_path, options=f'tls {{ cert_file: "{tmp_path}/cert.pem", key_file: "{tmp_path}/key.pem" }}'
    ) as server:
        yield server


async def test_a_certificate_that_is_known_is_accepted(
    secure_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SSL_CERT_FILE names the certificates of a company's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(secure_server.folder / "cert.pem"))
    connection = await Connection.open(f"tls://127.0.0.1:{secure_server.port}", name="test")
    assert connection.is_up
    await connection.close()


async def test_a_certificate_that_nobody_knows_is_refused(
    secure_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_module, "_CONNECT_SECONDS", 1.0)
    with pytest.raises(EngineUnavailable, match="certificate verify failed"):
        await Connection.open(f"tls://127.0.0.1:{secure_server.port}", name="test")


async def test_tls_is_not_given_up_where_the_server_has_none(
    nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor where somebody on the road says so: the login would go out in clear text."""
    monkeypatch.setattr(connection_module, "_CONNECT_SECONDS", 1.0)
    with pytest.raises(EngineUnavailable, match="nats: secure connection not available"):
        await Connection.open(nats_server.url.replace("nats://", "tls://"), name="test")
