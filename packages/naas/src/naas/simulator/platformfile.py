"""Reading a platform file: TOML, checked key by key, compiled to a :class:`Profile`.

The format is documented in the guide page of the simulator, and each file that comes with it is an example.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final, cast

from naas.simulator.checking import DescriptionError, Finding, Table, check
from naas.simulator.facts import DEVICE_FIELDS, SESSION_FIELDS
from naas.simulator.families.rules import COMPLAINTS, FAMILIES, FamilyRules
from naas.simulator.grammar import INTERFACE, PLACEHOLDERS, REST, Command, CommandTable
from naas.simulator.network import KINDS, InterfaceKind
from naas.simulator.profile import ConfigurationRules, Derived, Module, Paging, Profile
from naas.simulator.rows import COLLECTIONS
from naas.simulator.templates import KnownNames, Template, TemplateError

_SSH_VERSION: Final = re.compile(r"[!-~](?:[ -~]{0,198}[!-~])?")

BUILT_IN: Final = Path(__file__).parent / "platforms"
LARGEST_FILE: Final = 1_000_000  # bytes; the largest of ours has 20,000


def load_profile(file: Path) -> Profile:
    """Read a platform file.

    Raises:
        DescriptionError: It is not as a platform file must be; ``findings`` has every mistake.
        OSError: It cannot be read.
    """
    data = _extended(_parsed(file), file.name)
    return check(partial(_profile, data, file))


def _parsed(file: Path) -> dict[str, object]:
    if file.stat().st_size > LARGEST_FILE:
        raise _mistake(file.name, f"the file is larger than {LARGEST_FILE} bytes", "describe one platform a file")
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = "mend the place; texts of several lines stand between three quotes"
        raise _mistake(file.name, f"this is not TOML ({error})", hint) from error


def _mistake(file: str, problem: str, hint: str, key: str = "") -> DescriptionError:
    return DescriptionError([Finding(file, key, problem, hint)])


def _extended(data: dict[str, object], file: str) -> dict[str, object]:
    """The data on top of that of the platform that it extends."""
    base = data.pop("extends", None)
    if base is None:
        return data
    names = sorted(found.stem for found in BUILT_IN.glob("*.toml"))
    if base not in names:
        raise _mistake(
            file, f"{base!r} is no platform of the simulator", f"choose one of {', '.join(names)}", "extends"
        )
    under = _parsed(BUILT_IN / f"{base}.toml")
    if "device_type" not in data:  # Netmiko knows the base, not what somebody made of it
        under.setdefault("device_type", base)
    return _merged(under, data)


def _merged(under: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """``over`` wins, table by table; lists and texts are replaced whole."""
    found = dict(under)
    for key, value in over.items():
        below = found.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            found[key] = _merged(cast("dict[str, object]", below), cast("dict[str, object]", value))
        else:
            found[key] = value
    return found


def _profile(data: Mapping[str, object], file: Path, findings: list[Finding]) -> Profile:
    return _Reader(Table(data, file=file.name, findings=findings), file).profile()


class _Reader:
    """Reads one file; keeps what its parts must know of each other."""

    def __init__(self, table: Table, file: Path) -> None:
        self._table, self._file = table, file
        self._known = KnownNames(frozenset(), {})

    def profile(self) -> Profile:
        table = self._table
        name = table.text("name")
        family = table.choice("family", tuple(FAMILIES))
        rules = FAMILIES.get(family) or FAMILIES["cisco_like"]
        values = self._values(table.table("values"))
        derived = self._derived(table.table("derived"))
        device_type = table.text("device_type", name)
        found = Profile(
            name=name,
            family=family,
            file=self._file.name,
            description=table.text("description", ""),
            device_type=device_type,
            telnet_device_type=table.text("telnet_device_type", f"{device_type}_telnet"),
            ansible_network_os=table.text("ansible_network_os", ""),
            ssh_version=self._ssh_version(),
            serial_prefix=table.text("serial_prefix", "SIM"),
            paging=self._paging(table.table("paging")),
            prompts=self._named(table.table("prompts"), dict.fromkeys(rules.prompts, ""), all_required=True),
            complaints=self._named(table.table("complaints"), COMPLAINTS, all_required=True),
            texts=self._named(table.table("texts"), rules.texts),
            values=values,
            derived=derived,
            interfaces=tuple(self._interface(each) for each in table.tables("interfaces")),
            modules=tuple(self._module(each) for each in table.tables("modules")),
            configuration=(lines := self._configuration(table.table("configuration"))),
            commands=self._commands(rules, lines),
        )
        table.close()
        return found

    def _ssh_version(self) -> str:
        """What follows ``SSH-2.0-`` in the banner (RFC 4253, section 4.2)."""
        text = self._table.text("ssh_version", "OpenSSH_7.5")
        if not _SSH_VERSION.fullmatch(text):
            self._table.complain("ssh_version", f"{text!r} can stand in no banner", 'write it in ASCII: "Cisco-1.25"')
        return text

    # Fields

    def _values(self, table: Table) -> dict[str, Template]:
        """Constants of the platform; they may use the fields of the device."""
        self._learn(frozenset(DEVICE_FIELDS) | SESSION_FIELDS)
        texts = {"model": "", "version": "", **table.free_texts()}
        for required in ("model", "version"):
            if not table.has(required):
                table.complain(required, "this key is missing", f'write {required} = "…"; neighbours show it')
        found = {name: self._template(table, name, text) for name, text in texts.items()}
        self._learn(self._known.fields | found.keys())
        return found

    def _learn(self, fields: frozenset[str], per_row: Mapping[str, frozenset[str]] | None = None) -> None:
        self._known = KnownNames(fields, per_row or COLLECTIONS)

    def _derived(self, table: Table) -> dict[str, Derived]:
        """Derived fields, each from a field, a row's field, or a derived field before it."""
        fields, rows = self._known.fields, dict(COLLECTIONS)
        found: dict[str, Derived] = {}
        for name in table.names():
            one = table.table(name)
            source = one.text("from")
            everywhere = source in fields
            within = [collection for collection, own in rows.items() if source in own]
            if not everywhere and not within:
                one.complain("from", f"no field is called {source}", "name a field of the device or of a row")
            known = fields.union(*(rows[collection] for collection in within))
            self._known = KnownNames(known, COLLECTIONS)
            values = one.table("values")
            templates = {value: self._template(values, value, text) for value, text in values.free_texts().items()}
            found[name] = Derived(source, templates, self._template(one, "otherwise", one.text("otherwise")))
            one.close()
            if everywhere:
                fields |= {name}
            rows |= {collection: rows[collection] | {name} for collection in within}
        self._learn(fields, rows)
        return found

    def _template(self, table: Table, key: str, text: str) -> Template:
        try:
            return Template(text, self._known)
        except TemplateError as error:
            problem, _, hint = str(error).partition("; ")
            table.complain(key, problem, hint)
            return Template("")

    # Parts

    def _paging(self, table: Table) -> Paging:
        usual = Paging()
        lines = table.integer("lines", usual.lines, low=0, high=1000)
        found = Paging(lines, table.text("more", usual.more), table.text("erase", ""))
        table.close()
        return found

    def _named(self, table: Table, names: Mapping[str, str], *, all_required: bool = False) -> dict[str, Template]:
        """Templates under known names; those that are not given are empty."""
        default = {} if all_required else {"default": ""}
        found = {name: self._template(table, name, table.text(name, **default)) for name in names}
        table.close()
        return found

    def _interface(self, table: Table) -> InterfaceKind:
        found = InterfaceKind(
            name=table.text("name"),
            short=table.text("short"),
            kind=table.choice("kind", KINDS, "ethernet"),
            speed_mbps=table.integer("speed_mbps", 1000, low=1, high=10_000_000),
        )
        table.close()
        return found

    def _module(self, table: Table) -> Module:
        found = Module(table.text("name"), table.text("description"), table.text("part"))
        table.close()
        return found

    def _configuration(self, table: Table) -> ConfigurationRules:
        sections = table.table("sections")
        found = ConfigurationRules(
            initial=self._template(table, "initial", table.text("initial")),
            indent=table.text("indent", " "),
            header=self._template(table, "header", table.text("header", "")),
            separator=table.text("separator", "!"),
            footer=table.text("footer", "end"),
            words=table.texts("words"),
            flags=table.texts("flags"),
            section_words=table.texts("section_words"),
            section_flags=table.texts("section_flags"),
            negations=table.texts("negations"),
            single=table.texts("single"),
            sections=sections.free_texts(),
            containers=table.texts("containers"),
            shows_everywhere=table.flag("shows_everywhere"),
            needs_commit=table.flag("needs_commit"),
            difference_names=table.texts("difference_names"),
        )
        table.close()
        return found

    # Commands

    def _commands(self, rules: FamilyRules, lines: ConfigurationRules) -> dict[str, CommandTable]:
        answers, actions = self._table.table("answers"), self._table.table("actions")
        own = {
            mode: [*self._answers(answers.table(mode)), *self._actions(actions.table(mode), rules)]
            for mode in rules.modes
        }
        answers.close()
        actions.close()
        if "section" in own:
            _add_configuration_lines(own, lines)
        commands = {mode: _with_inherited(own, mode, rules) for mode in rules.modes}
        if lines.shows_everywhere:
            for mode in ("configuration", "section"):
                commands[mode] = [*commands[mode], *commands["privileged"]]
        return {mode: CommandTable(found) for mode, found in commands.items()}

    def _answers(self, table: Table) -> Iterator[Command]:
        for line, text in table.free_texts().items():
            if self._is_command(table, line):
                yield Command(line, self._template(table, line, text))

    def _actions(self, table: Table, rules: FamilyRules) -> Iterator[Command]:
        for line in table.names():
            action = table.choice(line, tuple(rules.actions))
            if self._is_command(table, line):
                yield Command(line, action)

    def _is_command(self, table: Table, line: str) -> bool:
        words = line.split()
        strange = [word for word in words if word.startswith("<") and word not in PLACEHOLDERS]
        if not words or strange or words[0] in PLACEHOLDERS:
            hint = f'write words such as "show version", with {", ".join(sorted(PLACEHOLDERS))} for what may vary'
            table.complain(line, "this is no command line", hint)
            return False
        if REST in words[:-1] or words.count(INTERFACE) > 1:
            table.complain(line, f"{REST} stands before the end", f"put {REST} last")
            return False
        return True


