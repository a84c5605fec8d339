"""Reading a description file key by key, collecting everything that is wrong with it.

Problems are findings, all of them reported at once: file, key, what is wrong, what to write. Reading goes on with the
default, so that one mistake does not hide the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, TypeVar, cast

Value = TypeVar("Value")

REQUIRED: Final = object()
"""Stands for "there is no default": the key must be given."""

_KINDS: Final[Mapping[type, str]] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table",
    list: "a list",
    type(None): "nothing",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake in a description file."""

    file: str
    key: str
    problem: str
    hint: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key or 'the file'}: {self.problem}; {self.hint}"


class DescriptionError(ValueError):
    """A platform or farm file is not as it must be. ``findings`` has every mistake, ``str()`` a line for each."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(tuple(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class Table:
    """A table of a description file. Each reading marks its key as known; ``close`` complains about the others."""

    def __init__(self, data: Mapping[str, object], *, file: str, findings: list[Finding], path: str = "") -> None:
        self.data, self.file, self.findings, self.path = data, file, findings, path
        self._known: set[str] = set()

    def key(self, name: str) -> str:
        """``name`` with the path that leads to it, as a message shows it."""
        shown = name if name.replace("_", "").replace("-", "").isalnum() else f'"{name}"'
        return f"{self.path}.{shown}" if self.path else shown

    def complain(self, name: str, problem: str, hint: str) -> None:
        """Add a finding about the key ``name``."""
        self.findings.append(Finding(self.file, self.key(name) if name else self.path, problem, hint))

    def has(self, name: str) -> bool:
        """Whether the key is given."""
        return name in self.data

    def text(self, name: str, default: object = REQUIRED) -> str:
        """A text."""
        return self._read(name, str, default, f'write {name} = "…"', "")

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        return self._read(name, bool, default, f"write {name} = true or {name} = false", False)

    def integer(self, name: str, default: object = REQUIRED, *, low: int = 0, high: int = 2**31) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self._read(name, int, default, f"write {name} = {low or 1}", low)
        return self._bounded(name, value, low, high)

    def number(self, name: str, default: object = REQUIRED, *, low: float = 0.0, high: float = 1e9) -> float:
        """A number from ``low`` to ``high``."""
        if isinstance(self.data.get(name), int) and not isinstance(self.data.get(name), bool):
            self._known.add(name)
            return self._bounded(name, float(cast("int", self.data[name])), low, high)
        return self._bounded(name, self._read(name, float, default, f"write {name} = {low + 0.5}", low), low, high)

    def choice(self, name: str, choices: Sequence[str], default: object = REQUIRED) -> str:
        """One of ``choices``."""
        value = self.text(name, default)
        if name in self.data and isinstance(self.data[name], str) and value not in choices:
            close = get_close_matches(value, choices, 1)
            hint = f'write "{close[0]}"' if close else f"choose one of {', '.join(choices)}"
            self.complain(name, f'"{value}" is not known', hint)
            return choices[0]
        return value

    def texts(self, name: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """A list of texts."""
        hint = f'write {name} = ["…", "…"]'
        values = self._read(name, list, list(default), hint, list[object]())
        if not all(isinstance(value, str) for value in values):
            self.complain(name, "something in the list is not a text", hint)
            return tuple(default)
        return tuple(cast("list[str]", values))

    def table(self, name: str) -> Table:
        """A table; an empty one if the key is missing."""
        data = self._read(name, dict, {}, f"write [{self.key(name)}]", dict[str, object]())
        return Table(data, file=self.file, findings=self.findings, path=self.key(name))

    def tables(self, name: str) -> list[Table]:
        """A list of tables, as ``[[name]]`` makes it; empty if the key is missing."""
        hint = f"write [[{self.key(name)}]] before each of them"
        found: list[Table] = []
        for index, value in enumerate(self._read(name, list, [], hint, list[object]()), 1):
            if isinstance(value, dict):
                data = cast("dict[str, object]", value)
                path = f"{self.key(name)}[{index}]"
                found.append(Table(data, file=self.file, findings=self.findings, path=path))
            else:
                self.complain(name, f"number {index} of the list is {_kind(value)}, not a table", hint)
        return found

    def free_texts(self) -> dict[str, str]:
        """All keys with their texts, for a table whose keys the writer chooses."""
        self._known.update(self.data)
        return {name: self.text(name) for name in self.data}

    def names(self) -> Iterator[str]:
        """The keys, for a table whose keys the writer chooses."""
        return iter(self.data)

    def close(self) -> None:
        """Complain about every key that nobody read."""
        for name in self.data:
            if name not in self._known:
                close = get_close_matches(name, self._known, 1)
                hint = (
                    f"did you mean {close[0]}?"
                    if close
                    else f"known here: {', '.join(sorted(self._known)) or 'nothing'}"
                )
                self.complain(name, "this key is not known", hint)

    def _read(self, name: str, kind: type[Value], default: object, hint: str, fallback: Value) -> Value:
        self._known.add(name)
        if name not in self.data:
            if default is REQUIRED:
                self.complain(name, "this key is missing", hint)
                return fallback
            return cast("Value", default)
        value = self.data[name]
        # True is an int to Python, but not to a writer of files.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.complain(name, f"expected {_KINDS[kind]}, found {_kind(value)}", hint)
            return fallback
        return value

    def _bounded(self, name: str, value: Value, low: float, high: float) -> Value:
        if not low <= cast("float", value) <= high:
            self.complain(name, f"{value} is out of bounds", f"write a number from {low:g} to {high:g}")
            return type(value)(low)  # type: ignore[call-arg]
        return value


def _kind(value: object) -> str:
    """What a value is, in words, with the value where it is short."""
    words = _KINDS.get(type(value), f"a {type(value).__name__}")
    return f"{words} ({value})" if isinstance(value, (int, float)) and not isinstance(value, bool) else words


def check(read: Callable[[list[Finding]], Value]) -> Value:
    """Return what ``read`` makes of a file, unless it found mistakes.

    Raises:
        DescriptionError: It found some.
    """
    findings: list[Finding] = []
    value = read(findings)
    if findings:
        raise DescriptionError(findings)
    return value
