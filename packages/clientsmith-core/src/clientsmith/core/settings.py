"""Settings: one table of names, for the constructor and for each call.

A policy or a transport declares what it can be told as a tuple of `Setting`. Whatever a client is made of decides
which names it accepts, so a custom policy's setting works like a built-in one and a misspelt name is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from .errors import SettingError, UnknownSettingError

if TYPE_CHECKING:
    from .rest import Headers, HttpResponse

__all__ = ["CallOptions", "ClientOptions", "ListOptions", "PollOptions", "Setting", "Settings", "SettingsTable"]

Settings: TypeAlias = Mapping[str, Any]
ResponseHook: TypeAlias = "Callable[[HttpResponse, Headers], object]"


@dataclass(frozen=True, slots=True)
class Setting:
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
    """Check a time limit: a number, or None for no limit."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value == value  # NaN is not
    return "" if value is None or is_number else "a number of seconds, or None for no limit"


def count(value: object) -> str:
    """Check how often something may happen."""
    return "" if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else "a whole number, 0 or more"


def text(value: object) -> str:
    """Check an optional string."""
    return "" if value is None or isinstance(value, str) else "a string"


def fields(value: object) -> str:
    """Check header fields."""
    return "" if value is None or isinstance(value, Mapping) else "a mapping of names and values"


def function(value: object) -> str:
    """Check an optional function."""
    return "" if value is None or callable(value) else "a function"


class SettingsTable:
    """The settings of one client: what is known, and what was chosen."""

    __slots__ = ("_adding", "_known", "chosen")

    def __init__(self, declared: Iterable[Setting], given: Mapping[str, Any]) -> None:
        self._known = {setting.name: setting for setting in declared}
        self._adding = [setting.name for setting in self._known.values() if setting.adds]
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
        self._check(options, [name for name, setting in self._known.items() if setting.per_call])
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
                raise UnknownSettingError(name, nearest[0] if nearest else None, sorted(names))
            check = self._known[name].check
            wanted = check(given[name]) if check is not None else ""
            if wanted:
                raise SettingError(name, given[name], wanted)


class CallOptions(TypedDict, total=False):
    """What every client method takes, for this call only."""

    timeout: float | None
    headers: Mapping[str, str] | None
    client_request_id: str | None
    response_hook: ResponseHook | None
    idempotency_key: str | None
    max_retries: int
    max_redirects: int
    connect_timeout: float
    read_timeout: float
    user_agent: str | None
    logging_enabled: bool


class ListOptions(CallOptions, total=False):
    """What every ``list_`` method takes."""

    continuation_token: str | None


class PollOptions(CallOptions, total=False):
    """What every ``begin_`` method takes."""

    continuation_token: str | None
    polling_interval: float


class ClientOptions(TypedDict, total=False):
    """What every client's constructor takes: the settings of all its calls."""

    timeout: float | None
    headers: Mapping[str, str] | None
    response_hook: ResponseHook | None
    max_retries: int
    max_redirects: int
    connect_timeout: float
    read_timeout: float
    user_agent: str | None
    logging_enabled: bool
    polling_interval: float
    allow_http: bool
    verify: bool | str
    certificate: str | tuple[str, str] | None
    max_connections: int
