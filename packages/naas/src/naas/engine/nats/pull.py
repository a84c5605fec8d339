"""Asking a consumer for messages, a few at a time; they come to an inbox that somebody else has subscribed to."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from naas.engine.nats.connection import Connection

__all__ = ["Pull"]

# Messages that one question asks for. Measured: 8, 32 and 128 carry the same 1,400 to 1,600 jobs a second, since the
# server's disk sets the pace; fewer cost the worker more questions.
BATCH: Final = 32
# The server forgets a question after this time, and we ask anew. In seconds.
_SECONDS: Final = 60.0


@dataclass(slots=True, eq=False)
class Pull:
    """What is asked of one consumer. ``asked`` is how many messages the server may still send."""

    connection: Connection
    stream: str
    consumer: str
    reply: str
    asked: int = 0
    until: float = 0.0

    @property
    def is_due(self) -> bool:
        """Whether it is time to ask for more."""
        return self.asked <= BATCH // 4 or self.until < asyncio.get_running_loop().time()

    async def ask(self) -> None:
        """Ask for a few more.

        Raises:
            EngineUnavailable: NATS is away. After it is back, `forget` and ask again.
        """
        question = json.dumps({"batch": BATCH, "expires": int(_SECONDS * 1e9)}).encode()
        await self.connection.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self.stream}.{self.consumer}", question, reply=self.reply
        )
        self.asked, self.until = BATCH, asyncio.get_running_loop().time() + _SECONDS

    def got_one(self) -> None:
        """A message has come."""
        self.asked = max(0, self.asked - 1)

    def forget(self) -> None:
        """The server will send no more for what was asked."""
        self.asked = 0
