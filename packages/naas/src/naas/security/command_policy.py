"""The command policy: which lines may be sent, by role, context and device. A TOML file:

    default = "allow"            # or "deny"; or a table by role: default = { viewer = "deny", operator = "allow" }

    [[deny]]
    name = "no restarts"         # told to the caller
    commands = ["reload", "request system reboot", "| redirect"]
    roles = ["operator"]         # without it: everybody
    contexts = ["prod-*"]        # glob patterns; without it: everywhere
    hosts = ["core-*", "10.*"]
    kinds = ["command"]          # command, config; without it: both

    [[allow]]
    name = "looking"
    commands = ["show", "ping"]
    patterns = ["dir( flash:.*)?"]

``commands`` are the first words of a line. In a rule that denies, a line matches if a device could take its words for
these: abbreviations count (``rel``), capitals, ``do``, quotes, what stands behind a ``;`` or a pipe
(`naas.security.commands`). In a rule that allows, the words must be written out. ``patterns`` are regular expressions
that must match the whole line, single spaces between its words, in lower case; in a rule that denies, any reading of
it. ``hosts`` are compared with the text of the request: a device that has a name and an address needs both.

What denies wins. Else, where the default is "deny" or the role has rules that allow and apply here, one of these must
match; and then a pipe may only lead to filters that read (``| include``), unless a rule allows it: ``"| tee"``.

A list of what is forbidden is never complete: devices know aliases, scripts and applets. Where it matters, allow.
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final, cast

import regex  # type: ignore[import-untyped]  # as in naas.driver.patterns

from naas.errors import CommandRefused, StartError
from naas.jobs import READ_FILTERS
from naas.principals import Role
from naas.security.commands import LineKind, lines_of, readings, split_numbers, split_pipes

if TYPE_CHECKING:
    from pathlib import Path

    from naas.jobs import Work
    from naas.security.commands import Line

__all__ = ["CommandPolicy", "PolicyProblem", "Rule", "parse_policy", "read_policy"]

# Patterns are the operator's, lines are the caller's: the two together must not stop the service.
_SEARCH_SECONDS: Final = 0.1


class PolicyProblem(ValueError):
    """The policy file says something that cannot be carried out. The text says where and what."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; empty means everybody, everywhere, both kinds."""

    name: str
    commands: tuple[tuple[str, ...], ...] = ()
    patterns: tuple[str, ...] = ()
    roles: frozenset[Role] = frozenset()
    contexts: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    kinds: frozenset[LineKind] = frozenset()
    _compiled: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    _by_letter: Mapping[str, Sequence[tuple[str, ...]]] = field(
        default_factory=dict[str, "Sequence[tuple[str, ...]]"], compare=False, repr=False
    )
    """The commands by their first letter, which every abbreviation keeps."""

    def applies(self, role: Role, context: str, host: str) -> bool:
        """Whether it is about this caller, here."""
        if self.roles and role not in self.roles:
            return False
        if self.contexts and not any(fnmatchcase(context, pattern) for pattern in self.contexts):
            return False
        return not self.hosts or any(_covers(pattern.lower(), host) for pattern in self.hosts)

    def forbids(self, line: Line, found: Sequence[tuple[str, ...]]) -> bool:
        """Whether some device could take the line, of which these are the readings, for one of these commands."""
        if self.kinds and not self.kinds & line.kinds:
            return False
        for words in found:
            if any(_could_be(words, command) for command in self._by_letter.get(words[0][0], ())):
                return True
            if self._compiled and self._matches(words, if_slow=True):
                return True
        return False

    def permits(self, line: Line, part: str) -> bool:
        """Whether the command of the line, or what its output goes through, is on this list, written out."""
        if self.kinds and line.kind not in self.kinds:
            return False
        words = tuple(part.split())
        if any(words[: len(command)] == command for command in self.commands):
            return True
        return self._matches(tuple(word.lower() for word in words), if_slow=False)

    def _matches(self, words: Sequence[str], *, if_slow: bool) -> bool:
        text = " ".join(words)
        try:
            return any(pattern.fullmatch(text, timeout=_SEARCH_SECONDS, concurrent=True) for pattern in self._compiled)
        except TimeoutError:
            return if_slow

    def __post_init__(self) -> None:
        """Compile the patterns, and sort the commands.

        Raises:
            PolicyProblem: One is no regular expression.
        """
        try:
            compiled = tuple(regex.compile(pattern) for pattern in self.patterns)
        except regex.error as exc:
            raise PolicyProblem(f"rule {self.name!r}: a pattern is not a regular expression: {exc}") from exc
        by_letter: dict[str, list[tuple[str, ...]]] = {}
        for command in self.commands:
            # "interface vlan1" is "interface vlan 1": readings come with and without the space, and so do these.
            for each in dict.fromkeys((command, split_numbers(command))):
                by_letter.setdefault(each[0][0], []).append(each)
        object.__setattr__(self, "_compiled", compiled)
        object.__setattr__(self, "_by_letter", by_letter)


