"""Metadata and provenance: what stands beside a file, without the file (PEP 658, 714, 740)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from clientsmith.core.errors import HttpResponseError, InsecureTransportError
from clientsmith.core.testing import Answer
from clientsmith.core.versioning import UnsupportedApiVersionError
from packaging.metadata import InvalidMetadata
from simple_repository_client import (
    DiskCache,
    FileError,
    HashMismatchError,
    MetadataUnavailableError,
    ProvenanceUnavailableError,
)

TEXT = (
    "Metadata-Version: 2.4\nName: foo\nVersion: 1.0\nRequires-Python: >=3.8\nRequires-Dist: bar>=2; extra == 'x'\n"
    "Provides-Extra: x\n\nÜber foo.\n"
).encode()
SHA256 = hashlib.sha256(TEXT).hexdigest()


def ask(colour: Any, file: Any, *answers: Answer, **options: Any) -> Any:
    return colour.run(colour.client(*answers, **options).get_metadata(file))


@pytest.mark.parametrize(
    ("said", "verified_by"),
    [
        ({"sha256": SHA256}, "sha256"),
        ({"md5": "0", "sha256": SHA256, "x": "y"}, "sha256"),
        (True, ""),
        ({"x": "y"}, ""),
        ({"sha256": "none"}, ""),
    ],
    ids=["a hash", "several", "only that it is there", "only an unknown one", "one that is none"],
)
def test_metadata_stands_beside_the_file(colour: Any, a_file: Any, said: Any, verified_by: str) -> None:
    """Checked by the strongest hash that the index gives, and read as `packaging` reads it."""
    client = colour.client(Answer(content=TEXT))
    found = colour.run(client.get_metadata(a_file("foo-1.0-py3-none-any.whl", core_metadata=said)))
    assert client.transport.sent[0].url == "https://files.test/foo-1.0-py3-none-any.whl.metadata"
    assert (found.content, found.verified_by) == (TEXT, verified_by)
    parsed = found.parsed
    assert (parsed.name, str(parsed.version), str(parsed.requires_python)) == ("foo", "1.0", ">=3.8")
    assert [str(one) for one in parsed.requires_dist or ()] == ['bar>=2; extra == "x"']
    assert found.check().description == "Über foo.\n"


def test_the_metadata_of_a_signed_address_stands_at_its_path(colour: Any, a_file: Any) -> None:
    """Its query is left as it is."""
    client = colour.client(Answer(content=TEXT))
    colour.run(client.get_metadata(a_file(url="https://files.test/foo.whl?token=1", core_metadata=True)))
    assert client.transport.sent[0].url == "https://files.test/foo.whl.metadata?token=1"


def test_a_field_that_is_wrong_hurts_nobody_else(colour: Any, a_file: Any) -> None:
    """Old files are full of them; who wants all of them right asks for it."""
    found = ask(colour, a_file(core_metadata=True), Answer(content=TEXT.replace(b">=3.8", b"3.8 or so")))
    assert (found.parsed.name, found.raw["requires_python"], found.unread) == ("foo", "3.8 or so", {})
    with pytest.raises(InvalidMetadata):
        _ = found.parsed.requires_python
    with pytest.raises(ExceptionGroup):
        found.check()


@pytest.mark.parametrize("said", [None, False], ids=["the page does not say", "the page says no"])
def test_where_there_is_none_nothing_is_asked(colour: Any, a_file: Any, said: Any) -> None:
    """The error says what to do."""
    client = colour.client()
    with pytest.raises(
        MetadataUnavailableError,
        match=r"the index does not give its metadata by itself \(PEP 658\); from_wheel=True reads",
    ):
        colour.run(client.get_metadata(a_file(core_metadata=said)))
    assert client.transport.sent == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (Answer(404), MetadataUnavailableError, r"the index says that it gives its metadata .* and it is not there \(404\)"),
        (Answer(500), HttpResponseError, r"foo-1.0.tar.gz.metadata answered 500"),
        (Answer(content=b"<html>Login</html>"), MetadataUnavailableError, "what the index gives as its metadata is none"),
    ],
    ids=["it is not there", "the server fails", "a login page"],
)  # fmt: skip
def test_what_else_may_come(colour: Any, a_file: Any, answer: Answer, error: Any, words: str) -> None:
    """Each says whose metadata it was."""
    with pytest.raises(error, match=words) as caught:
        ask(colour, a_file(core_metadata=True), answer, max_retries=0)
    assert "foo-1.0.tar.gz" in str(caught.value)


def test_other_metadata_than_the_index_describes(colour: Any, a_file: Any) -> None:
    """Is an error that names the file."""
    with pytest.raises(HashMismatchError, match=r"^foo-1.0.tar.gz.metadata: its sha256 is "):
        ask(colour, a_file(core_metadata={"sha256": "0" * 64}), Answer(content=TEXT))


def test_what_is_kept_may_be_older_than_the_page(colour: Any, a_file: Any, tmp_path: Path) -> None:
    """The index replaced what it promised to keep: it is asked once more before that is an error."""
    cache = DiskCache(tmp_path)
    fresh = {"ETag": '"1"', "Cache-Control": "max-age=1000, immutable"}
    old = TEXT.replace(b"1.0", b"0.9")
    ask(colour, a_file(core_metadata=True), Answer(content=old, headers=fresh), cache=cache)
    file = a_file(core_metadata={"sha256": SHA256})
    client = colour.client(Answer(content=TEXT, headers={**fresh, "ETag": '"2"'}), cache=cache)
    assert colour.run(client.get_metadata(file)).content == TEXT
    assert client.transport.sent[0].headers["If-None-Match"] == '"1"'
    assert ask(colour, file, cache=cache).content == TEXT


def test_who_is_calling_is_not_for_a_page_to_say(colour: Any, a_file: Any) -> None:
    """It is the page's mistake, not the caller's, and its password is not told."""
    client = colour.client()
    file = a_file("foo-1.0-py3-none-any.whl", url="https://user:s3cret@files.test/f", core_metadata=True)
    more: dict[str, Any]
    for asked, more in ((file, {}), (replace(file, core_metadata=None), {"from_wheel": True})):
        with pytest.raises(
            FileError, match=r"^foo-1.0-.*: nothing is asked for: its URL has a user name in it"
        ) as told:
            colour.run(client.get_metadata(asked, **more))
        assert "s3cret" not in str(told.value)
    assert client.transport.sent == []


def test_neither_leads_from_https_to_http(colour: Any, a_file: Any) -> None:
    """Where anybody could change what comes."""
    client = colour.client()
    file = a_file(url="http://files.test/f", core_metadata=True, provenance="http://files.test/p")
    for question in (client.get_metadata, client.get_provenance):
        with pytest.raises(InsecureTransportError):
            colour.run(question(file))
    assert client.transport.sent == []


# --- provenance ------------------------------------------------------------------------------------------------------


def attestation(name: str, digest: str) -> dict[str, Any]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": digest}}],
        "predicateType": "https://index.test/attestations/publish/v1",
        "predicate": None,
    }
    envelope = {"statement": base64.b64encode(json.dumps(statement).encode()).decode(), "signature": "c2ln"}
    return {"version": 1, "verification_material": {}, "envelope": envelope}


def provenance(*attestations: object, version: object = 1) -> Answer:
    publisher = {"kind": "GitHub", "repository": "foo/foo", "workflow": "release.yml", "claims": None}
    bundle = {"publisher": publisher, "attestations": list(attestations)}
    return Answer(json={"version": version, "attestation_bundles": [bundle]})


def test_where_a_file_comes_from(colour: Any, a_file: Any, content: bytes) -> None:
    """By publisher; which file a statement is about can be asked, who made it can not."""
    file = a_file(provenance="https://index.test/integrity/foo/1.0/foo-1.0.tar.gz/provenance")
    digest = hashlib.sha256(content).hexdigest()
    ours, another = attestation(file.filename, digest), attestation("bar.zip", digest)
    deep = base64.b64encode(b"[" * 200_000).decode()
    strange = ({"envelope": {"statement": "!"}}, {"envelope": {"statement": deep}}, "strange")
    client = colour.client(provenance(ours, another, *strange))
    found = colour.run(client.get_provenance(file))
    assert client.transport.sent[0].headers["Accept"].startswith("application/vnd.pypi.integrity.v1+json")
    [bundle] = found.bundles
    assert (found.file_name, bundle.kind, bundle.publisher["repository"]) == (file.filename, "GitHub", "foo/foo")
    assert [one.is_about(file) for one in bundle.attestations] == [True, False, False, False, False]
    assert [one.predicate_type for one in bundle.attestations][1:3] == [
        "https://index.test/attestations/publish/v1",
        "",
    ]
    assert bundle.attestations[0].raw == ours


def test_of_a_file_without_provenance_nothing_is_asked(colour: Any, a_file: Any) -> None:
    """The error says whose it is."""
    client = colour.client()
    with pytest.raises(
        ProvenanceUnavailableError, match=r"^foo-1.0.tar.gz: the index says nothing about where it comes"
    ):
        colour.run(client.get_provenance(a_file()))
    assert client.transport.sent == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            provenance(version=2),
            UnsupportedApiVersionError,
            r"version of the provenance of .* says version 2, and this client speaks 1",
        ),
        (provenance(version="1"), ProvenanceUnavailableError, "is none"),
        (Answer(json=[]), ProvenanceUnavailableError, r"what the index gives as its provenance is none \(PEP 740\)"),
        (Answer(content=b"<html>"), ProvenanceUnavailableError, "is none"),
        (provenance(version=True), ProvenanceUnavailableError, "is none"),
        (Answer(content=b"[" * 200_000), ProvenanceUnavailableError, "is none"),
        (Answer(404), HttpResponseError, "answered 404"),
    ],
    ids=["a newer version", "a strange version", "a list", "a page", "true", "lists without end", "nothing"],
)
def test_what_is_no_provenance(colour: Any, a_file: Any, answer: Answer, error: Any, words: str) -> None:
    """Is told apart from what we cannot read yet."""
    with pytest.raises(error, match=words):
        colour.run(colour.client(answer).get_provenance(a_file(provenance="https://index.test/p")))
