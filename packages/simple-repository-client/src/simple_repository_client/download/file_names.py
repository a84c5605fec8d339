"""Under which names files may be written. An index chooses names, so a name must never choose a place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ..errors import UnsafeFileNameError

__all__ = ["checked_file_name", "place_for"]

# What indexes have ever taken as files of a project; a `.pth`, a `.py` or a dot file would be run by somebody.
_SUFFIXES: Final = (
    ".whl", ".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tar.z", ".tgz", ".tar", ".egg", ".exe", ".msi", ".dmg", ".deb",
    ".rpm",
)  # fmt: skip

# As in every name of a wheel or a source archive. No separators, no drives and streams (":"), no spaces, no shell's
# characters, nothing that only looks like a letter.
_PLAIN: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!~-]*").fullmatch

# Devices of Windows whatever follows the first dot.
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE).match

_LONGEST: Final = 255 - len(".") - len(".0123456789ab.part")  # most file systems' limit, less what a hidden file adds


def checked_file_name(name: str, url: str = "") -> str:
    """Return a name under which a file may be written below a folder.

    Raises:
        UnsafeFileNameError: It is none.
    """
    why = ""
    if not name:
        why = "it is empty"
    elif len(name) > _LONGEST:
        why = f"it is longer than {_LONGEST} characters"
    elif not _PLAIN(name):
        why = "it has to be letters, digits and . _ - + ! ~, and begin with a letter, a digit or _"
    elif _DEVICES(name):
        why = "it is a device on some systems"
    elif not name.lower().endswith(_SUFFIXES):
        why = "it does not end as files of projects do (.whl, .tar.gz, .zip, …)"
    if why:
        raise UnsafeFileNameError(why, file_name=name, url=url)
    return name


def place_for(folder: Path, name: str, url: str = "") -> Path:
    """Return where a file of this name goes in a folder.

    Raises:
        UnsafeFileNameError: The name is none, or a link in the folder has it and leads nowhere.
    """
    path = folder / checked_file_name(name, url)
    if path.is_symlink() and not path.exists():
        raise UnsafeFileNameError(
            f"{path} is a link that leads nowhere, so the file would be somewhere else", file_name=name, url=url
        )
    return path