def _with_inherited(own: Mapping[str, list[Command]], mode: str, rules: FamilyRules) -> list[Command]:
    """The commands of a mode and of the one that it inherits from; its own win."""
    inherited = own[rules.inherited[mode]] if mode in rules.inherited else []
    lines = {command.line for command in own[mode]}
    return [*own[mode], *(command for command in inherited if command.line not in lines)]


def _add_configuration_lines(own: dict[str, list[Command]], lines: ConfigurationRules) -> None:
    """The commands that follow from the words of the configuration.

    A section knows the commands of configuration mode too, unless one of its own begins with the same word.
    """
    nested = [opener.rpartition(" > ")[2] for opener in lines.sections if " > " in opener]
    own["configuration"] += [
        *(Command(f"{opener} {REST}", "open_section") for opener in lines.sections if " > " not in opener),
        *(Command(f"{word} {REST}", "keep") for word in lines.words),
        *(Command(flag, "keep") for flag in lines.flags),
    ]
    own["section"] += [
        *(Command(f"{opener} {REST}", "open_nested") for opener in dict.fromkeys(nested)),
        *(Command(f"{word} {REST}", "keep_in_section") for word in lines.section_words if word not in nested),
        *(Command(flag, "keep_in_section") for flag in lines.section_flags),
    ]
    known = {command.words[0] for command in own["section"]}
    own["section"] += [
        command for command in own["configuration"] if command.words[0] not in known or len(command.words) > 2
    ]
