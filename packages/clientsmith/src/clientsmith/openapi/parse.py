"""Text to data: JSON, or YAML by the core schema (YAML 1.2, chapter 10.3).

The core schema knows null, booleans, integers and floats, and nothing else: `no` is a string, a date is a string, and
keys are always strings here, so that a status `200:` is the same in both languages. Numbers that JSON has no word for
(infinity, not a number) stay text.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

import yaml
from clientsmith.findings import Finding, InputError, note, warning

from .collector import collector_paused
from .data import is_array, is_object
from .pointer import join

__all__ = ["compose", "is_json_text", "parse"]

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is ten times as fast where it is there


class _CoreLoader(_Loader):  # type: ignore[misc]  # the base is chosen at run time
    """Composes nodes only. What a plain scalar means is decided by `_core_value`, once, by our own rules."""

    def resolve(self, kind: type[yaml.Node], _value: str | None, implicit: Any) -> str:
        return _PLAIN if kind is yaml.ScalarNode and implicit[0] else _NOT_PLAIN

    def descend_resolver(self, _current_node: Any, _current_index: Any) -> None:
        """Path resolvers are not used; the base class would look for them at every node."""

    def ascend_resolver(self) -> None:
        """See `descend_resolver`."""


_PLAIN: Final = "plain"
_NOT_PLAIN: Final = "not plain"
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")
_MERGE: Final = "<<"
_CORE_TAG: Final = re.compile(r"tag:yaml\.org,2002:(null|bool|int|float)")
_FIRST: Final = re.compile(r"\s*(.{0,2})", re.DOTALL)
# Every node that is written out takes a character at least; aliases may add as many again, and a million for small
# documents. Nine anchors of nine aliases each, "billion laughs", would make 3,486,784,401.
_ADDED_BY_ALIASES: Final = 1_000_000
# A longer integer is a mistake or an attack: converting it takes quadratic time, and Python refuses at 4,300 digits.
_LONGEST_INTEGER: Final = 400


@collector_paused()
def parse(text: str, name: str) -> tuple[Any, list[Finding]]:
    """Return the data in ``text``; ``name`` is for messages. Duplicate keys are findings, the last one counts.

    Raises:
        InputError: The text is neither JSON nor YAML; the message has line, column and what was wrong.
    """
    first = _first(text)
    if first[:1] == "<" and first != _MERGE:
        hint = "give the URL or file of the document itself, not of a page that shows it"
        raise InputError(f"{name} is not JSON or YAML: it looks like a web page or XML", hint)
    try:
        if is_json_text(text):
            return _parse_json(text, name)
        return _construct(compose(text, name), text, name)
    except RecursionError:
        raise InputError(f"{name} is nested too deeply to be an API description") from None


def is_json_text(text: str) -> bool:
    """Whether ``text`` begins as JSON does; YAML's flow style begins so too."""
    return _first(text)[:1] in ("{", "[")


def _first(text: str) -> str:
    """The first two characters that are no space; a document of megabytes is not copied for them."""
    match = _FIRST.match(text)
    return match[1] if match else ""


def compose(text: str, name: str) -> yaml.Node | None:
    """Return the YAML node tree of ``text``, with the place of each node.

    Raises:
        InputError: The text is not YAML.
    """
    loader = _CoreLoader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as problem:
        raise _yaml_error(problem, text, name) from None
    except yaml.YAMLError as problem:
        raise InputError(f"{name} is not YAML: {_one_line(problem)}", "is it a text file in UTF-8?") from None
    finally:
        loader.dispose()
    return node


def _yaml_error(problem: yaml.MarkedYAMLError, text: str, name: str) -> InputError:
    mark = problem.problem_mark or problem.context_mark
    place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
    if problem.problem == "but found another document":
        message = f"{place} begins another document; one file describes one API"
        return InputError(message, "split the file at the lines `---`, and give one of the parts")
    what = " ".join(part for part in (problem.context, problem.problem) if part)
    if mark and "\t" in _indentation(text, mark):
        return InputError(f"{place} is not YAML: {what}", "YAML is indented with spaces, and there is a tab")
    return InputError(f"{place} is not YAML: {what}", "check the indentation and the quotes there")


def _indentation(text: str, mark: yaml.Mark) -> str:
    """The line of ``mark`` up to it, and the space that follows."""
    line = next(iter(text.splitlines()[mark.line : mark.line + 1]), "")
    rest = line[mark.column :]
    return line[: mark.column] + rest[: len(rest) - len(rest.lstrip())]


def _parse_json(text: str, name: str) -> tuple[Any, list[Finding]]:
    has_duplicates = False

    def make(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal has_duplicates
        mapping = dict(pairs)
        has_duplicates = has_duplicates or len(mapping) < len(pairs)
        return mapping

    try:
        data = json.loads(text, object_pairs_hook=make, parse_float=_finite, parse_constant=str)
    except json.JSONDecodeError as problem:
        refusal = InputError(
            f"{name}:{problem.lineno}:{problem.colno} is not JSON: {problem.msg}", "check commas and quotes there"
        )
        if name.lower().endswith(".json"):
            raise refusal from None
        # YAML's flow style looks like JSON with trailing commas, comments and bare words.
        try:
            return _construct(compose(text, name), text, name)
        except InputError:
            raise refusal from None
    except ValueError as problem:  # an integer of more digits than Python converts
        raise InputError(f"{name} is not JSON: {_one_line(problem)}") from None
    if _HALF_CHARACTER.search(text):
        # Half of a surrogate pair cannot be written to any file; "?" stands in for it, whole pairs stay.
        data = json.loads(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))
    return data, _json_duplicates(text) if has_duplicates else []


