"""What Python files import, read line by line.

Parsing a large workspace takes longer than a person who asks "what do I have to test?" wants to wait, so lines are
matched instead. A line of a docstring that looks like an import counts as one: that selects a test too many, never
one too few. What is imported by a computed name is not seen; whoever does that names the distribution in a dependency
group.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

__all__ = ["imported_names", "names_in"]

_FROM: Final = re.compile(rb"^[ \t]*(?:>>> )?from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)", re.MULTILINE)
_IMPORT: Final = re.compile(rb"^[ \t]*(?:>>> )?import[ \t]+([\w., \t]+)", re.MULTILINE)
_WORD: Final = re.compile(rb"\w+")


def imported_names(folder: Path, *, without: Iterable[Path] = ()) -> frozenset[str]:
    """Return the dotted names that the Python files below a folder import: modules, and what is taken from them.

    Folders that start with a dot, and those of ``without``, are left out.
    """
    return frozenset(name for path in _python_files(folder, frozenset(without)) for name in names_in(path.read_bytes()))


def _python_files(folder: Path, without: frozenset[Path]) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[0] != "." and Path(top, name) not in without]
        yield from (Path(top, name) for name in names if name.endswith(".py"))


def names_in(source: bytes) -> set[str]:
    """Return the dotted names that one file imports; relative imports are of the file's own package, and left out."""
    found: set[str] = set()
    for module, names in _FROM.findall(source):
        name = module.decode()
        if not name.startswith("."):
            # `from package import module` names a module as well as `import package.module` does.
            found |= {name, *(f"{name}.{word.decode()}" for word in _WORD.findall(names.partition(b"#")[0]))}
    for names in _IMPORT.findall(source):
        found |= {part.split()[0].decode() for part in names.split(b",") if part.split()}
    return found
