"""Where a file comes from, as its publisher attested it to the index (PEP 740).

This is what the index says. Nobody here checks the signatures: whoever wants to know, and not to believe, gives the
attestations to a verifier of his choice.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from clientsmith.core.versioning import UnsupportedApiVersionError

from .errors import ProvenanceUnavailableError
from .pages import ProjectFile

__all__ = ["ACCEPT", "Attestation", "AttestationBundle", "Provenance", "read_provenance"]

ACCEPT: Final = "application/vnd.pypi.integrity.v1+json, application/json;q=0.5"
_VERSION: Final = 1


@dataclass(frozen=True)
class Attestation:
    """One signed statement about a file.

    Attributes:
        statement: What is stated, an in-toto statement; empty if it cannot be read.
        raw: All of it, as the index gives it: what a verifier wants.
    """

    statement: Mapping[str, Any] = field(repr=False)
    raw: Mapping[str, Any] = field(repr=False)

    @property
    def predicate_type(self) -> str:
        """What kind of statement it is, a URI; "" if it does not say."""
        found = self.statement.get("predicateType")
        return found if isinstance(found, str) else ""

    def is_about(self, file: ProjectFile) -> bool:
        """Whether the statement names this file, by the hash that the index gives. Who states it is not looked at."""
        digest = file.hashes.get("sha256")
        subjects = self.statement.get("subject")
        if digest is None or not isinstance(subjects, list):
            return False
        return any(_names(subject, file.filename, digest) for subject in cast("list[object]", subjects))


@dataclass(frozen=True)
class AttestationBundle:
    """The attestations of one publisher.

    Attributes:
        publisher: Who it is, as the index knows it: ``kind`` and, by the kind, repository, workflow and so on.
        attestations: What it states.
    """

    publisher: Mapping[str, Any]
    attestations: tuple[Attestation, ...]

    @property
    def kind(self) -> str:
        """What kind of publisher it is: ``GitHub``, ``GitLab``, ``Google`` …; "" if the index does not say."""
        found = self.publisher.get("kind")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True)
class Provenance:
    """What an index says about where a file comes from.

    Attributes:
        file_name: Of the file.
        bundles: By publisher.
        raw: All of it, as the index gives it.
    """

    file_name: str
    bundles: tuple[AttestationBundle, ...]
    raw: Mapping[str, Any] = field(repr=False)


def read_provenance(file: ProjectFile, content: bytes, url: str) -> Provenance:
    """Return what a provenance object says.

    Raises:
        UnsupportedApiVersionError: It is of a version that nobody here knows.
        ProvenanceUnavailableError: It is none.
    """
    raw = _mapping(_loaded(content))
    version = raw.get("version")
    if version.__class__ is not int or not isinstance(raw.get("attestation_bundles"), list):
        raise ProvenanceUnavailableError(
            "what the index gives as its provenance is none (PEP 740); tell those who run the index",
            file_name=file.filename,
            url=url,
        )
    if version != _VERSION:
        raise UnsupportedApiVersionError(
            str(version), str(_VERSION), source="version of the provenance", url=url, advice="upgrade this client"
        )
    bundles = tuple(map(_bundle, cast("list[object]", raw["attestation_bundles"])))
    return Provenance(file.filename, bundles, raw)


def _bundle(value: object) -> AttestationBundle:
    raw = _mapping(value)
    attestations = raw.get("attestations")
    found = cast("list[object]", attestations) if isinstance(attestations, list) else []
    return AttestationBundle(_mapping(raw.get("publisher")), tuple(map(_attestation, found)))


def _attestation(value: object) -> Attestation:
    raw = _mapping(value)
    text = _mapping(raw.get("envelope")).get("statement")
    try:
        statement = b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        statement = b""
    return Attestation(_mapping(_loaded(statement)), raw)


def _loaded(content: bytes) -> object:
    """Return what JSON says, None if it is none."""
    try:
        return cast("object", json.loads(content))
    except (ValueError, RecursionError):
        return None


def _names(subject: object, file_name: str, digest: str) -> bool:
    found = _mapping(subject)
    return found.get("name") == file_name and _mapping(found.get("digest")).get("sha256") == digest


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
