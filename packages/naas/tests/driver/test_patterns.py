"""Patterns of callers: what `re` understands, and nothing that stops the service."""

from __future__ import annotations

import re
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.driver.patterns import BadPattern, CallerPattern, PatternTooSlow

# The second a's are what makes it search for years: every split of the row is tried.
CATASTROPHIC = r"(a|aa)+$"
ROW = "a" * 80 + "b"


@pytest.mark.parametrize(
    "pattern",
    [r"\[confirm\]", r"[>#]\s*$", r"(?m)^sw1#", r"(?i)password:", r"Destination filename.*\?", r"(?s)a.*b"],
)
@given(text=st.text(alphabet="sw1# \n[confirm]>PasSword:Destination filename?ab"))
def test_patterns_mean_what_they_mean_to_re(pattern: str, text: str) -> None:
    """They were written for Netmiko, which uses `re`."""
    ours, theirs = CallerPattern(pattern).search(text, 0), re.compile(pattern).search(text)
    assert (ours and ours.end()) == (theirs and theirs.end())


@pytest.mark.parametrize("pattern", ["(", "a{9999999999999}", "[z-a]", "(?P<x", "\\"])
def test_what_is_no_pattern_is_told(pattern: str) -> None:
    with pytest.raises(BadPattern):
        CallerPattern(pattern)


def test_a_catastrophic_pattern_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("naas.driver.patterns.SEARCH_SECONDS", 0.2)
    with pytest.raises(PatternTooSlow, match=r"the pattern .* searched for longer than 0\.2 s"):
        CallerPattern(CATASTROPHIC).search(ROW, 0)


def test_other_threads_run_while_a_pattern_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """`re` would hold the interpreter, and with it every request of the service."""
    monkeypatch.setattr("naas.driver.patterns.SEARCH_SECONDS", 1.0)
    searching = threading.Thread(target=_search_in_vain)
    searching.start()
    turns = 0
    while searching.is_alive():
        turns += 1
        time.sleep(0.01)
    assert turns > 10


def _search_in_vain() -> None:
    with pytest.raises(PatternTooSlow):
        CallerPattern(CATASTROPHIC).search(ROW, 0)
