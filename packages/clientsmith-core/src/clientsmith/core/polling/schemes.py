"""How services tell of a long running operation: pure decisions from one answer to the next.

Rules:

- Where to look: the first of `Polling.headers` that the first answer has (the service knows best, and may put a long
  poll into the address), else `Polling.poll_path` (which comes before a mere ``Location``), else, for PUT and PATCH,
  the resource itself. An answer that is not 202 and tells no such place is the result.
- A status word in ``succeeded`` or ``failed`` ends it, compared without case; any other word means going on.
- Without a word, 202 means going on. Another success ends it where the place is a ``Location`` or the resource itself;
  at a place that exists to tell the status it is an error, since it would pass for a success.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar
from urllib.parse import quote, urljoin

from .._paths import Path, shown, value_at
from ..errors import DecodeError
from ..policies.retry import parse_retry_after
from ..rest import HttpRequest, HttpResponse
from ..serialization import Codec, CodecLike, as_codec

__all__ = ["PollState", "Polling", "Stage"]

T = TypeVar("T")
Stage: TypeAlias = Literal["running", "succeeded", "failed"]

_GROWTH: Final = 1.5
_MOST_GROWTH: Final = 10.0


@dataclass(frozen=True, slots=True)
class PollState:
    """What is known of an operation, and all that is needed to go on watching it.

    Attributes:
        url: Where to look, absolute or below the endpoint; "" if the first answer was the last.
        status: The service's word for how it stands, ours where it has none.
        stage: What that word means.
        final_url: Where the result is once the operation succeeded; "" if the last answer has it.
        is_monitor: Whether ``url`` exists to tell the status, so that an answer without one is an error.
        polls: How often we looked.
        retry_after: Seconds that the service asked us to wait before the next look, None if it did not say.
    """

    url: str
    status: str
    stage: Stage = "running"
    final_url: str = ""
    is_monitor: bool = False
    polls: int = 0
    retry_after: float | None = None

    def pause(self, interval: float) -> float:
        """Return the seconds to wait before looking again.

        The service's own wish wins. Our pauses grow by half each time, up to ten times the interval: the end of a
        short operation is seen at once, and watching a long one costs the service little.
        """
        if self.retry_after is not None:
            return self.retry_after
        return interval * min(_GROWTH ** min(self.polls, 10), _MOST_GROWTH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling(Generic[T]):
    """How a long running operation is watched, and what it ends with.

    Attributes:
        status: Where the status word is in the body.
        succeeded, failed: The words that end it.
        poll_path: URL template below the endpoint, filled from the first answer's body: ``/jobs/{job_id}``. It serves
            where no header field does; before ``Location``, which may as well be the resource.
        headers: Header fields of the first answer that say where to look, the first one there counts.
        final: Where the result is: in the last answer's body, at the first answer's ``Location``, or at the resource
            that the operation was asked of (its URL, with GET).
        result: Where the result is in that body.
        codec: Codec, model, enum or thunk of the result; None leaves it as JSON has it.
        wait_parameter: Query parameter that makes the service hold its answer until there is news (long poll);
            "" if it cannot. Then nobody waits between looks.
        wait_seconds: How long to let it hold; less where the call's own timeouts would cut it off.
    """

    status: Path = ("status",)
    succeeded: tuple[str, ...] = ("Succeeded",)
    failed: tuple[str, ...] = ("Failed", "Canceled")
    poll_path: str = ""
    headers: tuple[str, ...] = ("Operation-Location", "Azure-AsyncOperation", "Location")
    final: Literal["body", "location", "resource"] = "body"
    result: Path = ()
    codec: CodecLike[T] | None = None
    wait_parameter: str = ""
    # Below the 30 s after which the strictest common proxies give an idle connection up.
    wait_seconds: int = 20
    _codec: Codec[T] = field(init=False, repr=False, compare=False)
    _stages: Mapping[str, Stage] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        stages: dict[str, Stage] = {word.casefold(): "failed" for word in self.failed}
        stages.update({word.casefold(): "succeeded" for word in self.succeeded})
        object.__setattr__(self, "_codec", as_codec(self.codec))
        object.__setattr__(self, "_stages", stages)

    # --- from answer to answer ---

    def begin(self, request: HttpRequest, response: HttpResponse) -> PollState:
        """Return how things stand after the first answer, which is a success.

        Raises:
            DecodeError: The operation goes on, but nothing says where to look.
        """
        body = _document(response)
        word = _word(value_at(body, self.status))
        url, source = self._place(request, response, body)
        stage = self._stages.get(word.casefold(), "running") if word else "running"
        if stage == "running" and not url:
            if word or response.status_code == 202:
                raise DecodeError(f"the operation goes on, but {self._nowhere()}", response=response)
            stage = "succeeded"
        return PollState(
            url=url,
            status=word or _OUR_WORDS[stage],
            stage=stage,
            final_url=self._final_url(request, response, source, is_over=stage != "running"),
            is_monitor=source not in ("location", "resource"),
            retry_after=_retry_after(response),
        )

    def advance(self, state: PollState, response: HttpResponse) -> PollState:
        """Return how things stand after looking; the response is a success.

        Raises:
            DecodeError: The answer tells no status where it should.
        """
        body = _document(response)
        word = _word(value_at(body, self.status))
        if word:
            stage = self._stages.get(word.casefold(), "running")
        elif response.status_code == 202:
            stage = "running"
        elif state.is_monitor or (body is None and response.content):
            what = f"the answer should tell the operation's status at {shown(self.status)} and does not"
            raise DecodeError(what, response=response)
        else:
            stage = "succeeded"
        moved, _ = self._told(response)
        return replace(
            state,
            # A service may move the place while the operation runs; a Location on the last answer means something else.
            url=moved if stage == "running" and moved else state.url,
            status=word or _OUR_WORDS[stage],
            stage=stage,
            polls=state.polls + 1,
            retry_after=_retry_after(response),
        )

    def request(self, state: PollState, hold_seconds: int = 0) -> HttpRequest:
        """Return the request that looks once; the service may hold its answer for ``hold_seconds``."""
        params = {self.wait_parameter: hold_seconds} if hold_seconds else None
        return HttpRequest("GET", state.url, params=params, headers={"Accept": "application/json"})

    # --- the end ---

    def read(self, response: HttpResponse) -> T:
        """Return the result from the answer that has it; None if it has no body, or is a 404 that counts as success.

        Raises:
            DecodeError: The body cannot be read.
        """
        if not response.is_success or not response.content:
            return None  # type: ignore[return-value]  # an operation without a result
        try:
            return self._codec.decode(value_at(response.json(), self.result))
        except ValueError as error:
            what = f"the result, {shown(self.result)}, cannot be read: {error}"
            raise DecodeError(what, response=response) from error

    def read_failure(self, response: HttpResponse) -> T | None:
        """Return the last answer of a failed operation as the result's model, None if that is not what it is."""
        if self.codec is None or self.result or self.final != "body":
            return None
        try:
            return self._codec.decode(response.json())
        except ValueError:  # the failure is what the caller has to hear of, not the model that does not fit it
            return None

    # --- where to look ---

    def _place(self, request: HttpRequest, response: HttpResponse, body: object) -> tuple[str, str]:
        """Return where to look, and what told us: "path", a header's name in lower case, "resource" or ""."""
        url, source = self._told(response)
        if not url and self.poll_path:
            url, source = _filled(self.poll_path, body), "path"
        if url:
            return url, source
        if request.method in ("PUT", "PATCH") and (response.status_code == 202 or value_at(body, self.status)):
            return request.url, "resource"
        return "", ""

    def _told(self, response: HttpResponse) -> tuple[str, str]:
        for name in self.headers:
            value = response.headers.get(name)
            # A Location may as well be the resource: an address that we know to tell the status is the better one.
            if value and not (self.poll_path and name.lower() == "location"):
                return urljoin(response.request.url, value), name.lower()
        return "", ""

    def _final_url(self, request: HttpRequest, response: HttpResponse, source: str, *, is_over: bool) -> str:
        if self.final == "location" and source != "location" and "Location" in response.headers:
            return urljoin(response.request.url, response.headers["Location"])
        # The first answer of an operation that is over at once has the resource in it.
        return request.url if self.final == "resource" and source != "resource" and not is_over else ""

    def _nowhere(self) -> str:
        if self.poll_path:
            return f"its first answer lacks a value for the address {self.poll_path!r}"
        return f"its first answer has none of the header fields {', '.join(self.headers)} to say where to look"


_OUR_WORDS: Final[Mapping[Stage, str]] = {"running": "running", "succeeded": "succeeded", "failed": "failed"}


def _document(response: HttpResponse) -> Any:
    """Return the body as JSON, None if it is something else: a 202 may say "Accepted" in plain text."""
    try:
        return response.json() if response.content else None
    except ValueError:
        return None


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"  # ``{"done": true}``
    return str(value) if isinstance(value, str | int) else ""


def _filled(template: str, body: object) -> str:
    """Return the template with the values of the body in it, "" if one is missing."""
    url = ""
    for part in template.split("{"):
        name, closed, rest = part.partition("}")
        if not closed:
            url += part
            continue
        value = _word(value_at(body, (name,)))
        if not value:
            return ""
        # Dot segments would be resolved away on the road and so address something else.
        url += (quote(value, safe="") if value not in (".", "..") else value.replace(".", "%2E")) + rest
    return url


def _retry_after(response: HttpResponse) -> float | None:
    try:
        return parse_retry_after(response.headers["Retry-After"])
    except (KeyError, ValueError):
        return None
