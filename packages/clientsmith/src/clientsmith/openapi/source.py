"""Where a document comes from: a file, a URL, or an application in a Python module."""

from __future__ import annotations

import codecs
import difflib
import importlib
import json
import os
import re
import stat
import sys
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clientsmith.findings import InputError

__all__ = ["Source", "is_url", "read_source"]

# Of what comes over the network, or out of a pipe or device, nobody knows the end. The largest document that we know is
# 12 MB; ten times that is a mistake or an attack. A file may have any size: whoever names it knows it.
MAX_BYTES: Final = 128 * 1024 * 1024

_MODULE = re.compile(r"(?P<module>[^\W\d]\w*(\.[^\W\d]\w*)*):(?P<attribute>[^\W\d]\w*(\.[^\W\d]\w*)*)")


@dataclass(frozen=True, slots=True)
class Source:
    """A document as it came.

    ``name`` is what messages call it: the path or URL as given, without credentials. Either ``text`` is there, or
    ``data`` (an application has no text, so its findings carry pointers and no lines). ``base`` is what relative
    references start from: a file path or a URL, "" for an application.
    """

    name: str
    text: str = ""
    data: Any = None
    base: str = ""


def read_source(spec: str) -> Source:
    """Read SPEC: a URL, a file, or ``module:attribute``.

    Raises:
        InputError: It cannot be read.
    """
    if is_url(spec):
        return _from_url(spec)
    if "://" in spec:
        raise InputError(f"cannot read {spec!r}: only http and https URLs are fetched", "download it and give the file")
    if (match := _MODULE.fullmatch(spec)) and not Path(spec).exists():
        return _from_module(spec, match["module"], match["attribute"])
    return _from_file(spec)


def is_url(text: str) -> bool:
    return text.lower().startswith(("http://", "https://"))


# --- files -----------------------------------------------------------------------------------------------------------


def _from_file(spec: str) -> Source:
    path = Path(spec)
    try:
        with path.open("rb") as file:
            is_file = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            content = file.read() if is_file else _bounded(file.read(MAX_BYTES + 1), spec)
    except FileNotFoundError:
        raise InputError(f"cannot read {spec!r}: there is no such file", _similar_files(path)) from None
    except IsADirectoryError:
        raise InputError(f"cannot read {spec!r}: it is a folder", "give the document inside it") from None
    except PermissionError:
        hint = "ask its owner for read permission, or copy it"
        raise InputError(f"cannot read {spec!r}: permission denied", hint) from None
    except (OSError, ValueError) as problem:
        raise InputError(f"cannot read {spec!r}: {problem}") from None
    return Source(spec, _decode(content, spec), base=str(path))


def _similar_files(path: Path) -> str:
    try:
        neighbours = sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        return f"the folder {str(path.parent)!r} does not exist either"
    return _did_you_mean(path.name, neighbours) or "give a file, a URL, or module:app"


def _bounded(content: bytes, name: str) -> bytes:
    if len(content) > MAX_BYTES:
        raise InputError(f"cannot read {name!r}: it is larger than {MAX_BYTES // 1024**2} MiB")
    return content


def _decode(content: bytes, name: str) -> str:
    encoding = _marked_encoding(content) or _guessed_encoding(content)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        what = "UTF-8" if encoding == "utf-8-sig" else encoding.upper()
        message = f"{name}:{line} is not JSON or YAML: byte 0x{content[problem.start]:02x} is not {what}"
        raise InputError(message, "save the document as UTF-8") from None


def _marked_encoding(content: bytes) -> str:
    marks = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"}  # before UTF-16, whose mark begins so too
    marks |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    return next((encoding for mark, encoding in marks.items() if content.startswith(mark)), "")


def _guessed_encoding(content: bytes) -> str:
    """Return the encoding that the zeros around the first characters show.

    A document begins with an ASCII character, in JSON as in YAML (YAML 1.2, section 5.2).
    """
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        width = 4 if "32" in encoding else 2
        start = content[: 2 * width].decode(encoding, "replace")
        if len(start) == 2 and start.isascii() and (start.isprintable() or start.isspace()):
            return encoding
    return "utf-8-sig"


# --- URLs ------------------------------------------------------------------------------------------------------------


def _from_url(url: str) -> Source:
    # The runtime and its transport are imported only where something is fetched: they take longer than most commands.
    from .fetch import fetch, without_secrets

    name = without_secrets(url)
    return Source(name, _decode(_bounded(fetch(url, name, MAX_BYTES + 1), name), name), base=url)


# --- applications ----------------------------------------------------------------------------------------------------


def _from_module(spec: str, module_name: str, attribute: str) -> Source:
    with _current_folder_importable():
        try:
            found: Any = importlib.import_module(module_name)
        except ModuleNotFoundError as problem:
            if problem.name and (module_name + ".").startswith(problem.name + "."):
                hint = "run the command where the module is, or install its package here"
                raise InputError(f"cannot import {spec!r}: there is no module {problem.name!r}", hint) from None
            raise _import_failed(spec, problem) from problem
        except Exception as problem:
            raise _import_failed(spec, problem) from problem
        for name in attribute.split("."):
            if not hasattr(found, name):
                hint = _did_you_mean(name, (other for other in dir(found) if not other.startswith("_")))
                raise InputError(f"cannot read {spec!r}: {module_name!r} has no attribute {name!r}", hint)
            found = getattr(found, name)
        return Source(spec, data=_description_of(found, spec))


def _import_failed(spec: str, problem: BaseException) -> InputError:
    return InputError(f"cannot import {spec!r}: {type(problem).__name__}: {problem}", "the module fails when imported")


def _description_of(found: Any, spec: str) -> Any:
    """Ask an application for its OpenAPI document: FastAPI and Starlette, then Litestar, then any callable."""
    schema: Any = getattr(found, "openapi_schema", None)
    try:
        if not isinstance(found, Mapping):
            if callable(getattr(found, "openapi", None)):
                found = found.openapi()
            elif schema is not None and callable(getattr(schema, "to_schema", None)):
                found = schema.to_schema()
            elif callable(found):
                found = found()
        if isinstance(found, Mapping):
            return json.loads(json.dumps(found, default=str))
    except Exception as problem:
        message = f"cannot read {spec!r}: asking it for its document failed: {type(problem).__name__}: {problem}"
        raise InputError(message) from problem
    hint = "give a dict, a function returning one, or a FastAPI or Litestar application"
    raise InputError(f"cannot read {spec!r}: it is a {type(found).__name__}, not an API description", hint)


@contextmanager
def _current_folder_importable() -> Generator[None]:
    folder = os.getcwd()  # noqa: PTH109  # sys.path holds strings
    sys.path.insert(0, folder)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        if folder in sys.path:
            sys.path.remove(folder)


def _did_you_mean(name: str, choices: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(choices), n=3, cutoff=0.5)
    return f"did you mean {' or '.join(repr(choice) for choice in close)}?" if close else ""
