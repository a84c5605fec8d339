"""JSON Web Tokens: those of the existing service hold, and every known way to forge one fails."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from naas.errors import NotAuthenticated, StartError
from naas.principals import Role
from naas.security.tokens import JwtVerifier, PublicKeys, SharedSecret, read_public_keys, role_of

from .conftest import Clock

SECRET = "a secret of the existing service, long enough"
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})
EC = ECKey.generate_key("P-256", {"kid": "ec-1"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed-1"})
OTHER_RSA = RSAKey.generate_key(2048, {"kid": "rsa-1"})

Key = OctKey | RSAKey | ECKey | OKPKey


def public_set(*keys: RSAKey | ECKey | OKPKey) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


def signed(key: Key, algorithm: str, claims: Mapping[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": algorithm, **header}, dict(claims), key, algorithms=[algorithm])


def unsigned(header: Mapping[str, Any], claims: Mapping[str, Any], signature: str = "") -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims))
    return ".".join([*parts, signature])


@pytest.fixture
def verifier(clock: Clock) -> JwtVerifier:
    keys = PublicKeys(public_set(RSA, EC, ED))
    return JwtVerifier(SharedSecret(SECRET), keys, "https://issuer.example", "naas", now=clock)


@pytest.fixture
def claims(clock: Clock) -> dict[str, Any]:
    now = int(clock())
    return {"sub": "k-0123456789ab", "role": "operator", "contexts": ["lab"], "iat": now, "exp": now + 600}


@pytest.fixture
def foreign(claims: dict[str, Any]) -> dict[str, Any]:
    return {**claims, "iss": "https://issuer.example", "aud": "naas"}


def test_a_token_of_the_existing_service_holds(verifier: JwtVerifier, claims: dict[str, Any]) -> None:
    """It has no issuer, no audience, no key id; without `exp` it holds for ever."""
    said, is_shared = verifier.verify(signed(OctKey.import_key(SECRET), "HS256", claims))
    assert (said.subject, said.role, said.contexts, is_shared) == (
        "k-0123456789ab",
        "operator",
        frozenset({"lab"}),
        True,
    )
    endless = {name: value for name, value in claims.items() if name != "exp"}
    assert verifier.verify(signed(OctKey.import_key(SECRET), "HS256", endless))[0].expires_at is None


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256"), (ED, "EdDSA")],
    ids=["RS256", "PS256", "ES256", "EdDSA"],
)
def test_a_token_of_a_trusted_public_key_holds(
    key: RSAKey | ECKey | OKPKey, algorithm: str, verifier: JwtVerifier, foreign: dict[str, Any]
) -> None:
    said, is_shared = verifier.verify(signed(key, algorithm, foreign, kid=key.kid))
    assert (said.subject, said.issuer, is_shared) == ("k-0123456789ab", "https://issuer.example", False)


def test_a_token_without_key_id_needs_one_key_that_fits(clock: Clock, foreign: dict[str, Any]) -> None:
    alone = JwtVerifier(None, PublicKeys(public_set(RSA, EC)), now=clock)
    token = signed(RSA, "RS256", foreign)
    assert alone.verify(token)[0].subject == "k-0123456789ab"
    with_two = JwtVerifier(None, PublicKeys(public_set(RSA, RSAKey.generate_key(2048))), now=clock)
    with pytest.raises(NotAuthenticated, match="no key of this service fits"):
        with_two.verify(token)


def forgeries(foreign: dict[str, Any]) -> dict[str, str]:
    pem = RSA.as_pem(private=False)
    document = json.dumps(public_set(RSA)).encode()
    return {
        "alg none": unsigned({"alg": "none"}, foreign),
        "alg nOnE": unsigned({"alg": "nOnE"}, foreign, "AA"),
        "no alg": unsigned({}, foreign, "AA"),
        "alg is no text": unsigned({"alg": ["RS256"]}, foreign, "AA"),
        "HMAC with the public key": _hmac_with(pem, foreign),
        "HMAC with the key set": _hmac_with(document, foreign),
        "HMAC with nothing": _hmac_with(b"", foreign),
        "another secret": signed(OctKey.import_key("x" * 32), "HS256", foreign),
        "HS512 with the right secret": signed(OctKey.import_key(SECRET), "HS512", foreign),
        "another RSA key of the same id": signed(OTHER_RSA, "RS256", foreign, kid="rsa-1"),
        "the id of a key of another kind": signed(RSA, "RS256", foreign, kid="ec-1"),
        "an unknown id": signed(RSA, "RS256", foreign, kid="rsa-9"),
        "a key that the token brings along": signed(
            OTHER_RSA, "RS256", foreign, kid="rsa-1", jwk=OTHER_RSA.as_dict(private=False)
        ),
        "claims changed": _with_claims(signed(RSA, "RS256", foreign, kid="rsa-1"), {**foreign, "role": "admin"}),
        "signature cut": signed(RSA, "RS256", foreign, kid="rsa-1")[:-8],
        "a critical header that we do not know": unsigned(
            {"alg": "RS256", "kid": "rsa-1", "crit": ["x"], "x": 1}, foreign, "AA"
        ),
        "two parts": "e30.e30",
        "encrypted": "a.b.c.d.e",
        "not base64": "!.!.!",
        "not JSON": "AAAA.AAAA.AAAA",
        "lists": unsigned([], [], "AA"),  # type: ignore[arg-type]
    }


def _hmac_with(key: bytes, claims: dict[str, Any]) -> str:
    import hmac

    start = unsigned({"alg": "HS256", "kid": "rsa-1"}, claims)
    mac = hmac.digest(key, start.rstrip(".").encode(), "sha256")
    return start + base64.urlsafe_b64encode(mac).decode().rstrip("=")


def _with_claims(token: str, claims: dict[str, Any]) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{unsigned({}, claims).split('.')[1]}.{signature}"


@pytest.mark.parametrize("name", sorted(forgeries({"sub": "x"})))
def test_a_forged_token_holds_nowhere(name: str, verifier: JwtVerifier, foreign: dict[str, Any]) -> None:
    """And the answer says nothing of our keys."""
    with pytest.raises(NotAuthenticated) as caught:
        verifier.verify(forgeries(foreign)[name])
    assert SECRET not in str(caught.value)
    assert "rsa-1" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"exp": -1000}, "the token has expired", id="expired"),
        pytest.param({"nbf": 1000}, "not valid yet", id="from later on"),
        pytest.param({"iat": 1000}, "not valid yet", id="issued in the future"),
        pytest.param({"exp": None}, "never expires", id="endless"),
        pytest.param({"exp": "soon"}, "'exp' is not a time", id="no time"),
        pytest.param({"exp": True}, "'exp' is not a time", id="a truth is no time"),
        pytest.param({"exp": 1e300}, "'exp' is not a time", id="beyond every calendar"),
        pytest.param({"iss": "https://other.example"}, "not of the issuer", id="another issuer"),
        pytest.param({"iss": None}, "not of the issuer", id="no issuer"),
        pytest.param({"aud": "billing"}, "not meant for this service", id="another audience"),
        pytest.param({"aud": ["billing"]}, "not meant for this service", id="other audiences"),
        pytest.param({"aud": None}, "not meant for this service", id="no audience"),
        pytest.param({"sub": None}, "does not say who", id="nobody"),
        pytest.param({"sub": ""}, "does not say who", id="an empty name"),
        pytest.param({"sub": 7}, "does not say who", id="a number"),
        pytest.param({"contexts": "lab"}, "'contexts' are not a list", id="contexts as a text"),
        pytest.param({"contexts": [1]}, "'contexts' are not a list", id="contexts that are numbers"),
    ],
)
def test_a_well_signed_token_must_also_fit(
    change: dict[str, Any], message: str, verifier: JwtVerifier, foreign: dict[str, Any], clock: Clock
) -> None:
    """Small numbers are seconds from now."""
    near = {
        name: int(clock()) + value
        if isinstance(value, int) and not isinstance(value, bool) and name != "sub"
        else value
        for name, value in change.items()
    }
    said = {name: value for name, value in {**foreign, **near}.items() if value is not None}
    with pytest.raises(NotAuthenticated, match=message):
        verifier.verify(signed(RSA, "RS256", said, kid="rsa-1"))


def test_an_audience_may_be_one_of_several(verifier: JwtVerifier, foreign: dict[str, Any]) -> None:
    token = signed(RSA, "RS256", {**foreign, "aud": ["billing", "naas"]}, kid="rsa-1")
    assert verifier.verify(token)[0].subject == "k-0123456789ab"


def test_clocks_may_differ_by_a_minute(verifier: JwtVerifier, claims: dict[str, Any], clock: Clock) -> None:
    token = signed(OctKey.import_key(SECRET), "HS256", claims)
    clock.forward(659)
    assert verifier.verify(token)
    clock.forward(1)
    with pytest.raises(NotAuthenticated, match="expired"):
        verifier.verify(token)


def test_without_a_secret_nothing_signed_with_hs256_is_taken(clock: Clock, claims: dict[str, Any]) -> None:
    verifier = JwtVerifier(None, PublicKeys(public_set(RSA)), now=clock)
    with pytest.raises(NotAuthenticated, match="accepts no tokens that are signed with HS256"):
        verifier.verify(signed(OctKey.import_key(SECRET), "HS256", claims))


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        pytest.param("short", "has 5 bytes and can be guessed", id="short"),
        pytest.param(RSA.as_pem(private=False).decode(), "is a public key; it must be a secret", id="a public key"),
    ],
)
def test_an_unusable_secret_stops_the_start_and_is_not_repeated(secret: str, message: str) -> None:
    with pytest.raises(StartError, match=message) as caught:
        SharedSecret(secret)
    assert secret not in str(caught.value)


def test_a_key_set_is_read_without_what_must_not_verify(tmp_path: Path, clock: Clock, foreign: dict[str, Any]) -> None:
    """Private halves, HMAC keys, keys for encryption, short ones and kinds to come do no harm and are no use."""
    document = {
        "keys": [
            {"kty": "oct", "k": "c2VjcmV0", "kid": "hmac"},
            {**EC.as_dict(private=False), "use": "enc", "kid": "for encryption"},
            {"kty": "AKP", "kid": "to come"},
            {"kty": "RSA", "kid": "damaged"},
            "no key",
            RSA.as_dict(private=True),
        ]
    }
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(document))
    verifier = JwtVerifier(None, read_public_keys(file), now=clock)
    assert verifier.verify(signed(RSA, "RS256", foreign, kid="rsa-1"))
    with pytest.raises(NotAuthenticated):
        verifier.verify(signed(EC, "ES256", foreign, kid="for encryption"))


def test_a_short_rsa_key_verifies_nothing() -> None:
    """1024 bits can be factored by who wants it enough."""
    numbers = rsa.generate_private_key(65537, 1024).public_key().public_numbers()
    n, e = (
        base64.urlsafe_b64encode(number.to_bytes(128, "big").lstrip(b"\0")).decode().rstrip("=")
        for number in (numbers.n, numbers.e)
    )
    with pytest.raises(ValueError, match="holds no public RSA key of 2048 bits or more"):
        PublicKeys({"keys": [{"kty": "RSA", "kid": "short", "n": n, "e": e}]})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{}", "not a JSON object with the member 'keys'", id="no keys"),
        pytest.param("[]", "not a JSON object with the member 'keys'", id="a list"),
        pytest.param('{"keys": []}', "holds no public RSA key", id="empty"),
        pytest.param("no JSON", "Expecting value", id="not JSON"),
        pytest.param(None, "cannot read the JSON Web Key Set", id="absent"),
    ],
)
def test_an_unusable_key_set_stops_the_start(text: str | None, message: str, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(StartError, match=message):
        read_public_keys(file)


@pytest.mark.parametrize(("name", "role"), [("admin", Role.ADMIN), ("root", Role.VIEWER), (None, Role.VIEWER)])
def test_an_unknown_role_may_only_read(name: str | None, role: Role) -> None:
    assert role_of(name) is role
