"""Over real connections: every transport hands on what a service says, in whatever case it writes its header fields."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from clientsmith.core.versioning import ApiLifecycleWarning, VersionMismatchError
from clientsmith.core.versioning.schemes import date_header


def said(*fields: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", "Content-Length: 2", "X-Filler: 1", *fields, "X-Filler: 2", "", "{}"]
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize(
    "field", ["Deprecation: @1688169600", "dEPRECATION:@1688169600", "deprecation:   @1688169600  "]
)
def test_a_notice_is_heard(field: str, serve: Any, connect: Any) -> None:
    """Once, over two answers."""
    server = serve(["read", said(field), "read", said(field)])
    client = connect(server.url)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(2):
            assert client.get("/x").status_code == 200
    notices = [str(warning.message) for warning in told if warning.category is ApiLifecycleWarning]
    assert notices == [f"GET {server.url}/x is deprecated as of 2023-07-01 (Deprecation header)"]


def test_an_echo_is_compared(serve: Any, connect: Any) -> None:
    """The same passes any number of times, another one never."""
    same, other = said("x-VERSION: 2026-06-01"), said("X-Version: 2025-01-01")
    server = serve(["read", same, "read", same, "read", other])
    client = connect(server.url, api_version=date_header("X-Version", "2026-06-01"))
    assert [client.get("/x").status_code for _ in range(2)] == [200, 200]
    with pytest.raises(VersionMismatchError, match="version 2026-06-01 was asked for, and the X-Version header says"):
        client.get("/x")


def test_what_was_harmless_once_does_not_hide_what_is_not(serve: Any, connect: Any) -> None:
    """The same number of fields, one of them another."""
    server = serve(["read", said("ETag: 1"), "read", said("Sunset: Tue, 11 May 2027 23:59:59 GMT")])
    client = connect(server.url)
    client.get("/x")
    with pytest.warns(ApiLifecycleWarning, match=r"may be gone from 2027-05-11 \(Sunset header\)"):
        client.get("/x")
