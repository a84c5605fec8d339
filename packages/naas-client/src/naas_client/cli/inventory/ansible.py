"""Ansible inventories, INI and YAML, with ``group_vars`` and ``host_vars`` beside them, without Ansible.

What counts for a device is worked out in Ansible's own order: variables of ``all``, of groups (parents before
children), then ``group_vars`` of all and of groups, those of the host in the inventory, and ``host_vars`` last. What
only Ansible could work out (templates, vaults, dynamic inventories) is read over and told, if a device needs it.

| variable | becomes |
|---|---|
| ``ansible_host`` | the address; by default the name |
| ``ansible_port`` | the port |
| ``naas_platform``, ``ansible_network_os`` | the platform (`platforms.FROM_ANSIBLE`) |
| ``ansible_user`` | the user at the device |
| ``ansible_password``, ``ansible_ssh_pass`` | its password |
| ``ansible_become_password``, ``ansible_become_pass`` | the enable secret |
| ``naas_context`` | the context |
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from ..wire import as_list
from .ansible_ini import read_ini
from .platforms import platform_of
from .target import Inventory, InventoryError, Target
from .tree import Group, Tree
from .values import address
from .yaml import Untold, load_yaml

__all__ = ["read_ansible"]

_USER: Final = ("ansible_user", "ansible_ssh_user")
_PASSWORD: Final = ("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")
_ENABLE: Final = ("ansible_become_password", "ansible_become_pass")


def read_ansible(text: str, path: Path, source: str) -> Inventory:
    """Return the devices of an Ansible inventory; ``path`` is where ``group_vars`` and ``host_vars`` are looked for.

    Raises:
        InventoryError: It cannot be read; the message names file and line.
    """
    is_tree = text.lstrip().startswith(("---", "{")) or path.suffix.lower() in (".yml", ".yaml", ".json")
    tree = _from_yaml(load_yaml(text, source), source) if is_tree else read_ini(text, source)
    beside = _VariableFiles(path.parent)
    remarks: list[str] = []
    targets = [_target(name, tree, beside, remarks) for name in tree.hosts]
    return Inventory(targets, source, tuple(dict.fromkeys(remarks)))


def _target(name: str, tree: Tree, beside: _VariableFiles, remarks: list[str]) -> Target:
    groups = tree.groups_of(name)
    said: dict[str, Any] = {}
    for group in groups:
        said |= tree.groups[group].variables if group in tree.groups else {}
    for group in groups:
        said |= beside.of_group(group)
    said |= tree.hosts[name]
    said |= beside.of_host(name)
    variables = _Variables(name, said, remarks)
    alone, own_port = address(name)
    return Target(
        name=alone,
        host=variables.text("ansible_host", "ansible_ssh_host") or alone,
        port=variables.number("ansible_port", "ansible_ssh_port") or own_port,
        platform=variables.platform(),
        username=variables.text(*_USER),
        password=variables.text(*_PASSWORD),
        enable=variables.text(*_ENABLE),
        context=variables.text("naas_context"),
        groups=tuple(group for group in groups if group != "all"),
    )


@dataclass(frozen=True, slots=True)
class _Variables:
    """What is said of one host, read for what we need."""

    host: str
    said: Mapping[str, Any]
    remarks: list[str]

    def text(self, *names: str) -> str | None:
        """Return the first of these variables that is there and is a text that we can read."""
        for name in names:
            value = self.said.get(name)
            if value is None or value == "":
                continue
            if isinstance(value, Untold) or (isinstance(value, str) and "{{" in value):
                what = value.what if isinstance(value, Untold) else "a template"
                self.remarks.append(f"`{name}` is {what}, which only Ansible can work out; it was read over")
                continue
            return str(value)
        return None

    def number(self, *names: str) -> int | None:
        """Return a variable that is a port.

        Raises:
            InventoryError: It is none.
        """
        text = self.text(*names)
        if text is None:
            return None
        if not text.isdigit() or not 1 <= int(text) <= 65_535:
            raise InventoryError(f"{self.host}: `{names[0]}` is {text!r}, and not a port")
        return int(text)

    def platform(self) -> str | None:
        """Return the platform in Netmiko's words."""
        own = self.text("naas_platform", "netmiko_platform")
        if own:
            return own
        network_os = self.text("ansible_network_os")
        if network_os is None:
            return None
        found = platform_of(network_os)
        if found is None:
            self.remarks.append(
                f"no platform of Netmiko is known for ansible_network_os={network_os}; "
                "set naas_platform in the inventory, or give --platform"
            )
        return found


@dataclass(slots=True)
class _VariableFiles:
    """``group_vars`` and ``host_vars`` of one folder; each file is read once."""

    folder: Path
    _read: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict[tuple[str, str], Mapping[str, Any]])

    def of_group(self, name: str) -> Mapping[str, Any]:
        """Return the variables of a group."""
        return self._of("group_vars", name)

    def of_host(self, name: str) -> Mapping[str, Any]:
        """Return the variables of a host."""
        return self._of("host_vars", name)

    def _of(self, kind: str, name: str) -> Mapping[str, Any]:
        if (kind, name) not in self._read:
            found: dict[str, Any] = {}
            for path in self._files(self.folder / kind, name):
                found |= _variables_in(path)
            self._read[kind, name] = found
        return self._read[kind, name]

    @staticmethod
    def _files(folder: Path, name: str) -> Iterator[Path]:
        if "/" in name or name in (".", ".."):
            return
        for suffix in ("", ".yml", ".yaml", ".json"):
            path = folder / f"{name}{suffix}"
            if path.is_file():
                yield path
            elif not suffix and path.is_dir():
                yield from sorted(each for each in path.iterdir() if each.suffix in (".yml", ".yaml", ".json", ""))


def _variables_in(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InventoryError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}") from None
    if text.startswith("$ANSIBLE_VAULT"):
        return {}
    document = load_yaml(text, str(path))
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise InventoryError(f"{path} is not a mapping of variables")
    return cast("dict[str, Any]", document)


def _from_yaml(document: object, source: str) -> Tree:
    """Read the groups of an inventory in YAML or JSON.

    Raises:
        InventoryError: A group, its hosts, children or variables are no mapping.
    """
    tree = Tree()
    for name, group in _mapping(document, source).items():
        _read_group(tree, name, group, source)
    return tree


def _read_group(tree: Tree, name: str, content: object, source: str) -> None:
    where = f"{source}, group {name!r}"
    words = _mapping(content, where)
    unknown = next((word for word in words if word not in ("hosts", "children", "vars")), None)
    if unknown is not None:
        raise InventoryError(f"{where}: {unknown!r} is none of hosts, children, vars")
    group = tree.groups.setdefault(name, Group())
    group.variables |= _mapping(words.get("vars"), f"{where}, vars")
    hosts: object = words.get("hosts")
    listed = dict.fromkeys(map(str, as_list(words["hosts"]))) if isinstance(hosts, list) else hosts
    for pattern, variables in _mapping(listed, f"{where}, hosts").items():
        tree.add_host(pattern, _mapping(variables, f"{where}, host {pattern!r}"), name, where)
    for child, inner in _mapping(words.get("children"), f"{where}, children").items():
        if child not in group.children:
            group.children.append(child)
        _read_group(tree, child, inner, source)


def _mapping(value: object, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise InventoryError(f"{where} is not a mapping", "each line ends with a colon: `sw1:`")
    return {str(key): each for key, each in cast("dict[object, Any]", value).items()}
