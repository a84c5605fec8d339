"""What people type: ``naas send sw1 sw2 "show version"``, told apart into devices and commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .patterns import limited
from .ranges import RangeError, expand
from .target import Inventory, InventoryError, Target
from .values import address

__all__ = ["split_words", "targets_of"]


def split_words(words: Sequence[str], *, has_commands: bool) -> tuple[list[str], list[str]]:
    """Return the devices and the commands among words.

    With commands from elsewhere (``has_commands``) all words are devices. Otherwise words with a space in them are
    commands; where none has one, the last word is the command. Devices come first.

    Raises:
        InventoryError: A device stands behind a command, or there is no command.
    """
    if has_commands:
        return list(words), []
    first = next((place for place, word in enumerate(words) if _is_command(word)), max(len(words) - 1, 0))
    devices, commands = list(words[:first]), list(words[first:])
    behind = next((word for word in commands if not _is_command(word)), None)
    if behind is not None and len(commands) > 1:
        raise InventoryError(
            f"{behind!r} stands behind a command; is it a device, or a command?",
            f"devices come first; for a command of one word: -c {behind}",
        )
    return devices, commands


def _is_command(word: str) -> bool:
    return any(character.isspace() for character in word)


def targets_of(words: Sequence[str], inventory: Inventory | None) -> list[Target]:
    """Return the devices that words mean, each once, in the order of the words.

    A word may be several with commas between, have ranges (``sw[1:4]``), a user (``admin@sw1``) and a port
    (``sw1:2022``). With an inventory, a name, a group (also ``@GROUP``) or a pattern of it means those devices.

    Raises:
        InventoryError: A word means nothing.
    """
    found: dict[str, Target] = {}
    for word in words:
        for target in _meant(word, inventory):
            found.setdefault(target.name, target)
    return list(found.values())


def _meant(word: str, inventory: Inventory | None) -> list[Target]:
    if inventory is not None and (_is_pattern(word) or _is_known(word, inventory)):
        return limited(inventory, word.removeprefix("@"))
    if word.startswith("@"):
        raise InventoryError(f"{word!r} is a group, and there is no inventory", "name one: --inventory FILE")
    targets: list[Target] = []
    for part in word.split(","):
        if part and inventory is not None and _is_known(part, inventory):
            targets += limited(inventory, part)
        elif part:
            targets += _typed(part)
    return targets


def _is_pattern(word: str) -> bool:
    return word.startswith(("@", "~")) or any(mark in word for mark in "*?&!")


def _is_known(word: str, inventory: Inventory) -> bool:
    return word == "all" or word in inventory.by_name or word in inventory.groups


def _typed(word: str) -> list[Target]:
    user, at, rest = word.rpartition("@")
    try:
        hosts = expand(rest)
    except RangeError as error:
        raise InventoryError(str(error)) from None
    targets: list[Target] = []
    for each in hosts:
        host, port = address(each)
        if not host or host.startswith("-") or _is_command(host):
            raise InventoryError(
                f"{word!r} is no device",
                "a host name or an address: sw1, 192.0.2.1, sw1:2022; with -c or -F all words are devices",
            )
        target = Target(name=host if port is None else each, host=host, port=port)
        targets.append(replace(target, username=user) if at and user else target)
    return targets
