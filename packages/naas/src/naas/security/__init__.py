"""Who may do what, and what is kept secret: keys and tokens, limits, lockouts, the command policy, audit, webhooks.

Each module decides one thing; `naas.security.setup` makes them from the settings. `docs/security.md` says which threat
each of them answers.
"""

from __future__ import annotations

from naas.security.setup import Security

__all__ = ["Security"]
