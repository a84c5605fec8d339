"""How far references may lead, and where a reference leads to: decisions only, nothing is read here."""

from __future__ import annotations

import posixpath
import urllib.parse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .source import is_url

__all__ = ["ONLY_BELOW", "References", "relative_name"]

_SUFFIXES: Final = (".json", ".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class References:
    """Which files and URLs a description may make us read, beside itself.

    A document is often somebody else's: by default its references lead only into files at and below its own folder, and
    from a URL only to the same server.

    Attributes:
        below: The folder that files must lie in, instead of the document's own.
        fetch: Whether references to any http(s) URL are fetched.
    """

    below: str = ""
    fetch: bool = False

    def address(self, base: str, name: str) -> tuple[str, str]:
        """Return where to read ``name``, as seen from the main document at ``base``; or "" and why it is not read."""
        if is_url(name):
            return self._url_address(base, name)
        if is_url(base):
            return self._url_address(base, urllib.parse.urljoin(base, name))
        if not base or Path(name).suffix.lower() not in _SUFFIXES:
            return "", "only .json, .yaml and .yml files beside the document are read"
        if posixpath.isabs(name) or Path(name).is_absolute():
            return "", "only relative references are followed"
        folder = Path(base).parent
        if not _is_below(folder / name, Path(self.below) if self.below else folder):
            outside = f"it lies outside {self.below!r}" if self.below else "it lies outside the folder of the document"
            return "", f"{outside}; --references-below FOLDER allows more"
        return str(folder / name), ""

    def _url_address(self, base: str, url: str) -> tuple[str, str]:
        if self.fetch or (is_url(base) and _origin(url) == _origin(base)):
            return url, ""
        if is_url(base):
            return "", "it is on another server, from which nothing is fetched; --fetch-references allows it"
        return "", "a file's references to URLs are not fetched; download it, or give --fetch-references"


ONLY_BELOW: Final = References()


def relative_name(address: str, here: str, main: str) -> str:
    """Return the name of the document at ``address`` as seen from the one called ``here``, "" for the main one.

    Names are relative to the main document, whose own name is ``main``, or URLs.
    """
    if is_url(address):
        return address
    if is_url(here):
        return urllib.parse.urljoin(here, address)
    address = urllib.parse.unquote(address)
    return _unless_main(posixpath.normpath(posixpath.join(posixpath.dirname(here), address)), main)


def _unless_main(name: str, main: str) -> str:
    return "" if name == main else name


def _origin(url: str) -> tuple[str, str]:
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:
        return "", url
    return parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower()


def _is_below(path: Path, folder: Path) -> bool:
    """Whether ``path`` lies in ``folder``, links followed: a link is no way out."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):  # a null character, a circle of links
        return False
