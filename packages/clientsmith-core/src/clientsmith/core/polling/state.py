"""What is known of a long running operation, and how it is read from answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple, TypeAlias
from urllib.parse import quote, urljoin

from .._paths import value_at
from ..errors import DecodeError
from ..rest import HttpResponse

__all__ = ["OUR_WORDS", "TRANSIENT", "PollState", "Source", "Stage", "document_of", "filled", "resolved", "word_of"]

Stage: TypeAlias = Literal["running", "succeeded", "failed"]
Source: TypeAlias = Literal["monitor", "location", "resource", "removal", ""]

OUR_WORDS: Final[Mapping[Stage, str]] = {"running": "running", "succeeded": "succeeded", "failed": "failed"}

# Statuses of a service that is not itself for a moment; they say nothing about the operation.
TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})

_GROWTH: Final = 1.5
_MOST_GROWTH: Final = 10.0
# A service that asks for more is asked every ten minutes all the same: that costs it nothing, and a date from a clock
# that is wrong would else put us to sleep for days.
_LONGEST_PAUSE: Final = 600.0


class PollState(NamedTuple):
    """What is known of an operation, and all that is needed to go on watching it.

    Attributes:
        url: Where to look, absolute or below the endpoint; "" if the first answer was the last.
        status: The service's word for how it stands, ours where it has none.
        stage: What that word means.
        source: What kind of place ``url`` is, "" if there is none.
        final_url: Where the result is once the operation succeeded; "" if the last answer has it.
        cancel_url: Where the operation can be cancelled, "" if nowhere.
        polls: How often we looked.
        retry_after: Seconds that the service asked us to wait before the next look, None if it did not say.
        events_url: Where the service tells of it as server-sent events, "" if nowhere.
    """

    url: str
    status: str
    stage: Stage = "running"
    source: Source = ""
    final_url: str = ""
    cancel_url: str = ""
    polls: int = 0
    retry_after: float | None = None
    events_url: str = ""

    def pause(self, interval: float, jitter: float = 1.0) -> float:
        """Return the seconds to wait before looking again.

        The service's own wish wins, up to ten minutes. Our pauses grow by half each time, up to ten times the interval:
        the end of a short operation is seen at once, and watching a long one costs the service little. ``jitter`` is a
        factor around 1 that keeps clients apart that began together.
        """
        if self.retry_after is not None:
            return min(self.retry_after, _LONGEST_PAUSE)
        return interval * min(_GROWTH ** min(self.polls, 10), _MOST_GROWTH) * jitter


# --- reading ---------------------------------------------------------------------------------------------------------


def document_of(response: HttpResponse) -> Any:
    """Return the body as JSON, None if it is something else: a 202 may say "Accepted" in plain text."""
    try:
        return response.json() if response.content else None
    except ValueError:
        return None


def word_of(value: object) -> str:
    """Return a value as the word that it is, "" if it is none."""
    if isinstance(value, bool):
        return "true" if value else "false"  # ``{"done": true}``
    return str(value) if isinstance(value, str | int) else ""


def resolved(link: str, response: HttpResponse) -> str:
    """Return where a link in an answer leads, absolute and without its fragment.

    Raises:
        DecodeError: It is no URL.
    """
    try:
        return urljoin(response.request.url, link).partition("#")[0]
    except ValueError as error:
        what = "an address of the operation cannot be read as a URL"  # not shown: it may hold anything
        raise DecodeError(what, response=response) from error


def filled(template: str, body: object, place: str) -> str:
    """Return the template with the values of the body in it, and the place for ``{}``; "" if one is missing.

    What is appended to a place goes before its query. The slashes of a value for ``{+name}`` stay (RFC 6570, 3.2.3).
    """
    base, mark, query = place.partition("?") if "{}" in template else ("", "", "")
    url = ""
    for part in template.split("{"):
        name, closed, rest = part.partition("}")
        if not closed:
            url += part
            continue
        value = word_of(value_at(body, (name.removeprefix("+"),))) if name else base
        if not value:
            return ""
        url += (_quoted(value, keeps_slashes=name.startswith("+")) if name else base) + rest
    return url + mark + query


def _quoted(value: str, *, keeps_slashes: bool) -> str:
    # Dot segments would be resolved away on the road and so address something else.
    segments = value.split("/") if keeps_slashes else [value]
    return "/".join(one.replace(".", "%2E") if one in (".", "..") else quote(one, safe="") for one in segments)
