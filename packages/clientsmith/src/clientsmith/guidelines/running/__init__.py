"""A package at work: driven in a subprocess against a scripted service, and judged by what it sends and raises.

    observe(package, RULES)  ─▶  opened_session ─▶ Session ═pipe═▶ inside (the package, the scripted server, the fence)
                                                  Driver, Runner: calls as rules know them
                                                  judges: what is seen becomes a verdict

Nothing of the package is imported into our own process. What cannot be driven is "not applicable", with the reason.
"""

from __future__ import annotations

from .observing import observe
from .session import Bounds
from .telling import Telling

__all__ = ["Bounds", "Telling", "observe"]
