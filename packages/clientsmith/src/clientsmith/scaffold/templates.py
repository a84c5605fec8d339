"""The files of a new workspace, from the templates beside this module."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from clientsmith.findings import InputError

from .choices import Choices
from .words import words_of

__all__ = ["files_of", "taken_words"]

# So that no tool takes a template for a file of ours: neither Python nor git nor a packager.
_SUFFIX: Final = ".template"
_DOT: Final = "dot-"


def files_of(choices: Choices, root: Path) -> dict[str, str]:
    """Return every file that is not generated: its path, relative to the workspace, and its text.

    ``root`` is where the workspace will be: relative paths in it start there.

    Raises:
        InputError: The resource's name means something else in the service already.
    """
    if choices.resource in taken_words() or choices.plural in taken_words():
        message = f"{choices.resource!r} cannot name what the service holds: the word means something else in it"
        raise InputError(message, "another word for --resource")
    words = words_of(choices)
    found: dict[str, str] = {}
    for part in ("workspace", choices.framework, *(f"forges/{forge}" for forge in choices.forges)):
        found |= {words.replaced_in(path): words.replaced_in(text) for path, text in _read(part).items()}
    licence = words.replaced_in(_read("licenses")[choices.licence])
    for folder in ("", f"packages/{choices.name}/", f"packages/{choices.name}-client/"):
        found[f"{folder}LICENSE"] = licence  # an sdist carries the licence of its own folder
    found["pyproject.toml"] = choices.sources.added_to(found["pyproject.toml"], root)
    return dict(sorted(found.items()))


@cache
def taken_words() -> frozenset[str]:
    """Return the names in the templates' Python: a resource of such a name would be taken for it."""
    texts = (
        text
        for part in ("workspace", "litestar", "fastapi")
        for path, text in _read(part).items()
        if path.endswith(".py")
    )
    names = {
        token.string
        for text in texts
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.NAME and not keyword.iskeyword(token.string)
    }
    return frozenset(name.lower() for name in names if "parcel" not in name.lower())


@cache
def _read(part: str) -> dict[str, str]:
    folder = files("clientsmith.scaffold") / "templates"
    for name in part.split("/"):
        folder /= name
    return dict(_walk(folder, ""))


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        name = f".{entry.name.removeprefix(_DOT)}" if entry.name.startswith(_DOT) else entry.name
        if entry.is_dir():
            yield from _walk(entry, f"{above}{name}/")
        elif name.endswith(_SUFFIX):
            yield f"{above}{name.removesuffix(_SUFFIX)}", entry.read_text(encoding="utf-8")
