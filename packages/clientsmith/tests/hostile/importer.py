"""Import generated packages and note what they do beside: ``importer.py TRUSTED_SRC SRC …``, JSON on stdout.

The runtime, and a first package that is trusted, are imported unwatched, with all that they compile, read and write.
From then on everything but reading the packages' own files is noted.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import clientsmith.core

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
NOTED = (
    "ctypes.", "fcntl.", "ftplib.", "http.client.", "os.chmod", "os.chown", "os.exec", "os.fork", "os.kill", "os.link", "os.mkdir",
    "os.posix_spawn", "os.putenv", "os.remove", "os.rename", "os.rmdir", "os.spawn", "os.symlink", "os.system", "os.truncate",
    "os.unsetenv", "pickle.", "pty.", "shutil.", "smtplib.", "socket.", "subprocess.", "tempfile.", "urllib.", "webbrowser.",
)  # fmt: skip

noted: list[str] = []
watched: tuple[str, ...] = ()


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not watched:
        return
    if event == "open":
        path, mode, flags = arguments
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & WRITING):
            noted.append(f"open {path!r} {mode!r}")
    elif event == "compile":
        if not str(arguments[1]).startswith(watched):
            noted.append(f"compile {arguments[1]!r}: {arguments[0]!r:.80}")
    elif event == "exec":
        if not arguments[0].co_filename.startswith(watched):
            noted.append(f"exec of {arguments[0].co_filename!r}")
    elif event.startswith(NOTED):
        noted.append(f"{event} {arguments!r:.100}")


def import_all(source: str) -> list[str]:
    """Import every module below ``source``, and return those that failed, with the reason."""
    sys.path.insert(0, source)
    failed: list[str] = []
    for path in sorted(Path(source).rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        try:
            module = importlib.import_module(name)
            for public in getattr(module, "__all__", ()):
                getattr(module, public)  # packages are lazy
        except BaseException as problem:
            failed.append(f"{name}: {type(problem).__name__}: {problem}")
    sys.path.remove(source)
    return failed


def import_runtime() -> None:
    for found in pkgutil.walk_packages(clientsmith.core.__path__, "clientsmith.core."):
        with suppress(ImportError):  # of an extra that is not installed
            importlib.import_module(found.name)


def main() -> None:
    global watched
    sys.dont_write_bytecode = True
    trusted, *sources = sys.argv[1:]
    import_runtime()
    failed = import_all(trusted)
    sys.addaudithook(hook)
    watched = tuple(sources)
    for source in sources:
        failed += import_all(source)
    watched = ()
    print(json.dumps({"noted": noted, "failed": failed, "modules": len(sys.modules)}))


if __name__ == "__main__":
    main()
