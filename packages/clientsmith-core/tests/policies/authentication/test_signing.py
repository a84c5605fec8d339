"""Signatures: over what is sent, each time anew, at home only. Two schemes of the field prove that a signer can be written."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from clientsmith.core.credentials import AllOf, KeyCredential, KeyInHeader, KeyInQuery, NamedKeyCredential, Signature
from clientsmith.core.pipeline import HookPolicy
from clientsmith.core.rest import HttpRequest
from clientsmith.core.testing import Answer


class Witness:
    """A signer that notes what it was shown."""

    def __init__(self, credential: NamedKeyCredential | None = None) -> None:
        self.seen: list[tuple[str, str, dict[str, str], Any]] = []
        self.credential = credential

    def sign(self, request: HttpRequest, /) -> None:
        self.seen.append((request.method, request.url, request.headers.as_dict(), request.content))
        request.headers["Authorization"] = f"Signed {len(self.seen)}"


# --- when and what ---------------------------------------------------------------------------------------------------


def test_a_signer_sees_what_is_sent(scripted: Callable[..., Any]) -> None:
    """After every other hook, those of the application and other credentials included."""

    class Late(HookPolicy):
        def on_request(self, request: HttpRequest, /) -> None:
            request.headers["X-Late"] = "1"

    def hook(request: HttpRequest) -> None:
        request.headers["X-Hook"] = "1"

    signer = Witness()
    client = scripted(
        Answer(),
        credential={"signature": signer, "query": KeyCredential("q"), "header": KeyCredential("h")},
        authentication=[AllOf({"signature": Signature(), "query": KeyInQuery("k"), "header": KeyInHeader("X-Key")})],
        settings={"raw_request_hook": hook, "per_retry_policies": [Late()]},
    )
    client.send("POST", "/a", content=b"body")
    (method, url, headers, content) = signer.seen[0]
    assert (method, url, content) == ("POST", "https://api.test/a?k=q", b"body")
    sent = client.requests[0]
    assert sent.headers.as_dict() == {**headers, "Authorization": "Signed 1"}
    assert (headers["X-Late"], headers["X-Hook"], headers["X-Key"]) == ("1", "1", "h")


def test_every_send_is_signed_anew(scripted: Callable[..., Any]) -> None:
    """A retry and a redirect as well: a signature may hold the time, and covers the URL."""
    signer = Witness()
    moved = Answer(307, headers={"Location": "/b"})
    client = scripted(Answer(503), moved, Answer(), credential=signer, authentication=[Signature()])
    client.send("GET", "/a")
    assert [request.headers["Authorization"] for request in client.requests] == ["Signed 1", "Signed 2", "Signed 3"]
    assert [url for _, url, _, _ in signer.seen] == [f"https://api.test/{path}" for path in "aab"]


def test_another_origin_gets_no_signature(scripted: Callable[..., Any]) -> None:
    """It could be used here."""
    signer = Witness()
    moved = Answer(307, headers={"Location": "https://other.test/"})
    client = scripted(moved, Answer(), credential=signer, authentication=[Signature()])
    client.send("GET", "/a")
    assert len(signer.seen) == 1
    assert "Authorization" not in client.requests[1].headers


def test_a_library_makes_the_signer_of_a_named_key(scripted: Callable[..., Any]) -> None:
    """So that its users need nothing but name and key; a signer of their own is taken as well."""
    made: list[Witness] = []

    def make(credential: NamedKeyCredential) -> Witness:
        made.append(Witness(credential))
        return made[-1]

    key = NamedKeyCredential("me", "k")
    scripted(Answer(), credential=key, authentication=[Signature(make)]).send("GET", "/")
    own = Witness()
    scripted(Answer(), credential=own, authentication=[Signature(make)]).send("GET", "/")
    assert made[0].credential is key
    assert (len(made), len(own.seen)) == (1, 1)


def test_what_a_signer_raises_comes_out(scripted: Callable[..., Any]) -> None:
    """Nothing is sent without its signature."""

    class Broken:
        def sign(self, request: HttpRequest, /) -> None:
            raise ValueError("a streamed body cannot be signed")

    client = scripted(Answer(), credential=Broken(), authentication=[Signature()])
    with pytest.raises(ValueError, match="a streamed body cannot be signed"):
        client.send("GET", "/")
    assert client.requests == []


# --- AWS Signature Version 4 -----------------------------------------------------------------------------------------


class SigV4:
    """Signs as the AWS documentation says, for services that take no temporary credentials."""

    def __init__(self, credential: NamedKeyCredential, region: str, service: str, now: Callable[[], datetime]) -> None:
        self._credential, self._scope, self._now = credential, f"{region}/{service}/aws4_request", now

    def sign(self, request: HttpRequest, /) -> None:
        name, key = self._credential.named_key
        stamp = self._now().strftime("%Y%m%dT%H%M%SZ")
        request.headers["X-Amz-Date"] = stamp
        url = urlsplit(request.url)
        signed = {"host": url.netloc, **{k.lower(): v for k, v in request.headers.items() if k.lower() in self._SIGNED}}
        body = request.content if isinstance(request.content, bytes) else b""
        fields = sorted(
            (quote(k, safe="~"), quote(v, safe="~")) for k, v in parse_qsl(url.query, keep_blank_values=True)
        )
        canonical = "\n".join(
            [
                request.method,
                quote(unquote(url.path) or "/", safe="/~"),
                "&".join(f"{k}={v}" for k, v in fields),
                *(f"{k}:{' '.join(v.split())}" for k, v in sorted(signed.items())),
                "",
                ";".join(sorted(signed)),
                sha256(body).hexdigest(),
            ]
        )
        scope = f"{stamp[:8]}/{self._scope}"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, sha256(canonical.encode()).hexdigest()])
        secret = f"AWS4{key}".encode()
        for part in [*scope.split("/"), text]:
            secret = hmac.digest(secret, part.encode(), "sha256")
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={name}/{scope}, SignedHeaders={';'.join(sorted(signed))}, "
            f"Signature={secret.hex()}"
        )

    _SIGNED = frozenset({"x-amz-date", "content-type", "my-header1"})


@pytest.mark.parametrize(
    ("method", "path", "headers", "content", "signed", "signature"),
    [
        pytest.param(
            "GET", "/", {}, None, "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", id="get-vanilla",
        ),
        pytest.param(
            "POST", "/", {}, None, "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", id="post-vanilla",
        ),
        pytest.param(
            "GET", "/?Param2=value2&Param1=value1", {}, None, "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500", id="get-vanilla-query-order-key-case",
        ),
        pytest.param(
            "POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Param1=value1",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a", id="post-x-www-form-urlencoded",
        ),
    ],
)  # fmt: skip
def test_requests_of_the_public_test_suite_get_its_signatures(
    scripted: Callable[..., Any],
    method: str,
    path: str,
    headers: dict[str, str],
    content: bytes | None,
    signed: str,
    signature: str,
) -> None:
    """Key, time and signatures as AWS published them."""
    key = NamedKeyCredential("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    now = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
    client = scripted(
        Answer(),
        endpoint="https://example.amazonaws.com",
        credential=key,
        authentication=[Signature(lambda key: SigV4(key, "us-east-1", "service", lambda: now))],
    )
    client.send(method, path, headers=headers, content=content)
    assert client.requests[0].headers["Authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders={signed}, Signature={signature}"
    )


# --- a shared key ----------------------------------------------------------------------------------------------------


class SharedKey:
    """Signs method, path and date with a key in base64, in the manner of storage services."""

    def __init__(self, credential: NamedKeyCredential) -> None:
        self._credential = credential

    def sign(self, request: HttpRequest, /) -> None:
        name, key = self._credential.named_key
        request.headers.setdefault("x-ms-date", "Mon, 27 Jul 2009 12:28:53 GMT")
        text = f"{request.method}\n{urlsplit(request.url).path}\n{request.headers['x-ms-date']}".encode()
        digest = hmac.digest(b64decode(key), text, "sha256")
        request.headers["Authorization"] = f"SharedKey {name}:{b64encode(digest).decode()}"


def test_a_new_key_signs_from_then_on(scripted: Callable[..., Any]) -> None:
    """A signer reads name and key each time."""
    key = NamedKeyCredential("one", b64encode(b"1").decode())
    client = scripted(Answer(), repeat=True, credential=key, authentication=[Signature(SharedKey)])
    client.send("GET", "/")
    key.update("two", b64encode(b"2").decode())
    client.send("GET", "/")
    names = [request.headers["Authorization"].split()[1].partition(":")[0] for request in client.requests]
    assert names == ["one", "two"]
