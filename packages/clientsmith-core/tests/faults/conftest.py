"""What only the faults need."""

from __future__ import annotations

import pytest
from clientsmith.core.policies import retry


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts are short, whatever the backoff is."""
    monkeypatch.setattr(retry, "_jitter", lambda: 0.01)
