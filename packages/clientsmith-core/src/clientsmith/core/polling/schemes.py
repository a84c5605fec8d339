"""How services tell of a long running operation: pure decisions from one answer to the next.

Where to look:

- The first of `Polling.headers` that the first answer has (the service knows best, and may put a long poll into the
  address), else `Polling.poll_path` (which comes before a mere ``Location``), else the resource itself, for PUT and
  PATCH that tell a status or answer 202 and for DELETE that answers 202. An answer that tells no such place is the
  result.
- A PATCH that is answered 200 by a resource that says that all is done is over: that is how Azure's Resource Manager
  tells it from 202, whatever header fields there are.
- Places are of four kinds (`PollState.source`). A *monitor* exists to tell the status. A *location* tells it by its
  status code: 202 until the work is over, then the result. A *resource* tells it in its body. A *removal* is a resource
  that is there until it is deleted.

When it is over:

- A status word in ``succeeded`` or ``failed`` ends it, compared without case; any other word means going on.
- Without a word, 202 means going on. Another success ends it at a location and at the resource; at a monitor it is an
  error, since it would pass for a success.
- A removal is over with 404 or 410, and with a word in ``failed``; whatever else it says, it is still there.

Where the result is (`Polling.final`; the names are those of ``final-state-via`` in service descriptions):

- ``operation-location``, ``azure-async-operation``: in the monitor's last answer.
- ``location``: at the first answer's ``Location``, if that is not the place where we looked.
- ``original-uri``: at the URL that the operation was asked of, with GET.
- ``custom-link``: where the monitor's last answer says, at `Polling.final_link`.
- ``auto``: as the services behave that leave it open. At a monitor, where its last answer links to; else for PUT and
  PATCH the original URL, for POST with a ``Location`` that, for the others the last answer. At a monitor below a
  declared path, or with a declared `Polling.result`, the last answer. At a location its last answer; if that has no
  body, for PUT and PATCH the original URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeAlias, TypeVar, get_args

from .._declared import Declared
from .._hints import retry_after_of
from .._paths import Path, shown, value_at
from .._query import with_field
from ..errors import DecodeError, HttpResponseError
from ..rest import HttpRequest, HttpResponse
from ..serialization import Codec, CodecLike, as_codec
from .state import OUR_WORDS, PollState, Source, Stage, document_of, filled, resolved, word_of

if TYPE_CHECKING:
    from .events import StatusEvents

__all__ = ["FinalState", "Polling"]

T = TypeVar("T")
_REASON_LIMIT: Final = 500  # as of other words of a service in a message: enough to read, too little to flood a log
FinalState: TypeAlias = Literal[
    "auto", "operation-location", "azure-async-operation", "location", "original-uri", "custom-link"
]


class Polling(Declared, Generic[T]):
    """How a long running operation is watched, and what it ends with.

    Attributes:
        status: Where the status word is in the body.
        resource_status: Where it is in the resource itself, also in one that a location answers with; () if it is in
            the same place.
        succeeded: The words that end it well, compared without case.
        failed: The words that end it otherwise.
        poll_path: URL template below the endpoint, filled from the first answer's body: ``/jobs/{job_id}``. In it
            ``{}`` is the address that the operation was asked of, and a value for ``{+name}`` keeps its slashes. It
            serves where no header field does; before ``Location``, which may as well be the resource.
        headers: Header fields of the first answer that say where to look, the first one there counts.
        final: Where the result is, see the rules of this module.
        final_link: Where the monitor's last answer links to the result, if it does.
        result: Where the result is in that body.
        error: Where a failed operation tells why; something there means failure, whatever the word says. () where the
            words say it.
        codec: Codec, model, enum or thunk of the result; None leaves it as JSON has it.
        cancel: How the operation is cancelled, as method and URL: ``"DELETE /jobs/{job_id}"`` is below the endpoint and
            filled from the first answer's body, ``"DELETE"`` is asked of the place where we look, and in
            ``"POST {}:cancel"`` the braces stand for that place. "" if it cannot be cancelled.
        wait_parameter: Query parameter that makes the service hold its answer until there is news (long poll);
            "" if it cannot. Then nobody waits between looks.
        wait_seconds: How long to let it hold; less where the call's own timeouts would cut it off.
        events: Where it tells of the operation as server-sent events, instead of a long poll; None if nowhere.
    """

    status: Path = ("status",)
    resource_status: Path = ()
    succeeded: tuple[str, ...] = ("Succeeded",)
    failed: tuple[str, ...] = ("Failed", "Canceled", "Cancelled")
    poll_path: str = ""
    headers: tuple[str, ...] = ("Operation-Location", "Azure-AsyncOperation", "Location")
    final: FinalState = "auto"
    final_link: Path = ("resourceLocation",)
    result: Path = ()
    error: Path = ()
    codec: CodecLike[T] | None = None
    cancel: str = ""
    wait_parameter: str = ""
    # Below the 30 s after which the strictest common proxies give an idle connection up.
    wait_seconds: int = 20
    events: StatusEvents | None = None

    def _check(self) -> None:
        if self.events is not None and self.wait_parameter:
            raise ValueError("`events` and `wait_parameter` are two ways to the same end; declare one of them")
        if self.final not in get_args(FinalState):
            raise ValueError(f"final is {self.final!r}; it is one of {', '.join(get_args(FinalState))}")
        method, _, place = self.cancel.partition(" ")
        if self.cancel and not (method.isupper() and (not place or place.startswith(("/", "{}")))):
            forms = "'DELETE', 'POST {}:cancel' or 'DELETE /jobs/{id}'"
            raise ValueError(f"cancel is {self.cancel!r}; it looks like {forms}")

    @cached_property
    def _codec(self) -> Codec[T]:
        return as_codec(self.codec)

    @cached_property
    def _stages(self) -> Mapping[str, Stage]:
        stages: dict[str, Stage] = {word.casefold(): "failed" for word in self.failed}
        stages.update({word.casefold(): "succeeded" for word in self.succeeded})
        return stages

    def stage_of(self, word: str) -> Stage:
        """Return what a status word means."""
        return self._stages.get(word.casefold(), "running")

    def _stage_told(self, word: str, body: object) -> Stage:
        """What the word means, but for an operation that is done because it failed."""
        stage = self.stage_of(word)
        return "failed" if stage == "succeeded" and self.error and value_at(body, self.error) else stage

    # --- from answer to answer ---

    def begin(self, request: HttpRequest, response: HttpResponse) -> PollState:
        """Return how things stand after the first answer, which is a success.

        ``request`` is what was asked for, ``response.request`` what was sent: with a key in the query, perhaps.

        Raises:
            DecodeError: The operation goes on, but nothing says where to look.
        """
        body = document_of(response)
        url, source = self._place(request, response, body)
        if request.method == "PATCH" and response.status_code == 200 and self._is_in_place(body):
            url, source = "", ""
        word = self._word(body, source)
        stage = self._stage_told(word, body)
        if stage == "running" and not url:
            if word or response.status_code == 202:
                raise DecodeError(f"the operation goes on, but {self._nowhere()}", response=response)
            stage = "succeeded"
        return PollState(
            url=url,
            status=word or OUR_WORDS[stage],
            stage=stage,
            source=source,
            # The first answer of an operation that is over at once has the resource in it.
            final_url=self._final_url(request, response, source) if stage == "running" else "",
            cancel_url=filled(self.cancel.partition(" ")[2] or "{}", body, url) if self.cancel else "",
            retry_after=retry_after_of(response),
            events_url=self.events.address(response, body, url) if self.events is not None and url else "",
        )

    def advance(self, state: PollState, response: HttpResponse) -> PollState:
        """Return how things stand after looking; the response is a success, or says that what was deleted is gone.

        Raises:
            DecodeError: The answer tells no status where it should.
            ResourceNotFoundError: The monitor itself is gone.
        """
        body = document_of(response)
        word = self._word(body, state.source) if response.is_success else ""
        stage = self._stage(state, response, body, word)
        moved, source = self._told(response)
        return state._replace(
            # A service may move the place while the operation runs. A Location means something else on the last answer,
            # and on those of a monitor.
            url=moved if stage == "running" and moved and source == state.source else state.url,
            status=word or OUR_WORDS[stage],
            stage=stage,
            final_url=self._last_word(state, response, body) if stage == "succeeded" else state.final_url,
            polls=state.polls + 1,
            retry_after=retry_after_of(response),
        )

    def _stage(self, state: PollState, response: HttpResponse, body: object, word: str) -> Stage:
        told = self._stage_told(word, body) if word else None
        if state.source == "removal":
            # The last thing that succeeded was something else: it is still there.
            return "succeeded" if not response.is_success else "failed" if told == "failed" else "running"
        if not response.is_success:  # a 404 that the operation takes for a success: here it is the place's own
            raise HttpResponseError.from_response(response)
        if told is not None:
            return told
        if response.status_code == 202:
            return "running"
        if state.source == "monitor" or (body is None and response.content):
            path = self.resource_status if self.resource_status and state.source == "resource" else self.status
            what = f"the answer should tell the operation's status at {shown(path)} and does not"
            raise DecodeError(what, response=response)
        return "failed" if self.error and value_at(body, self.error) else "succeeded"

    def request(self, state: PollState, hold_seconds: int = 0) -> HttpRequest:
        """Return the request that looks once; the service may hold its answer for ``hold_seconds``."""
        # A service that can hold its answer may have put a wish of its own into the address: ours replaces it.
        url = with_field(state.url, self.wait_parameter, hold_seconds) if hold_seconds else state.url
        return HttpRequest("GET", url, headers={"Accept": "application/json"})

    def cancel_request(self, state: PollState) -> HttpRequest:
        """Return the request that cancels the operation, which has a ``cancel_url``."""
        return HttpRequest(self.cancel.partition(" ")[0], state.cancel_url, headers={"Accept": "application/json"})

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

    def reason(self, response: HttpResponse) -> str:
        """Return why a failed operation says that it failed, "" where the words that all errors have say it."""
        told = value_at(document_of(response), self.error) if self.error else None
        return " ".join(told.split())[:_REASON_LIMIT] if isinstance(told, str) else ""

    def read_failure(self, state: PollState, response: HttpResponse) -> T | None:
        """Return the last answer of a failed operation as the result's model, None if that is not what it is."""
        is_elsewhere = state.final_url and not self._ends_at_location(state, response)
        if self.codec is None or self.result or is_elsewhere:
            return None
        try:
            return self._codec.decode(response.json())
        except ValueError:  # the failure is what the caller has to hear of, not the model that does not fit it
            return None

    def _final_url(self, request: HttpRequest, response: HttpResponse, source: Source) -> str:
        """Return where the result will be, as far as the first answer tells; "" for the last answer."""
        at_monitor = source == "monitor"
        puts = request.method in ("PUT", "PATCH")
        location = response.headers.get("Location") if at_monitor else None
        match self.final:
            case "original-uri":
                return "" if source in ("resource", "removal") else request.url
            case "location":
                return resolved(location, response) if location else ""
            case "auto" if at_monitor and (self.result or self._is_at_path(response)):
                return ""
            case "auto" if puts and source in ("monitor", "location"):
                return request.url
            case "auto" if location and request.method == "POST":
                return resolved(location, response)
            case _:
                return ""

    def _last_word(self, state: PollState, response: HttpResponse, body: object) -> str:
        """Return where the result is, now that the last answer is there; "" if it is in that."""
        if state.source == "monitor" and self.final in ("auto", "custom-link"):
            link = value_at(body, self.final_link)
            if isinstance(link, str) and link:
                return resolved(link, response)
        return "" if self._ends_at_location(state, response) else state.final_url

    def _ends_at_location(self, state: PollState, response: HttpResponse) -> bool:
        """Whether the last answer at a location is the result itself."""
        return state.source == "location" and self.final == "auto" and bool(response.content)

    # --- where to look ---

    def _place(self, request: HttpRequest, response: HttpResponse, body: object) -> tuple[str, Source]:
        url, source = self._told(response)
        if not url and self.poll_path:
            url, source = filled(self.poll_path, body, request.url), "monitor"
        if url:
            return url, source
        method, is_accepted = request.method, response.status_code == 202
        if method in ("PUT", "PATCH") and (is_accepted or self._word(body, "resource")):
            return request.url, "resource"
        return (request.url, "removal") if method == "DELETE" and is_accepted else ("", "")

    def _told(self, response: HttpResponse) -> tuple[str, Source]:
        """Return the place that a header field names."""
        for name in self.headers:
            value = response.headers.get(name)
            is_location = name.lower() == "location"
            # A Location may as well be the resource: an address that we know to tell the status is the better one.
            if value and not (self.poll_path and is_location):
                return resolved(value, response), "location" if is_location else "monitor"
        return "", ""

    def _is_in_place(self, body: object) -> bool:
        """Whether the resource says that all is done: then a header that would lead to a monitor leads nowhere."""
        word = word_of(value_at(body, self.resource_status)) if self.resource_status else ""
        return bool(word) and self.stage_of(word) != "running"

    def _is_at_path(self, response: HttpResponse) -> bool:
        return bool(self.poll_path) and not any(
            name in response.headers for name in self.headers if name.lower() != "location"
        )

    def _word(self, body: object, source: Source) -> str:
        if self.resource_status and source in ("resource", "removal", ""):
            return word_of(value_at(body, self.resource_status))
        word = word_of(value_at(body, self.status))
        if not word and self.resource_status and source == "location":  # the last answer at a location is the resource
            return word_of(value_at(body, self.resource_status))
        return word

    def _nowhere(self) -> str:
        if self.poll_path:
            return f"its first answer lacks a value for the address {self.poll_path!r}"
        return f"its first answer has none of the header fields {', '.join(self.headers)} to say where to look"
