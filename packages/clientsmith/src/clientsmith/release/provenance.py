"""Where a file comes from, in the form that others read: an in-toto statement with SLSA's provenance (version 1).

One statement a file. It names the commit, what built it, and the hashes of what came out; with a key it is signed, in a
DSSE envelope. Attestations that indexes show (PEP 740) are something else: they hold a certificate that only an
identity provider can give, so they are made where such an identity is, in a forge's own pipeline.
"""

from __future__ import annotations

import json
import os
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from clientsmith.core.redaction import redact_url
from clientsmith.findings import InputError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["builder_of", "pre_authentication", "read_key", "signed", "statement"]

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
BUILD_TYPE: Final = "urn:clientsmith:release:v1"


def statement(
    file: str,
    digest: str,
    *,
    package: str,
    version_: str,
    source: str,
    commit: str,
    moment: int,
    builder: str,
    backend: str = "hatchling.build",
) -> dict[str, Any]:
    """Return the statement about one file.

    Args:
        file: Its name.
        digest: Its SHA-256.
        package: What it is a file of.
        version_: Of the package.
        source: Where the repository is, "" if that is nowhere else.
        commit: What it was built of.
        moment: When the release was planned, in seconds since 1970.
        builder: Who built it, a URI.
        backend: What built it, as pyproject.toml names it.
    """
    materials = {"uri": f"git+{source}" if source else "git:", "digest": {"gitCommit": commit}}
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": file, "digest": {"sha256": digest}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"package": package, "version": version_, "commit": commit},
                "internalParameters": {"SOURCE_DATE_EPOCH": "the time of the commit"},
                "resolvedDependencies": [materials],
            },
            "runDetails": {
                "builder": {"id": builder, "version": _tools(backend)},
                "metadata": {"startedOn": datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")},
            },
        },
    }


def builder_of(given: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the URI of who builds: what was given, else the pipeline that this runs in, else somebody's machine.

    The machine's name is not told: who reads the statement has no use for it.
    """
    environment = os.environ if environment is None else environment
    if given:
        return given
    if environment.get("GITHUB_ACTIONS") and "GITHUB_WORKFLOW_REF" in environment:
        return f"{environment.get('GITHUB_SERVER_URL', '')}/{environment['GITHUB_WORKFLOW_REF']}"
    if environment.get("GITLAB_CI") and "CI_PROJECT_URL" in environment:
        return f"{environment['CI_PROJECT_URL']}/-/runners/{environment.get('CI_RUNNER_ID', '')}"
    return "urn:clientsmith:local"


def source_of(remote: str) -> str:
    """Return a remote's URL without credentials; "" for a folder, which means nothing elsewhere."""
    return redact_url(remote.strip()) if "://" in remote and not remote.startswith("file:") else ""


def read_key(path: Path) -> Ed25519PrivateKey:
    """Read an Ed25519 private key in PEM, without a password.

    Raises:
        InputError: There is none, it is another kind of key, or `cryptography` is not installed.
    """
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError as problem:
        raise InputError(
            "signing needs `cryptography`, which is not installed", "pip install cryptography"
        ) from problem
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as problem:
        raise InputError(f"cannot read the signing key {path}: {problem.strerror or problem}") from problem
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        # What is in the file is not repeated: it may be a key all the same.
        raise InputError(f"{path} is no private key in PEM without a password", _KEY_HINT) from problem
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError(f"{path} is a private key of another kind than Ed25519", _KEY_HINT)
    return key


_KEY_HINT: Final = "`openssl genpkey -algorithm ed25519 -out FILE` makes one"


def signed(data: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """Return a statement in a DSSE envelope with its signature. The key id is the SHA-256 of the public key."""
    from hashlib import sha256

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    payload = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = key.sign(pre_authentication(payload))
    return {
        "payloadType": PAYLOAD_TYPE,
        "payload": b64encode(payload).decode(),
        "signatures": [{"keyid": sha256(public).hexdigest(), "sig": b64encode(signature).decode()}],
    }


def pre_authentication(payload: bytes) -> bytes:
    """Return the bytes that are signed: type and payload with their lengths (DSSE, "PAE")."""
    kind = PAYLOAD_TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _tools(backend: str) -> dict[str, str]:
    """Return the versions of what takes part in a build."""
    found: dict[str, str] = {}
    # `uv_build`, `setuptools`, `hatchling` and `flit_core` are called as what they import.
    for name in sorted({"clientsmith", "uv", backend.partition(".")[0]} - {""}):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # a backend that lies in the repository, say
    return found
