"""What docs/security.md shows works as it says."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from naas.errors import CommandRefused
from naas.jobs import CommandWork, ConfigWork
from naas.principals import Role
from naas.security.command_policy import parse_policy
from naas.security.signing import delivery_headers

PAGE = Path(__file__).parents[4] / "docs" / "security.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_first_policy_forbids_what_it_names() -> None:
    policy = parse_policy(blocks("toml")[0])
    for line in ("reload", "copy run tftp:", "show run | redirect flash:x", "run bash id"):
        with pytest.raises(CommandRefused):
            policy.check(Role.OPERATOR, "default", "h", CommandWork((line,)))
    with pytest.raises(CommandRefused, match="no scripts that run commands later"):
        policy.check(Role.ADMIN, "default", "h", ConfigWork(("event manager applet x",)))
    policy.check(Role.OPERATOR, "default", "h", CommandWork(("show version", "ping 192.0.2.1")))
    policy.check(Role.OPERATOR, "default", "h", ConfigWork(("interface Gi1", "description x", "exit")))
    policy.check(Role.ADMIN, "default", "h", CommandWork(("reload",)))


def test_the_second_policy_allows_what_it_names() -> None:
    policy = parse_policy(blocks("toml")[1])
    policy.check(Role.OPERATOR, "default", "h", CommandWork(("show version | include IOS",)))
    policy.check(Role.OPERATOR, "lab-2", "h", ConfigWork(("interface Gi1",)))
    policy.check(Role.ADMIN, "default", "h", ConfigWork(("interface Gi1",)))
    for work in (CommandWork(("clear counters",)), ConfigWork(("interface Gi1",))):
        with pytest.raises(CommandRefused):
            policy.check(Role.OPERATOR, "default", "h", work)


def test_a_receiver_can_check_deliveries_with_the_code_shown() -> None:
    shown: dict[str, Any] = {}
    exec(blocks("python")[0], shown)  # our own page
    is_genuine = shown["is_genuine"]
    now = int(time.time())
    header = delivery_headers("j", b"{}", "shared", now)["X-NAAS-Signature-V2"]
    assert is_genuine("shared", b"{}", header)
    assert not is_genuine("other", b"{}", header)
    assert not is_genuine("shared", b"{ }", header)
    assert not is_genuine("shared", b"{}", header.replace(f"t={now}", f"t={now + 1}"))
    old = delivery_headers("j", b"{}", "shared", now - 1000)["X-NAAS-Signature-V2"]
    assert not is_genuine("shared", b"{}", old)
    assert not is_genuine("shared", b"{}", "nonsense")


def test_the_page_names_tests_that_exist() -> None:
    tests = Path(__file__).parents[1]
    named = set(re.findall(r"`((?:\w+/)*(?:test_\w+\.py)?)`", PAGE.read_text(encoding="utf-8"))) - {
        "",
        "packages/naas/tests/",
    }
    missing = {name for name in named if not (tests / name).exists()}
    assert not missing
    assert len(named) > 15
