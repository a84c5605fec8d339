"""What only the lifecycle tests need."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from clientsmith.core.policies import retry


@pytest.fixture
def endlessly() -> Any:
    """Steps of a script that begin again when they are over."""
    return sys.modules["clientsmith_tests_server"].endlessly


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are short, whatever the backoff is."""
    monkeypatch.setattr(retry, "_jitter", lambda: 0.01)