def _could_be(words: Sequence[str], command: Sequence[str]) -> bool:
    """Whether a device could take the first words for the command: each written out or abbreviated."""
    return len(words) >= len(command) and all(full.startswith(word) for word, full in zip(words, command, strict=False))


def _covers(pattern: str, host: str) -> bool:
    """Whether a device is meant: by a glob over what the request calls it, or by a network that its address is in."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return fnmatchcase(host.lower(), pattern)
    if "/" not in pattern:
        return fnmatchcase(str(address), pattern)
    network = ipaddress.ip_network(pattern, strict=False)
    return address.version == network.version and address in network


@dataclass(frozen=True, slots=True)
class CommandPolicy:
    """Every rule. Without rules everything is allowed."""

    deny: tuple[Rule, ...] = ()
    allow: tuple[Rule, ...] = ()
    closed: frozenset[Role] = frozenset()
    """The roles for which everything is forbidden that no rule allows."""
    _passed: list[_Judged] = field(default_factory=list["_Judged"], compare=False, repr=False)
    """What was judged last and passed: a batch asks the same of hundreds of devices."""

    def check(self, role: Role, context: str, host: str, work: Work) -> None:
        """Return if every line of the job may be sent.

        Raises:
            CommandRefused: One may not; the error names the rule and the place of the line.
        """
        deny = tuple(rule for rule in self.deny if rule.applies(role, context, host))
        allow = tuple(rule for rule in self.allow if rule.applies(role, context, host))
        is_closed = bool(allow) or role in self.closed
        if not deny and not is_closed:
            return
        judged = _Judged(work, deny, allow, is_closed)
        if any(judged.is_same(earlier) for earlier in self._passed):
            return
        for line in lines_of(work):
            if line.has_control_characters:
                raise CommandRefused("control characters", line.index)
            found = readings(line.text) if deny else ()
            for rule in deny:
                if rule.forbids(line, found):
                    raise CommandRefused(rule.name, line.index)
            if is_closed:
                _require_allowed(line, allow)
        self._passed[:] = [judged]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A question and all that its answer hangs on."""

    work: Work
    deny: tuple[Rule, ...]
    allow: tuple[Rule, ...]
    is_closed: bool

    def is_same(self, other: _Judged) -> bool:
        # The very same objects: comparing thousands of lines would cost what it saves.
        return (
            self.work is other.work
            and self.is_closed == other.is_closed
            and len(self.deny) == len(other.deny)
            and len(self.allow) == len(other.allow)
            and all(one is two for one, two in zip((*self.deny, *self.allow), (*other.deny, *other.allow), strict=True))
        )


def _require_allowed(line: Line, allow: Sequence[Rule]) -> None:
    command, *filters = split_pipes(line.text)
    if line.may_hold_several:
        raise CommandRefused("only single commands are allowed", line.index)
    if not any(rule.permits(line, command) for rule in allow):
        raise CommandRefused("not on the list of allowed commands", line.index)
    for part in filters:
        words = part.split()
        only_reads = bool(words) and words[0] in READ_FILTERS
        if not only_reads and not any(rule.permits(line, f"| {part}") for rule in allow):
            raise CommandRefused("a pipe may only lead to filters that read", line.index)


