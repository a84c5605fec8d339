"""Says which version of the API a client speaks, and hears what the service says about versions.

Rules:

- A version is said with every request to the service; one that the request already says wins. An address of another
  origin is its maker's: a parameter more would break the signature of a signed URL.
- What the service says is heard in header fields alone, whatever they are: nothing here reads a body of a success.
- A refusal is an error that names both sides. What it teaches is used by `clientsmith.core._negotiation`, which also
  asks for discovery documents.
- A notice about the end of something is told once, as a warning, and to ``lifecycle_hook``.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, ClassVar, Final

from .._origin import Home
from ..pipeline import HookPolicy
from ..rest import HttpRequest, HttpResponse
from ..settings import Setting, function
from ..versioning.negotiator import Negotiator

if TYPE_CHECKING:
    from ..versioning._telling import LifecycleHook, Teller

__all__ = ["ApiVersionPolicy"]

# The fields that say that something ends, in lower case; see `clientsmith.core.versioning.lifecycle`.
_LIFECYCLE: Final = frozenset({"deprecation", "sunset", "alert", "warning", "azure-deprecating"})
# Of each of the two memories below. A service has a few; one that makes things up must not fill the memory.
_MOST_REMEMBERED: Final = 256


class ApiVersionPolicy(HookPolicy):
    """Says the version with every request to the service, judges what answers say, and tells notices.

    Args:
        home: The origin that the version is for.
        negotiator: What is said; None for a client that says none, and only hears.
        library: The import package of the client library: warnings point to whoever called that.

    Attributes:
        negotiator: As given.
    """

    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "lifecycle_hook",
            None,
            "called with each new notice that something of the service ends (an ApiLifecycleNotice)",
            check=function,
        ),
    )

    def __init__(self, home: Home, negotiator: Negotiator | None = None, *, library: str = "") -> None:
        self._home = home
        self.negotiator = negotiator
        self._library = library
        self._teller: Teller | None = None
        scheme = None if negotiator is None else negotiator.scheme
        self._sender = None if scheme is None else scheme.sender
        names = () if scheme is None else (name for source in scheme.answers for name in source.fields)
        self._has_answers = scheme is not None and bool(scheme.answers)
        self._watched = _LIFECYCLE | {name.lower() for name in names}
        self._refused_with = frozenset[int](() if scheme is None else scheme.refused_with)
        # Most answers say nothing, and those that do say the same. So most cost one look at the names of their fields,
        # as they came, and one at what was heard before without anything to be done.
        self._harmless: set[object] = set()
        self._heard: set[tuple[object, ...]] = set()

    def in_link(self, url: str) -> str:
        """Return a link to the next page of a list in our version, where it says one at all.

        Whatever the service wrote there: the items are read as this version's.
        """
        negotiator = self.negotiator
        is_ours = not url.startswith(("http://", "https://")) or self._home.has(url)
        link = HttpRequest("GET", url)
        if negotiator is None or not is_ours or negotiator.said(link) is None:
            return url
        negotiator.put(link, again=True)
        return link.url

    def mute(self) -> ApiVersionPolicy:
        """Return a policy that only hears, for requests that ask which versions there are."""
        twin = ApiVersionPolicy(self._home, library=self._library)
        twin._teller = self._told_by()
        return twin

    def on_start(self, request: HttpRequest, /) -> None:
        negotiator = self.negotiator
        if negotiator is None:
            return
        call = request.call
        if not (self._home.has(request.url) if call.server is None else self._home.knows(request)):
            return
        if call.lifetime is not None:
            negotiator.check(call.lifetime, f"{request.method} {call.template}")
        text = negotiator.text
        if text is not None and self._sender is not None and self._sender.put(request, text, negotiator.endpoint):
            call.version = text

    def on_response(self, request: HttpRequest, response: HttpResponse, /) -> None:
        fields: Any = response._raw_headers
        fields = getattr(fields, "raw", fields)  # transports have them so: pairs that nobody decoded yet
        if fields.__class__ is dict:
            fields = fields.items()
        elif fields.__class__ is not list and fields.__class__ is not tuple:
            fields = response.headers.items()
        harmless, is_refused = self._harmless, response.status_code in self._refused_with
        if not (is_refused or self._has_answers) and harmless.issuperset(map(_NAME, fields)):
            return  # nearly always: no value was looked at
        said = [(name, value) for name, value in fields if name not in harmless]
        if is_refused:
            if self._home.knows(request):
                self._hear(request, response)
            return
        if not said:
            return
        call = request.call
        if len(said) == 1 and (call.version, said[0]) in self._heard:
            return  # the version that was sent, executed: as fine here as it was elsewhere
        key = (call.version, request.method, call.template or request.url, *said)
        if key not in self._heard and self._is_watched(said) and self._home.knows(request):
            self._hear(request, response)
            if response.is_success:
                is_echo = len(said) == 1 and _text(said[0][0]).lower() not in _LIFECYCLE
                _remember(self._heard, (call.version, said[0]) if is_echo else key)

    def _is_watched(self, said: list[tuple[object, object]]) -> bool:
        """Whether one of the fields is watched; a name that is not is not looked at again."""
        other = [name for name, _ in said if _text(name).lower() not in self._watched]
        for name in other:
            _remember(self._harmless, name)
        return len(other) < len(said)

    def _hear(self, request: HttpRequest, response: HttpResponse) -> None:
        from ..versioning import _hearing as hearing  # most answers say nothing
        from ..versioning.lifecycle import ApiLifecycleWarning

        hook: LifecycleHook | None = request.call.settings.get("lifecycle_hook")
        for notice in hearing.notices(request, response):
            self._told_by().tell(ApiLifecycleWarning(notice), hearing.key_of(notice, request), hook)
        if self.negotiator is not None:
            hearing.judge(self.negotiator, request, response, hook)

    def _told_by(self) -> Teller:
        if self._teller is None:
            from ..versioning._telling import Teller

            self._teller = Teller(self._library) if self.negotiator is None else self.negotiator.teller
        return self._teller


_NAME: Final = itemgetter(0)


def _text(name: object) -> str:
    return name.decode("latin-1") if isinstance(name, bytes) else str(name)


def _remember(memory: set[Any], key: object) -> None:
    if len(memory) >= _MOST_REMEMBERED:
        memory.clear()  # those that matter are back soon
    memory.add(key)
