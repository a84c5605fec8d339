"""Gives the web server its certificate as files, also when it came as text."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    from naas.config.settings import Settings

__all__ = ["TlsFiles", "tls_files"]


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """A certificate chain and its private key, as PEM files."""

    certificate: Path
    key: Path


@contextlib.contextmanager
def tls_files(settings: Settings) -> Generator[TlsFiles | None]:
    """Give the certificate as files for the length of the block; None if none is configured.

    Text (``NAAS_CERT``, ``NAAS_KEY``, ``NAAS_CA_BUNDLE``) is written to a folder that only this user can read, in
    memory where the system has such a place, and removed at the end.
    """
    if settings.tls_cert is not None and settings.tls_key is not None:
        yield TlsFiles(settings.tls_cert, settings.tls_key)
    elif settings.cert is not None and settings.key is not None:
        memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own there, with mode 0700
        folder = Path(tempfile.mkdtemp(prefix="naas-tls-", dir=memory if memory.is_dir() else None))
        try:
            chain = [text for text in (settings.cert, settings.ca_bundle) if text is not None]
            (folder / "certificate.pem").write_text("\n".join(chain) + "\n", encoding="ascii")
            (folder / "key.pem").write_text(settings.key + "\n", encoding="ascii")
            yield TlsFiles(folder / "certificate.pem", folder / "key.pem")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    else:
        yield None
