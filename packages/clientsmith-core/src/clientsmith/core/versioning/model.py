"""The values of a negotiation: what one side knows, what the other says, what is done then, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, Self

from .._declared import Declared
from .errors import ApiVersionError, ApiVersionWarning, MalformedVersionError
from .versions import ApiVersion, VersionFormat

__all__ = ["Advertised", "Decision", "Known", "Policy"]

_NO_FEATURES: Final[Mapping[str, ApiVersion]] = {}


class Known(Declared):
    """The versions that this side understands.

    A range from ``oldest`` to ``newest``, or a closed list (``versions``) where versions are equal or not.

    Attributes:
        newest: The newest final one: what is asked for unless the caller says another one.
        oldest: The other end of a range, None where there is none.
        versions: All of them, where they are a list: a preview among them is understood, and used if nothing else is.
        features: What came with which version.

    Raises:
        ValueError: They are of several formats, or the range is none.
    """

    newest: ApiVersion
    oldest: ApiVersion | None = None
    versions: tuple[ApiVersion, ...] = ()
    features: Mapping[str, ApiVersion] = _NO_FEATURES

    @property
    def format(self) -> VersionFormat:
        """How this API writes its versions."""
        return self.newest.format

    @property
    def floor(self) -> ApiVersion:
        """The oldest version understood."""
        return self.oldest or min((self.newest, *self.versions))

    def has(self, version: ApiVersion) -> bool:
        """Whether a version is among them. A preview has to be named: a range of versions is one of final ones."""
        if self.versions or self.oldest is None:
            return version == self.newest or version in self.versions
        return self.oldest <= version <= self.newest and (
            not version.is_preview or version in (self.oldest, self.newest)
        )

    def _check(self) -> None:
        named = [version for version in (self.newest, self.oldest, *self.versions) if version is not None]
        if any(version.format is not self.format for version in named):
            raise ValueError(f"the versions of an API have one format: {', '.join(map(repr, named))}")
        if self.floor > self.newest:
            raise ValueError(f"the oldest version, {self.floor}, is newer than the newest, {self.newest}")

    def __str__(self) -> str:
        return _words(tuple({self.newest, *self.versions}) if self.versions else (), self.floor, self.newest)


class Advertised(Declared):
    """What the other side says about its versions. Everything may be missing.

    Attributes:
        current: The one version that it speaks, or that an answer is in.
        oldest, newest: The range that it speaks.
        versions: The list that it speaks.
        family: The major version, where no more is said (a media type ``v1``).
        features: What it says that it can do, beside or instead of versions.
        malformed: What it said in place of a version, if that is none.
        id: Its name for the version that it speaks of: ``v2.0``, which may have no other.
        status: Its word for the state of the version: ``CURRENT``, ``DEPRECATED``.
        next_oldest, not_before: That ``oldest`` will rise to this, and not before that date.
        source, url: Where it was said, for people: ``meta.api-version``, and of which address.
    """

    current: ApiVersion | None = None
    oldest: ApiVersion | None = None
    newest: ApiVersion | None = None
    versions: tuple[ApiVersion, ...] = ()
    family: int | None = None
    features: frozenset[str] = frozenset()
    malformed: str = ""
    id: str = ""
    status: str = ""
    next_oldest: ApiVersion | None = None
    not_before: str = ""
    source: str = ""
    url: str = ""

    @classmethod
    def of(cls, text: object, format: VersionFormat, *, source: str, url: str = "") -> Self:
        """Return what one text says; one that is no version is `malformed`, for the policy to decide about."""
        if isinstance(text, str):
            try:
                return cls(current=ApiVersion(text.strip(), format), source=source, url=url)
            except MalformedVersionError:
                return cls(malformed=text[:80] or "''", source=source, url=url)
        return cls(malformed=repr(text)[:80], source=source, url=url)

    @property
    def says_versions(self) -> bool:
        """Whether it says anything about versions at all."""
        return (
            bool(self.current or self.oldest or self.newest or self.versions or self.malformed)
            or self.family is not None
        )

    def __str__(self) -> str:
        if self.current is not None:
            return str(self.current)
        if self.versions or self.newest is not None or self.oldest is not None:
            return _words(self.versions, self.oldest, self.newest)
        return "" if self.family is None else f"{self.family}"


class Policy(Declared):
    """What is done where the two sides differ. A newer major version always fails (rule R3).

    Attributes:
        absent: What is assumed of a service that says nothing: a version (the Simple API: 1.0), ``"newest"`` (it takes
            what this client asks for), or ``"none"`` (it knows no versions, so none is sent).
        newer_minor: The other side speaks a newer minor version than this one understands.
        older: It speaks an older one than this client understands.
        malformed: What it says is no version.
        executes_what_was_sent: Whether the version that an answer says has to be the one that was sent (rule R9).
    """

    absent: ApiVersion | Literal["newest", "none"] = "newest"
    newer_minor: Literal["warn", "ignore"] = "warn"
    older: Literal["fail", "ignore"] = "ignore"
    malformed: Literal["fail", "warn", "ignore"] = "fail"
    executes_what_was_sent: bool = False


class Decision(Declared):
    """What follows from what both sides say.

    Attributes:
        use: The version that answers are read in, and that features are judged by; None: the service has none.
        send: What requests say, None for nothing.
        missing: Features that the version used does not have, by their names.
        warnings: What the caller should hear, once.
        error: Why there is nothing in common; raised by whoever asked.
    """

    use: ApiVersion | None = None
    send: ApiVersion | None = None
    missing: frozenset[str] = frozenset()
    warnings: tuple[ApiVersionWarning, ...] = ()
    error: ApiVersionError | None = None


_MOST_NAMED: Final = 12


def _words(versions: tuple[ApiVersion, ...], oldest: ApiVersion | None, newest: ApiVersion | None) -> str:
    if versions:
        named = [str(version) for version in sorted(versions)]
        if len(named) > _MOST_NAMED:  # a service that names a thousand shall not fill a message
            named[1 : 1 - _MOST_NAMED] = ["…"]
        return ", ".join(named)
    if oldest is None or newest is None:
        return f"{newest} or older" if oldest is None else f"{oldest} or newer"
    return str(newest) if oldest == newest else f"{oldest} to {newest}"
