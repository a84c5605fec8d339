"""The connection to the NATS server: opened once, kept for ever, its errors in our words."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import ssl
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, unquote, urlsplit

import nats.errors
from nats.aio.client import Client

from naas.errors import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

__all__ = ["Connection", "JetStreamError"]

log = logging.getLogger("naas.engine.nats")

# How long the server may take to answer, in seconds. A write waits for the disk of the server, and those of its
# peers; two seconds is what nats-py itself gives them, five leaves room for a disk that is busy.
REQUEST_SECONDS: Final = 5.0
_CONNECT_SECONDS: Final = 5.0

# Error codes of JetStream (nats-server, server/errors.json).
STREAM_NOT_FOUND: Final = 10059
STREAM_NAME_IN_USE: Final = 10058
CONSUMER_NOT_FOUND: Final = 10014
CONSUMER_EXISTS: Final = 10148
CONSUMER_NOT_UNIQUE: Final = 10100
WRONG_LAST_SEQUENCE: Final = 10071
_STORE_REFUSED: Final = 10077
NO_MESSAGE: Final = 10037


class JetStreamError(EngineUnavailable):
    """JetStream answered with an error; ``code`` is its own (nats-server, ``server/errors.json``)."""

    def __init__(self, subject: str, code: int, description: str) -> None:
        super().__init__(subject, code, description)
        self.subject, self.code, self.description = subject, code, description

    @property
    def is_subject_taken(self) -> bool:
        """Whether the stream has a message with this subject, and takes no other."""
        # The code stands for everything that the stream's store may refuse, a full disk too; only the text tells.
        return self.code == _STORE_REFUSED and "per subject" in self.description

    def __str__(self) -> str:
        return f"the NATS server refused {self.subject}: {self.description} (error {self.code})"


class _SecureClient(Client):
    """A client that says nothing to a server that does not ask for TLS: nats-py would go on in clear text."""

    async def _process_info(self, info: dict[str, Any], initial_connection: bool = False) -> None:
        # Called for what the server says first, before our login is sent, at every connect and reconnect.
        if initial_connection and not info.get("tls_required"):
            raise nats.errors.SecureConnWantedError
        await super()._process_info(info, initial_connection)


class Connection:
    """One connection to NATS, which comes back by itself when the server does.

    While it is down every call fails at once with `EngineUnavailable`; nothing is kept to be sent later.
    """

    def __init__(self, client: Client, place: str) -> None:
        """Use `open`."""
        # Any, since the types of nats-py are unknown in part.
        self._client: Any = client
        self.place = place
        self._on_reconnect: list[Callable[[], None]] = []
        self._on_close: list[Callable[[], Awaitable[None]]] = []
        self._lost: list[str] = []
        self._waiting: set[asyncio.Timeout] = set()

    @classmethod
    async def open(cls, url: str, *, name: str, credentials: Path | None = None) -> Connection:
        """Connect to ``url``: ``nats://[user:password@]host:port`` or ``nats://token@…``; ``tls://`` insists on TLS.

        ``credentials`` is a ``.creds`` file; ``name`` is shown to whoever watches the server.

        Raises:
            EngineUnavailable: It did not work within five seconds; the message says why, without the login.
        """
        parts = urlsplit(url)
        place = f"{parts.hostname}:{parts.port or 4222}"
        if credentials is not None and find_spec("nkeys") is None:
            raise EngineUnavailable(
                "a NATS credentials file needs the package nkeys; run: pip install 'nats-py[nkeys]'"
            )
        use_tls = parts.scheme == "tls"
        connection = cls(_SecureClient() if use_tls else Client(), place)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await connection._connect(parts, name, credentials, use_tls=use_tls)
        except (nats.errors.Error, OSError, TimeoutError, ValueError) as exc:
            reason = connection._lost[-1] if connection._lost else type(exc).__name__
            raise EngineUnavailable(
                f"cannot connect to NATS at {place}: {reason}; is nats-server running there, with JetStream (-js), "
                "and does it know this login?"
            ) from exc
        return connection

    async def _connect(self, url: SplitResult, name: str, credentials: Path | None, *, use_tls: bool) -> None:
        # The login goes beside the URL, because nats-py takes what is in it as it stands: p%40ss would not be p@ss.
        user, password = (unquote(part) if part else None for part in (url.username, url.password))
        await self._client.connect(
            f"{url.scheme}://{url.netloc.rpartition('@')[2]}",
            user=user if password is not None else None,
            password=password,
            token=user if password is None else None,
            name=name,
            error_cb=self._note_error,
            disconnected_cb=self._note_disconnect,
            reconnected_cb=self._note_reconnect,
            connect_timeout=2,
            # For ever: a worker at a remote site has nobody who would start it again.
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,  # whole seconds, says nats-py; it also adds jitter
            tls=ssl.create_default_context() if use_tls else None,
            user_credentials=str(credentials) if credentials is not None else None,
            # What cannot be sent now must fail now: whoever asked would not be there any more when it goes out.
            pending_size=0,
        )

    @property
    def is_up(self) -> bool:
        """Whether the server can be reached, as far as we know."""
        return bool(self._client.is_connected)

    @property
    def max_payload(self) -> int:
        """The longest message that the server takes, in bytes."""
        return int(self._client.max_payload)

    def on_reconnect(self, act: Callable[[], None]) -> None:
        """Call ``act`` whenever the connection has come back."""
        self._on_reconnect.append(act)

    def on_close(self, act: Callable[[], Awaitable[None]]) -> None:
        """Call ``act`` before the connection is closed."""
        self._on_close.append(act)

    async def publish(
        self, subject: str, payload: bytes = b"", *, reply: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a message, and do not know whether anybody hears it."""
        with self._translated(subject):
            await self._client.publish(subject, payload, reply, headers=dict(headers) if headers else None)

    async def request(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        timeout: float = REQUEST_SECONDS,
        headers: Mapping[str, str] | None = None,
    ) -> Msg | None:
        """Send a message and return the answer; None if nobody listens there."""
        with self._translated(subject):
            try:
                async with self._patience(timeout):
                    answer: Msg = await self._client.request(
                        subject, payload, timeout=timeout + 1, headers=dict(headers) if headers else None
                    )
                    return answer
            except nats.errors.NoRespondersError:
                return None

    async def api(self, name: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Ask the JetStream API, for example ``STREAM.INFO.orders``.

        Raises:
            JetStreamError: It said no.
        """
        return await self.ask(f"$JS.API.{name}", json.dumps(body).encode() if body is not None else b"")

    async def ask(self, subject: str, payload: bytes = b"", headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Send a message that JetStream answers, and return the answer: also how a message is put into a stream."""
        answer = await self.request(subject, payload, headers=headers)
        if answer is None:
            raise JetStreamError(subject, STREAM_NOT_FOUND, "nobody answers; is JetStream switched on (-js)?")
        content: dict[str, Any] = json.loads(answer.data)
        if error := content.get("error"):
            raise JetStreamError(subject, error.get("err_code", 0), error.get("description", ""))
        return content

    async def subscribe(self, subject: str, hear: Callable[[Msg], Awaitable[None]], *, queue: str = "") -> Subscription:
        """Call ``hear`` with every message, one at a time. Members of a ``queue`` share the messages."""
        with self._translated(subject):
            # No limit on what may be pending: what is dropped there would be lost without a word.
            subscription: Subscription = await self._client.subscribe(
                subject, queue, cb=hear, pending_msgs_limit=-1, pending_bytes_limit=-1
            )
            await self._client.flush(timeout=int(REQUEST_SECONDS))
            return subscription

    async def unsubscribe(self, subscription: Subscription) -> None:
        """Hear nothing more. Harmless when the connection is down: a subscription ends with it."""
        try:
            await subscription.unsubscribe()
        except nats.errors.Error as exc:
            log.debug("could not unsubscribe subject=%s reason=%r", subscription.subject, exc)

    async def gather(self, subject: str, payload: bytes) -> Sequence[Msg]:
        """Send a question that is answered by several messages, and return them without the last, which is empty."""
        answers: asyncio.Queue[Msg] = asyncio.Queue()
        inbox = self.new_inbox()
        with self._translated(subject):
            subscription = await self._client.subscribe(inbox, cb=answers.put)
            try:
                await self._client.publish(subject, payload, inbox)
                found: list[Msg] = []
                async with self._patience(REQUEST_SECONDS):
                    while (status := status_of(message := await answers.get())) is None:
                        found.append(message)
            finally:
                await self.unsubscribe(subscription)
        if status == "503":
            raise JetStreamError(subject, STREAM_NOT_FOUND, "there is no such stream")
        return found

    def new_inbox(self) -> str:
        """Return a subject that nobody else uses."""
        return str(self._client.new_inbox())

    async def close(self) -> None:
        """Disconnect, for good. May be called twice."""
        while self._on_close:
            await self._on_close.pop()()
        if not self._client.is_closed:
            await self._client.close()

    @contextlib.asynccontextmanager
    async def _patience(self, seconds: float) -> AsyncGenerator[None]:
        """Wait for an answer within the block; TimeoutError when the time is up, or when the connection breaks."""
        waiting = asyncio.timeout(seconds)
        try:
            async with waiting:
                self._waiting.add(waiting)
                yield
        finally:
            self._waiting.discard(waiting)

    @contextlib.contextmanager
    def _translated(self, subject: str) -> Generator[None]:
        try:
            yield
        except nats.errors.MaxPayloadError as exc:
            raise EngineUnavailable(
                f"a message for {subject} is longer than the {self.max_payload} bytes that NATS at {self.place} takes; "
                "raise its max_payload"
            ) from exc
        except (nats.errors.TimeoutError, TimeoutError) as exc:
            state = "did not answer" if self.is_up else "went away and did not answer"
            raise EngineUnavailable(f"NATS at {self.place} {state} on {subject}") from exc
        except (nats.errors.Error, OSError) as exc:
            state = "refused" if self.is_up else "is not connected"
            raise EngineUnavailable(f"NATS at {self.place} {state}: {exc or type(exc).__name__}") from exc

    async def _note_error(self, error: Exception) -> None:
        self._lost.append(str(error) or type(error).__name__)
        del self._lost[:-3]
        # While the server is away there is one every second; otherwise it is something that we did not expect.
        log.log(logging.WARNING if self.is_up else logging.DEBUG, "NATS error place=%s reason=%r", self.place, error)

    async def _note_disconnect(self) -> None:
        if not self._client.is_closed:
            log.warning("connection to NATS lost, trying again place=%s", self.place)
        # The answers to what was asked will not come any more.
        now = asyncio.get_running_loop().time()
        for waiting in list(self._waiting):
            with contextlib.suppress(RuntimeError):  # it has ended at this moment
                waiting.reschedule(now)

    async def _note_reconnect(self) -> None:
        log.info("connected to NATS again place=%s", self.place)
        for act in self._on_reconnect:
            act()


def status_of(message: Msg) -> str | None:
    """Return the status that a message of the server itself carries (404, 408, …); None for everybody else's."""
    return None if message.headers is None else message.headers.get("Status")