def _json_duplicates(text: str) -> list[Finding]:
    """Read again, slowly, to say where the duplicates are."""
    findings: list[Finding] = []

    def make(pairs: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
        return pairs

    def walk(value: Any, pointer: str) -> None:
        if not is_array(value):
            return
        seen: set[str] = set()
        for index, item in enumerate(value):
            if isinstance(item, tuple):
                key, member = cast("tuple[str, Any]", item)
                if key in seen:
                    findings.append(_duplicate(key, pointer))
                seen.add(key)
                walk(member, join(pointer, key))
            else:
                walk(item, join(pointer, str(index)))

    walk(json.loads(text, object_pairs_hook=make), "")
    return findings


def _duplicate(key: str, pointer: str) -> Finding:
    hint = "remove or rename one of them"
    return warning("duplicate-key", f"the key {key!r} is there twice; the last one counts", join(pointer, key), hint)


@dataclass(slots=True)
class _Construction:
    """Nodes to values. An alias gives the same object as its anchor; an alias inside its own anchor is refused."""

    findings: list[Finding] = field(default_factory=list[Finding])
    done: dict[int, Any] = field(default_factory=dict[int, Any])
    open: set[int] = field(default_factory=set[int])
    has_aliases: bool = False

    def value(self, node: yaml.Node, pointer: str) -> Any:
        if isinstance(node, yaml.ScalarNode):
            if node.tag is _PLAIN:
                return _core_value(node.value)
            return node.value if node.tag is _NOT_PLAIN else self.tagged(node, pointer)
        identity = id(node)
        if identity in self.done:
            self.has_aliases = True
            return self.done[identity]
        if identity in self.open:
            message = "an alias stands inside its own anchor; null is used there"
            self.findings.append(warning("cyclic-alias", message, pointer, "write the part out, or use a $ref"))
            return None
        self.open.add(identity)
        if isinstance(node, yaml.SequenceNode):
            made: Any = [self.value(item, f"{pointer}/{index}") for index, item in enumerate(node.value)]
        else:
            made = self.mapping(node, pointer)
        self.open.discard(identity)
        self.done[identity] = made
        return made

    def mapping(self, node: yaml.Node, pointer: str) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, yaml.ScalarNode) else self.odd_key(key_node, pointer)
            value = self.value(value_node, join(pointer, key))
            if key == _MERGE and key_node.tag == _PLAIN:
                for part in value if is_array(value) else [value]:
                    merged = {**part, **merged} if is_object(part) else merged
                continue
            if key in mapping:
                self.findings.append(_duplicate(key, pointer))
            mapping[key] = value
        return {**merged, **mapping} if merged else mapping

    def odd_key(self, node: yaml.Node, pointer: str) -> str:
        """A list or mapping as a key, usually `{placeholder}` without quotes, has no place in an API description."""
        key = f"key at line {node.start_mark.line + 1}"
        kind = "list" if isinstance(node, yaml.SequenceNode) else "mapping"
        message = f"a key is a {kind}, which JSON does not know; it is called {key!r}"
        self.findings.append(warning("odd-key", message, pointer, "put the key in quotes"))
        return key

    def tagged(self, node: yaml.ScalarNode, pointer: str) -> Any:
        """A scalar with a tag of its own: `!!int "1"` is what it says, `!include other.yaml` is nothing we know."""
        if _CORE_TAG.fullmatch(node.tag):
            return _core_value(node.value)
        if node.tag.startswith("!"):
            message = f"the tag {node.tag} means nothing here; its text is taken as a string"
            self.findings.append(note("yaml-tag", message, pointer, "use a `$ref` to refer to another file"))
        return node.value


def _construct(node: yaml.Node | None, text: str, name: str) -> tuple[Any, list[Finding]]:
    if node is None:
        return None, []
    construction = _Construction()
    data = construction.value(node, "")
    if construction.has_aliases and _written_out(data) > 2 * len(text) + _ADDED_BY_ALIASES:
        message = f"{name} is not an API description: its aliases stand for more than a million parts in each other"
        raise InputError(message, "write the parts out, or use `$ref`s")
    return data, construction.findings


def _written_out(data: Any) -> int:
    """Return how many values ``data`` has if every alias is replaced by what it stands for."""
    sizes: dict[int, int] = {}

    def size(value: Any) -> int:
        if not is_object(value) and not is_array(value):
            return 1
        if id(value) not in sizes:
            sizes[id(value)] = 1 + sum(map(size, value.values() if is_object(value) else value))
        return sizes[id(value)]

    return size(data)


def _core_value(text: str) -> Any:
    """Return what a plain scalar means in the core schema."""
    if text[:1] not in "-+.0123456789~ntfNTF":
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_INTEGER and _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
    return _finite(text) if _FLOAT.fullmatch(text) else text


def _finite(text: str) -> float | str:
    """A number that is too large for a float would become infinity, which no JSON and no Python literal can say."""
    number = float(text)
    return number if math.isfinite(number) else text


def _one_line(value: object) -> str:
    return " ".join(str(value).split())[:300]
