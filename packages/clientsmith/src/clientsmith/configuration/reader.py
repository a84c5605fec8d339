"""From the data of a TOML file to a `Configuration`, with one finding for each mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final, TypeGuard, TypeVar

from clientsmith.findings import Finding, Severity
from clientsmith.findings.changes import dotted, is_array, is_table, quoted

from .says import Says
from .settings import Configuration, Source
from .shape import Choice, Flag, Items, Number, Part, Setting, String, Table, Tree, settings_of

__all__ = ["allowed", "nearest", "read_settings"]

_Kind = TypeVar("_Kind")
_RULE: Final = "configuration"


def read_settings(data: Mapping[str, Any], source: Source | None = None) -> tuple[Configuration, list[Finding]]:
    """Return the configuration that ``data`` says, and what is wrong with it; what is wrong is left out."""
    reader = _Reader(source or Source())
    configuration = reader.tree(Configuration, data, (), source=reader.source)
    return configuration, reader.findings


def nearest(word: str, words: Iterable[str]) -> str:
    """Return the hint that asks for the word that was probably meant, "" if none is near."""
    found = get_close_matches(word.casefold(), {one.casefold(): one for one in words}, n=1, cutoff=0.6)
    near = next((one for one in words if found and one.casefold() == found[0]), "")
    return f"did you mean `{near}`?" if near else ""


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []

    def tree(self, kind: type[_Kind], data: Mapping[str, Any], key: tuple[str, ...], **others: Any) -> _Kind:
        """Return the settings of ``data`` as a ``kind``."""
        settings = settings_of(kind)
        said: dict[str, Any] = {}
        for name, value in data.items():
            here = (*key, name)
            setting = settings.get(name)
            if setting is None:
                self._unknown(name, here, settings)
            elif (found := self._value(setting.parts, setting.says, value, here)) is not None:
                said[name] = found
        return kind(**said, **others)

    def _value(self, parts: tuple[Part, ...], says: Says, value: Any, key: tuple[str, ...]) -> Any:
        for part in parts:
            match part:
                case Flag(only) if isinstance(value, bool) and only in (None, value):
                    return value
                case Number() if isinstance(value, int) and not isinstance(value, bool):
                    return value
                case Choice(words) if value in words:
                    return value
                case String() if isinstance(value, str):
                    return value if self._allows(says, value, key) else None
                case Items() if _is_text_list(value):
                    return tuple(one for one in value if self._allows(says, one, key))
                case Table(kind) if is_table(value):
                    return self._table(kind, says, value, key)
                case Tree(kind) if is_table(value):
                    return self.tree(kind, value, key)
                case _:
                    pass
        self._wrong(parts, says, value, key)
        return None

    def _table(
        self, kind: type[Any] | None, says: Says, value: Mapping[str, Any], key: tuple[str, ...]
    ) -> Mapping[str, Any]:
        parts: tuple[Part, ...] = (Tree(kind),) if kind is not None else (String(),)
        read = {name: self._value(parts, says, one, (*key, name)) for name, one in value.items()}
        return {name: one for name, one in read.items() if one is not None}

    def _allows(self, says: Says, text: str, key: tuple[str, ...]) -> bool:
        # "" says the same as leaving the setting out, where text is wanted.
        if not text or says.text.allows(text):
            return True
        self._say(f"`{dotted(key)}` is {text!r:.60}, which is not {says.text.what}", key)
        return False

    def _unknown(self, name: str, key: tuple[str, ...], settings: Mapping[str, Setting]) -> None:
        where = f"in `{dotted(key[:-1])}`" if key[:-1] else "at the top"
        known = ", ".join(f"`{one}`" for one in settings)
        hint = nearest(name, settings) or f"there are {known}"
        self._say(f"there is no setting `{quoted(name)}` {where}", key, hint)

    def _wrong(self, parts: tuple[Part, ...], says: Says, value: Any, key: tuple[str, ...]) -> None:
        words = [word for part in parts if isinstance(part, Choice) for word in part.words]
        hint = nearest(value, words) if isinstance(value, str) else ""
        example = f"for example {key[-1]} = {says.example}" if says.example and not hint else ""
        self._say(f"`{dotted(key)}` is {_shown(value)}; allowed: {allowed(parts, says)}", key, hint or example)

    def _say(self, message: str, key: tuple[str, ...], hint: str = "") -> None:
        self.findings.append(self.source.finding(Severity.ERROR, _RULE, message, key, hint))


def allowed(parts: Iterable[Part], says: Says) -> str:
    """Say in words what a setting may be."""
    return " or ".join(dict.fromkeys(_in_words(part, says) for part in parts))


def _in_words(part: Part, says: Says) -> str:
    match part:
        case Flag(None):
            return "`true` or `false`"
        case Flag(only):
            return f"`{str(only).lower()}`"
        case Number():
            return "a whole number"
        case String():
            return says.text.what
        case Choice(words):
            return ", ".join(f'"{word}"' for word in words)
        case Items():
            return "a list of text"
        case Table():
            return "a table"
        case Tree(kind):
            return f"a table of {', '.join(settings_of(kind))}"


def _is_text_list(value: Any) -> TypeGuard[list[str]]:
    return is_array(value) and all(isinstance(one, str) for one in value)


def _shown(value: Any) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case dict():
            return "a table"
        case list():
            return "a list"
        case str():
            return f"{value!r:.60}"
        case _:
            return f"`{value!s:.60}`"
