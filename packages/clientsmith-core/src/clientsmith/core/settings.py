"""Settings: one table of names, for the constructor and for each call.

A policy or a transport declares what it can be told as a tuple of `Setting`. Whatever a client is made of decides
which names it accepts, so a custom policy's setting works like a built-in one and a misspelt name is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, TypedDict, cast

from .errors import SettingError, UnknownSettingError, UsageError

if TYPE_CHECKING:
    from .pipeline import Policy
    from .rest import Headers, HttpRequest, HttpResponse
    from .streaming.ranges import ByteRange
    from .versioning import ApiLifecycleNotice

__all__ = [
    "CallOptions",
    "ClientOptions",
    "DownloadOptions",
    "EventOptions",
    "ListOptions",
    "PollOptions",
    "Setting",
    "Settings",
    "SettingsTable",
]

Settings: TypeAlias = Mapping[str, Any]
ResponseHook: TypeAlias = "Callable[[HttpResponse, Headers], object]"
LifecycleHook: TypeAlias = "Callable[[ApiLifecycleNotice], object]"
RawRequestHook: TypeAlias = "Callable[[HttpRequest], object]"
RawResponseHook: TypeAlias = "Callable[[HttpResponse], object]"


class Setting(NamedTuple):  # no dataclass: `dataclasses` takes 7 ms to import, and every client has settings
    """Something that a policy or a transport can be told.

    ``check`` says what is wanted instead of a value that cannot be used, ``"a number of seconds"``; "" if it can be.
    ``per_call`` is False for what only makes sense when a client is built, such as certificates. ``adds`` is True for
    a mapping whose entries in a call are added to the client's instead of replacing them all.
    """

    name: str
    default: Any
    meaning: str
    per_call: bool = True
    adds: bool = False
    check: Callable[[Any], str] | None = None


def seconds(value: object) -> str:
    """Check a time limit: a number above 0, for 0 leaves no time at all, or None for no limit."""
    is_limit = isinstance(value, int | float) and not isinstance(value, bool) and value > 0  # NaN is not
    return "" if value is None or is_limit else "a number of seconds above 0, or None for no limit"


def duration(value: object) -> str:
    """Check a wait: a finite number, 0 or more."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return ""
    return "a number of seconds, 0 or more"


def flag(value: object) -> str:
    """Check a switch."""
    return "" if isinstance(value, bool) else "True or False"


def names(value: object) -> str:
    """Check a collection of names; a single one in its place would be taken for its letters."""
    if isinstance(value, Collection) and not isinstance(value, str | bytes):
        return "" if all(isinstance(item, str) for item in cast("Collection[object]", value)) else "names as strings"
    return "a collection of names"


def count(value: object) -> str:
    """Check how often something may happen."""
    return "" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "a whole number, 0 or more"


def text(value: object) -> str:
    """Check an optional string."""
    return "" if value is None or isinstance(value, str) else "a string"


def header_name(value: object) -> str:
    """Check the name of a header field."""
    return "" if isinstance(value, str) and value else "the name of a header field"


def fields(value: object) -> str:
    """Check header fields."""
    return "" if value is None or isinstance(value, Mapping) else "a mapping of names and values"


def function(value: object) -> str:
    """Check an optional function; one that has to be awaited would never run."""
    is_async = getattr(getattr(value, "__code__", None), "co_flags", 0) & 0x80  # inspect.CO_COROUTINE
    return "" if value is None or (callable(value) and not is_async) else "a function, and not an async one"


def policies(value: object) -> str:
    """Check a sequence of policies."""
    if not isinstance(value, list | tuple):
        return "a list of policies"
    for item in cast("Sequence[object]", value):
        if isinstance(item, type):  # the mistake that people make
            return f"a list of policies, and {item.__name__} is a class; did you mean {item.__name__}()?"
        if not (hasattr(item, "send") or hasattr(item, "on_request")):
            return f"a list of policies, and a {type(item).__name__} is none"
    return ""


_OF_A_TRANSPORT: Final = (
    "it is for the transport, and this client was given one: tell it in the transport's constructor"
)
# Names that exist, but not in this client.
_HINTS: Final[Mapping[str, str]] = {
    "cache_enabled": "it is a setting of CachingPolicy, which this client does not have",
    "circuit_breaker_enabled": "it is a setting of CircuitBreakerPolicy, which this client does not have",
    "hedging_enabled": "it is a setting of HedgingPolicy, which this client does not have",
    "rate_limit_enabled": "it is a setting of RateLimitPolicy, which this client does not have",
    "verify": _OF_A_TRANSPORT,
    "certificate": _OF_A_TRANSPORT,
    "proxy": _OF_A_TRANSPORT,
    "max_connections": _OF_A_TRANSPORT,
}


