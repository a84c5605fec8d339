"""Where webhooks may go: not into the network behind the service, however the address is written."""

from __future__ import annotations

import pytest
from naas.security.addresses import Destination, DestinationRules, address_refusal, parse_destination

STRICT = DestinationRules()
PRIVATE = DestinationRules(allow_http=True, allow_private=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::",
        "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1",
        "169.254.1.1", "fe80::1", "fe80::1%eth0", "169.254.169.254", "fd00:ec2::254", "168.63.129.16",
        "100.64.0.1", "100.127.255.255", "192.0.0.8", "198.18.0.1", "198.51.100.1", "203.0.113.9", "192.0.2.1",
        "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "fec0::1", "2001:db8::1", "100::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::a00:1",
        "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "not an address",
    ],
)  # fmt: skip
def test_addresses_that_are_not_the_public_internet_are_refused(address: str) -> None:
    assert address_refusal(address, STRICT) is not None


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
)
def test_public_addresses_pass(address: str) -> None:
    assert address_refusal(address, STRICT) is None


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "224.0.0.1", "0.0.0.0", "::"])
def test_some_are_refused_even_where_private_ones_are_allowed(address: str) -> None:
    assert address_refusal("10.0.0.1", PRIVATE) is None
    assert address_refusal(address, PRIVATE) is not None


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://hooks.example.com/x", "must begin with https://"),
        ("ftp://hooks.example.com/x", "must begin with https://"),
        ("file:///etc/passwd", "must begin with https://"),
        ("//hooks.example.com", "must begin with https://"),
        ("https://", "has no host"),
        ("https:///path", "has no host"),
        ("https://user@hooks.example.com", "must not carry a user"),
        ("https://user:hunter2@hooks.example.com", "must not carry a user"),
        ("https://hooks.example.com:99999/", "is not a URL"),
        ("https://hooks.example.com:0/", "names the port 0"),
        ("https://hooks.example.com:6379/", "names the port 6379"),
        ("https://hooks.example.com:22/", "names the port 22"),
        ("https://127.0.0.1/", "leads to the loopback"),
        ("https://[::1]/", "leads to the loopback"),
        ("https://[::ffff:10.0.0.1]/", "leads to a private address"),
        ("https://127.1/", "has no host"),
        ("https://2130706433/", "has no host"),
        ("https://0x7f000001/", "has no host"),
        ("https://0177.0.0.1/", "has no host"),
        ("https://exa mple.com/", "holds characters"),
        ("https://example.com\\@127.0.0.1/", "holds characters"),
        ("https://example.com/\r\nHost: x", "holds characters"),
        ("https://ex\u3002ample.com/", "holds characters"),
        ("https://example.com/" + "a" * 3000, "is longer than 2048"),
        ("https://-example.com/", "has no host"),
        ("https://example..com/", "has no host"),
        ("https://[::1", "is not a URL"),
    ],
)
def test_urls_that_cannot_be_used_say_why_and_show_nothing(url: str, problem: str) -> None:
    found = parse_destination(url, STRICT)
    assert isinstance(found, str)
    assert problem in found
    assert "hunter2" not in found


@pytest.mark.parametrize(
    ("url", "destination"),
    [
        ("https://hooks.example.com/a?b=c", Destination("hooks.example.com", 443, "hooks.example.com", True)),
        ("HTTPS://Hooks.Example.COM.:8443/", Destination("hooks.example.com", 8443, "hooks.example.com:8443", True)),
        ("https://[2606:4700::1111]:444/", Destination("2606:4700::1111", 444, "[2606:4700::1111]:444", True)),
    ],
)
def test_a_url_leads_somewhere(url: str, destination: Destination) -> None:
    assert parse_destination(url, STRICT) == destination


def test_http_and_private_addresses_have_to_be_allowed() -> None:
    assert parse_destination("http://127.0.0.1:9000/x", PRIVATE) == Destination(
        "127.0.0.1", 9000, "127.0.0.1:9000", False
    )
