"""What holds whatever anybody sends: the right error and no other, and no way around a rule by spelling."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import RSAKey
from naas.errors import CommandRefused, NotAuthenticated
from naas.jobs import CommandWork
from naas.principals import Role
from naas.security.addresses import Destination, DestinationRules, address_refusal, parse_destination
from naas.security.command_policy import parse_policy
from naas.security.credentials import BasicCredentials, BearerToken, read_credentials
from naas.security.outbound import Outbound, OutboundError
from naas.security.tokens import JwtVerifier, PublicKeys, SharedSecret

from .test_webhooks import listening

KEYS = PublicKeys({"keys": [RSAKey.generate_key(2048, {"kid": "a"}).as_dict(private=False)]})
VERIFIER = JwtVerifier(SharedSecret("a secret of the existing service, long enough"), KEYS)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "sub"]), inner),
    max_leaves=6,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["authorization", "x-api-key"]), st.text(max_size=60)))
def test_any_header_is_credentials_or_refused(headers: dict[str, str]) -> None:
    try:
        assert isinstance(read_credentials(headers), BasicCredentials | BearerToken)
    except NotAuthenticated:
        return


@given(
    header=st.fixed_dictionaries({"alg": st.sampled_from(["HS256", "RS256", "none", "ES256"]) | json_values}, optional={"kid": json_values, "crit": json_values, "jwk": json_values}),
    claims=json_values,
    signature=st.binary(max_size=40),
)  # fmt: skip
def test_no_token_that_we_did_not_sign_is_taken_or_breaks_anything(header: Any, claims: Any, signature: bytes) -> None:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    with pytest.raises(NotAuthenticated):
        VERIFIER.verify(token)


@given(st.text(max_size=80))
def test_no_text_is_a_token(text: str) -> None:
    with pytest.raises(NotAuthenticated):
        VERIFIER.verify(text)


POLICY = parse_policy('[[deny]]\nname = "no"\ncommands = ["request system reboot", "reload"]\n')
spaces = st.sampled_from([" ", "  ", "\t", " \t "])
around = st.sampled_from(["", " ", "do ", "do do ", "show clock ; ", "show clock && ", "x|", '"'])
behind = st.sampled_from(["", " now", "?", " | include x", ";", '"', " &", "  "])


@given(words=st.sampled_from([["request", "system", "reboot"], ["reload"]]), data=st.data())
def test_no_spelling_of_a_forbidden_command_passes(words: list[str], data: st.DataObject) -> None:
    """Each word abbreviated and in any case, any spaces between, something before and behind."""
    spelt: list[str] = []
    for word in words:
        short = word[: data.draw(st.integers(1, len(word)))]
        spelt.append("".join(letter.upper() if data.draw(st.booleans()) else letter for letter in short))
    line = data.draw(around) + data.draw(spaces).join(spelt) + data.draw(behind)
    with pytest.raises(CommandRefused):
        POLICY.check(Role.OPERATOR, "default", "h", CommandWork((line,)))


@given(st.text(max_size=60))
def test_any_line_is_judged(line: str) -> None:
    closed = parse_policy('default = "deny"\n[[allow]]\nname = "look"\ncommands = ["show"]\n')
    try:
        closed.check(Role.OPERATOR, "default", "h", CommandWork((line,)))
    except CommandRefused:
        return
    assert line.split()[0] == "show"


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_hides_in_no_ipv6_address(number: int) -> None:
    """What is refused stays refused when it is mapped or translated, and what passes passes."""
    rules = DestinationRules()
    plain = address_refusal(str(ipaddress.IPv4Address(number)), rules) is None
    words = f"{number >> 16:x}:{number & 0xFFFF:x}"
    assert (address_refusal(f"::ffff:{words}", rules) is None) == plain
    assert (address_refusal(f"64:ff9b::{words}", rules) is None) == plain
    assert plain or address_refusal(f"2002:{words}::", rules) is not None


@given(
    st.text(max_size=60)
    | st.text(alphabet="htps:/.@[]\\#?%0123456789abcdef", max_size=40).map(lambda rest: f"https://{rest}")
)
def test_any_url_leads_somewhere_or_is_refused(url: str) -> None:
    found = parse_destination(url, DestinationRules())
    assert isinstance(found, str) or (found.is_tls and found.host and 0 < found.port < 65536)
    if isinstance(found, Destination):
        assert "@" not in re.split(r"[/?#]", url)[2]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=60) | st.binary(max_size=40).map(lambda tail: b"HTTP/1.1 200 OK\r\n" + tail))
def test_any_answer_is_understood_or_an_error(raw: bytes) -> None:
    async def ask() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            writer.close()

        async with listening(serve) as port:
            outbound = Outbound(DestinationRules(allow_http=True, allow_private=True), timeout=1.0)
            try:
                assert 100 <= (await outbound.get(f"http://127.0.0.1:{port}/")).status < 1000
            except OutboundError:
                return

    asyncio.run(ask())