class SettingsTable:
    """The settings of one client: what is known, and what was chosen."""

    __slots__ = ("_adding", "_known", "_per_call", "chosen")

    def __init__(self, declared: Iterable[Setting], given: Mapping[str, Any]) -> None:
        """Take what there is and what was chosen.

        Raises:
            UnknownSettingError: A name that is not declared.
            SettingError: A value that cannot be used.
            UsageError: Two declare the same name and do not mean the same.
        """
        self._known: dict[str, Setting] = {}
        for setting in declared:
            if self._known.setdefault(setting.name, setting) != setting:
                raise UsageError(
                    f"the setting {setting.name!r} is declared twice, and differently; rename that of your policy"
                )
        self._adding = [setting.name for setting in self._known.values() if setting.adds]
        self._per_call = {name: setting for name, setting in self._known.items() if setting.per_call}
        self._check(given, self._known)
        self.chosen: Settings = {name: given.get(name, setting.default) for name, setting in self._known.items()}

    def for_call(self, options: Mapping[str, Any]) -> Settings:
        """Return the settings of one call: the client's, with ``options`` over them.

        Raises:
            UnknownSettingError: A name that this client does not know, or that only its constructor takes.
            SettingError: A value that cannot be used.
        """
        if not options:
            return self.chosen
        self._check(options, self._per_call)
        added: dict[str, Any] = {
            name: {**self.chosen[name], **(options[name] or {})}
            for name in self._adding
            if name in options and self.chosen[name]
        }
        return {**self.chosen, **options, **added}

    def _check(self, given: Mapping[str, Any], names: Collection[str]) -> None:
        for name in given:
            if name not in names:
                import difflib  # only for the message

                nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
                hint = _HINTS.get(name, "")
                if name in self._known:
                    hint = "it is for the constructor of the client, not for a call"
                raise UnknownSettingError(name, None if hint else next(iter(nearest), None), sorted(names), hint=hint)
            check = self._known[name].check
            wanted = check(given[name]) if check is not None else ""
            if wanted:
                raise SettingError(name, given[name], wanted)


class CallOptions(TypedDict, total=False):
    """What every client method takes, for this call only.

    The last four belong to policies that a client has if it was given them: elsewhere they are unknown settings.
    """

    timeout: float | None
    headers: Mapping[str, str] | None
    client_request_id: str | None
    response_hook: ResponseHook | None
    lifecycle_hook: LifecycleHook | None
    raw_request_hook: RawRequestHook | None
    raw_response_hook: RawResponseHook | None
    idempotency_key: str | None
    max_retries: int
    backoff_base: float
    backoff_cap: float
    retry_methods: Collection[str]
    retry_statuses: Collection[int]
    max_redirects: int
    connect_timeout: float | None
    read_timeout: float | None
    user_agent: str | None
    logging_enabled: bool
    logging_allowed_headers: Collection[str]
    logging_allowed_query: Collection[str]
    tracing_enabled: bool
    cache_enabled: bool
    rate_limit_enabled: bool
    circuit_breaker_enabled: bool
    hedging_enabled: bool


class ListOptions(CallOptions, total=False):
    """What every ``list_`` method takes; ``results_per_page`` where the service lets itself be told."""

    continuation_token: str | None
    results_per_page: int | None


class DownloadOptions(CallOptions, total=False):
    """What every method takes that returns a download."""

    byte_range: ByteRange | None


class EventOptions(CallOptions, total=False):
    """What every method takes that returns server-sent events."""

    last_event_id: str | None


class PollOptions(CallOptions, total=False):
    """What every ``begin_`` method takes."""

    continuation_token: str | None
    polling_interval: float


class ClientOptions(TypedDict, total=False):
    """What every client's constructor takes: the settings of all its calls."""

    timeout: float | None
    headers: Mapping[str, str] | None
    response_hook: ResponseHook | None
    lifecycle_hook: LifecycleHook | None
    raw_request_hook: RawRequestHook | None
    raw_response_hook: RawResponseHook | None
    max_retries: int
    backoff_base: float
    backoff_cap: float
    retry_methods: Collection[str]
    retry_statuses: Collection[int]
    max_redirects: int
    connect_timeout: float | None
    read_timeout: float | None
    user_agent: str | None
    request_id_header: str
    idempotency_header: str
    logging_enabled: bool
    logging_allowed_headers: Collection[str]
    logging_allowed_query: Collection[str]
    tracing_enabled: bool
    cache_enabled: bool
    rate_limit_enabled: bool
    circuit_breaker_enabled: bool
    hedging_enabled: bool
    per_call_policies: Sequence[Policy]
    per_retry_policies: Sequence[Policy]
    polling_interval: float
    credential_origins: Sequence[str]
    allow_http: bool
    verify: bool | str
    certificate: str | tuple[str, str] | None
    proxy: str | None
    max_connections: int