def read_policy(file: Path) -> CommandPolicy:
    """Read the policy.

    Raises:
        StartError: It cannot be read, or says something that cannot be carried out.
    """
    try:
        return parse_policy(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise StartError(f"cannot read the command policy {file}: {exc.strerror}") from exc
    except ValueError as exc:  # UnicodeDecodeError and TOMLDecodeError are
        raise StartError(f"cannot use the command policy {file}: {exc}") from exc


def parse_policy(text: str) -> CommandPolicy:
    """Return the policy that a TOML text says.

    Raises:
        ValueError: It is no TOML, or `PolicyProblem`: a name that means nothing, so that a typing mistake in a rule
            does not leave a door open.
    """
    document = tomllib.loads(text)
    _refuse_unknown(document, {"default", "deny", "allow"}, "the policy")
    lists = {name: tuple(_rule(item, name) for item in _tables(document, name)) for name in ("deny", "allow")}
    return CommandPolicy(lists["deny"], lists["allow"], _closed(document.get("default", "allow")))


def _closed(default: object) -> frozenset[Role]:
    by_role = cast("Mapping[str, object]", default) if isinstance(default, Mapping) else dict.fromkeys(Role, default)
    closed: set[Role] = set()
    for name, word in by_role.items():
        if name not in set(Role) or word not in {"allow", "deny"}:
            raise PolicyProblem('`default` is "allow", "deny" or a table of these by role (viewer, operator, admin)')
        if word == "deny":
            closed.add(Role(name))
    return frozenset(closed)


def _tables(document: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in cast("list[object]", found)):
        raise PolicyProblem(f"rules that {name} begin with [[{name}]]")
    return cast("list[dict[str, Any]]", found)


_RULE_KEYS: Final = {"name", "commands", "patterns", "roles", "contexts", "hosts", "kinds"}


def _rule(table: Mapping[str, Any], effect: str) -> Rule:
    name = table.get("name")
    if not isinstance(name, str) or not name:
        raise PolicyProblem(f"a rule below [[{effect}]] has no `name`; it is what the caller is told")
    where = f"rule {name!r}"
    _refuse_unknown(table, _RULE_KEYS, where)
    texts = {key: _texts(table, key, where) for key in _RULE_KEYS - {"name"}}
    if not texts["commands"] and not texts["patterns"]:
        raise PolicyProblem(f"{where} names neither `commands` nor `patterns`")
    if unknown := set(texts["roles"]) - set(Role):
        raise PolicyProblem(f"{where}: unknown roles {sorted(unknown)}; there are viewer, operator and admin")
    if unknown := set(texts["kinds"]) - set(LineKind):
        raise PolicyProblem(f"{where}: unknown kinds {sorted(unknown)}; there are command and config")
    for pattern in texts["hosts"]:
        _check_network(pattern, where)
    return Rule(
        name,
        commands=tuple(tuple(command.lower().split()) for command in texts["commands"]),
        patterns=texts["patterns"],
        roles=frozenset(Role(role) for role in texts["roles"]),
        contexts=texts["contexts"],
        hosts=texts["hosts"],
        kinds=frozenset(LineKind(kind) for kind in texts["kinds"]),
    )


def _texts(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = table.get(key, [])
    texts = cast("list[object]", found) if isinstance(found, list) else [None]
    if not all(isinstance(item, str) and item.strip() for item in texts):
        raise PolicyProblem(f"{where}: `{key}` is a list of texts that are not blank")
    return tuple(cast("list[str]", texts))


def _check_network(pattern: str, where: str) -> None:
    try:
        if "/" in pattern:
            ipaddress.ip_network(pattern, strict=False)
    except ValueError as exc:
        raise PolicyProblem(f"{where}: {pattern!r} in `hosts` is no network") from exc


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if unknown := sorted(table.keys() - known):
        raise PolicyProblem(f"{where} has no {', '.join(unknown)}; there are {', '.join(sorted(known))}")
