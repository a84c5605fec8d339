"""The profile of a platform: everything that a platform file says, checked and compiled.

Prompts, commands, answers, complaints, paging and the words of the configuration are data; what happens when a command
is typed (modes, candidates, saving, paging) is code, chosen by the ``family`` and named by *actions*. Nothing of a
file is ever executed: its texts are :mod:`naas.simulator.templates`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from naas.simulator.grammar import CommandTable
from naas.simulator.network import InterfaceKind
from naas.simulator.templates import Scope, Template


@dataclass(frozen=True, slots=True)
class Paging:
    """How long answers stop. ``erase`` takes ``more`` away again."""

    lines: int = 24
    more: str = " --More-- "
    erase: str = ""

    @property
    def eraser(self) -> str:
        """What is printed over ``more`` before the next page: as given, else backspaces, blanks, backspaces."""
        back = "\b" * len(self.more)
        return self.erase or f"{back}{' ' * len(self.more)}{back}"


@dataclass(frozen=True, slots=True)
class Derived:
    """A field made from another one: ``status`` is "administratively down" where ``state`` is "disabled"."""

    source: str
    values: Mapping[str, Template]
    otherwise: Template

    def text(self, scope: Scope) -> str:
        """The words for the value that the other field has in ``scope``."""
        return self.values.get(scope.value(self.source), self.otherwise).render(scope)


@dataclass(frozen=True, slots=True)
class Module:
    """A line of ``show inventory``."""

    name: str
    description: str
    part: str


@dataclass(frozen=True, slots=True)
class ConfigurationRules:
    """How a platform writes its configuration, and which lines it takes."""

    initial: Template
    indent: str = " "
    header: Template = field(default_factory=lambda: Template(""))
    separator: str = "!"
    footer: str = "end"
    words: tuple[str, ...] = ()
    """First words that configuration mode takes."""
    flags: tuple[str, ...] = ()
    """Whole lines that configuration mode takes."""
    section_words: tuple[str, ...] = ()
    """First words that every section takes."""
    section_flags: tuple[str, ...] = ()
    """Whole lines that every section takes, such as ``shutdown``."""
    negations: tuple[str, ...] = ()
    """Lines whose ``no`` stands in the configuration itself, such as ``switchport``."""
    single: tuple[str, ...] = ()
    """Beginnings of lines of which there is one: a second line replaces the first."""
    sections: Mapping[str, str] = field(default_factory=dict[str, str])
    """The lines that open a section, and what stands in the prompt inside; ``router > address-family`` is nested."""
    containers: tuple[str, ...] = ()
    """Junos: the paths whose statements stand in braces of their own, ``*`` for a name."""
    shows_everywhere: bool = False
    """Whether configuration mode takes the commands of privileged mode too."""
    needs_commit: bool = False
    """Whether changes wait in a candidate for ``commit``."""
    difference_names: tuple[str, ...] = ()
    """What a ``diff -u`` calls the saved, the running and the candidate configuration (``<name>`` is the session's);
    without them, differences are shown as IOS does."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A platform, ready to be simulated."""

    name: str
    family: str
    file: str
    description: str
    device_type: str
    telnet_device_type: str
    ansible_network_os: str
    ssh_version: str
    serial_prefix: str
    paging: Paging
    prompts: Mapping[str, Template]
    complaints: Mapping[str, Template]
    texts: Mapping[str, Template]
    values: Mapping[str, Template]
    derived: Mapping[str, Derived]
    interfaces: tuple[InterfaceKind, ...]
    modules: tuple[Module, ...]
    configuration: ConfigurationRules
    commands: Mapping[str, CommandTable]
    """What each mode knows, by the name of the mode."""
