"""Connection strings: an endpoint and a secret in one text."""

from __future__ import annotations

from types import NoneType

import pytest
from clientsmith.core.credentials import (
    BasicCredential,
    KeyCredential,
    NamedKeyCredential,
    SasCredential,
    parse_connection_string,
)
from clientsmith.core.errors import ArgumentError

URL = "https://depot.example/"
ALL = (KeyCredential, NamedKeyCredential, BasicCredential, SasCredential, NoneType)


def test_a_key_may_hold_equals_signs_and_the_order_does_not_matter() -> None:
    endpoint, credential = parse_connection_string(f" AccessKey=c2VjcmV0==; Endpoint={URL} ;", KeyCredential)
    assert endpoint == URL
    assert credential.key == "c2VjcmV0=="


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("accountname=depot;ACCOUNTKEY=k", NamedKeyCredential),
        ("SharedAccessKeyName=send;SharedAccessKey=k", NamedKeyCredential),
        ("Username=ann;Password=p", BasicCredential),
        ("SharedAccessSignature=sv=1&sig=abc", SasCredential),
        ("Version=1.0", type(None)),
    ],
)
def test_the_parts_say_which_credential_it_is(text: str, kind: type) -> None:
    assert isinstance(parse_connection_string(f"Endpoint={URL};{text}", *ALL)[1], kind)


@pytest.mark.parametrize(
    ("text", "kinds", "why"),
    [
        ("Key=hidden", (BasicCredential,), "has key, but the service takes Username and Password"),
        (
            "Version=1",
            (KeyCredential, BasicCredential),
            "has no secret, but the service takes AccessKey or Username and",
        ),
        ("Key=hidden", (NoneType,), "has key, but the service takes none"),
    ],
)
def test_a_credential_that_the_service_does_not_take_is_refused(text: str, kinds: tuple[type, ...], why: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_connection_string(f"Endpoint={URL};{text}", *kinds)
    assert f"the connection string {why}" in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("AccessKey=hidden", "has no Endpoint"),
        (f"Endpoint={URL};AccessKey", "has no name and value in its part 2"),
        (f"Endpoint={URL};AccessKey=", "has no name and value in its part 2"),
        (f"Endpoint={URL};;AccessKey=hidden", "has no name and value in its part 2"),
        (f"Endpoint={URL};Key=hidden;AccessKey=hidden", "says twice what its key is, the second time in its part 3"),
        (f"Endpoint={URL};Username=hidden", "has username, which is no credential"),
        (f"Endpoint={URL};Key=hidden;Password=hidden", "has key and password, which is no credential"),
        ("", "has no name and value in its part 1"),
    ],
)
def test_what_cannot_be_used_is_refused_without_showing_it(text: str, why: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_connection_string(text, *ALL)
    assert str(caught.value) == f"the connection string {why}; write Endpoint=https://…;AccessKey=…"
    assert "hidden" not in str(caught.value)
