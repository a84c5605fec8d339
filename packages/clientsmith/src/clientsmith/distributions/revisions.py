"""Folders and files of git, at a revision: exported beside the working copy, which is never touched."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from typing import Final

from clientsmith.core.redaction import redact_url
from clientsmith.findings import InputError

from .archives import unpack_tar
from .references import AtRevision, InRepository

__all__ = ["export", "fetch"]

# A fetch of one revision of the largest repository that we know takes a minute; whoever waits longer waits for nobody.
_SECONDS: Final = 300
_GIT_MISSING: Final = "install git, or give a folder, a wheel or an sdist"


def export(at: AtRevision, into: Path) -> Path:
    """Write what the revision has into a folder, and return the place of the path in it.

    All of the revision is written: a project's folder refers to files above it, and a document to its neighbours.

    Raises:
        InputError: No git, no repository around the current folder, no such revision, or no such path in it.
    """
    hint = "run it inside of the repository, or give a folder, a wheel or an sdist"
    root = Path(_asked("rev-parse", "--show-toplevel", what="find the repository around the current folder", hint=hint))
    path = _path_in(root, at)
    what = f"read revision {at.revision!r}"
    commit = _asked(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{at.revision}^{{commit}}",
        what=what, hint="`git log` and `git tag` tell which there are; a shallow clone may not have it",
    )  # fmt: skip
    if path != ".":
        hint = f"`git ls-tree -r --name-only {at.revision}` tells which it has"
        _asked("cat-file", "-e", f"{commit}:{path}", what=f"find {path!r} at {at.revision!r}", hint=hint)
    _archive(root, commit, path, into)
    return into / path


def fetch(wanted: InRepository, into: Path) -> Path:
    """Fetch one revision of another repository, and return the folder that is asked for.

    Raises:
        InputError: No git, the repository cannot be reached, or has no such revision or folder.
    """
    clone, tree = into / "clone", into / "tree"
    shown = redact_url(wanted.url)
    what = f"fetch {wanted.revision or 'HEAD'!r} from {shown}"
    hint = "check the URL, the revision and your right to read it"
    _asked("init", "--quiet", "--bare", str(clone), what=what)
    _asked(
        "-C", str(clone), "fetch", "--quiet", "--depth", "1", "--no-tags", "--", wanted.url, wanted.revision or "HEAD",
        what=what, hint=hint, secret=wanted.url,
    )  # fmt: skip
    commit = _asked("-C", str(clone), "rev-parse", "--verify", "FETCH_HEAD^{commit}", what=what, hint=hint)
    _archive(clone, commit, ".", tree)
    folder = tree / (wanted.subdirectory or ".")
    if not folder.is_dir():
        raise InputError(f"{shown} has no folder {wanted.subdirectory!r} at {wanted.revision or 'HEAD'}")
    return folder


def _path_in(root: Path, at: AtRevision) -> str:
    """Return the path from the root of the repository, as git writes it."""
    if not at.from_here and not Path(at.path).is_absolute():
        path = PurePosixPath(os.path.normpath(at.path))
    else:
        whole = Path(os.path.normpath(Path.cwd() / at.path))
        if not whole.is_relative_to(root):
            raise InputError(f"cannot read {at.path!r} at {at.revision!r}: it is outside of the repository {root}")
        path = PurePosixPath(whole.relative_to(root).as_posix())
    if ".." in path.parts:
        raise InputError(f"cannot read {at.path!r} at {at.revision!r}: it is outside of the repository {root}")
    return str(path)


def _archive(repository: Path, commit: str, path: str, into: Path) -> None:
    """Unpack a tree. Attributes that leave files out of releases (``export-ignore``) hold here, too."""
    into.mkdir(parents=True, exist_ok=True)
    with TemporaryFile() as file:
        command = ["git", "-C", str(repository), "archive", "--format=tar", commit, "--", path]
        try:
            result = subprocess.run(
                command, stdout=file, stderr=subprocess.PIPE, timeout=_SECONDS, check=False, env=_environment()
            )
        except subprocess.TimeoutExpired:
            raise InputError(f"cannot export {commit[:12]}: git did not answer for {_SECONDS} s") from None
        if result.returncode:
            raise InputError(f"cannot export {commit[:12]}: {_last_line(result.stderr.decode(errors='replace'))}")
        file.seek(0)
        try:
            unpack_tar(file, into, f"git archive {commit[:12]}")
        except tarfile.TarError as problem:
            raise InputError(f"cannot export {commit[:12]}: {problem}") from problem


def _asked(*arguments: str, what: str, hint: str = "", secret: str = "") -> str:
    """Return what git says; its last words where it refuses."""
    try:
        result = subprocess.run(
            ["git", *arguments], capture_output=True, text=True, timeout=_SECONDS, check=False, env=_environment()
        )
    except FileNotFoundError:
        raise InputError(f"cannot {what}: there is no git", _GIT_MISSING) from None
    except subprocess.TimeoutExpired:
        raise InputError(f"cannot {what}: git did not answer for {_SECONDS} s", hint) from None
    if result.returncode:
        said = _last_line(result.stderr)
        if secret:
            said = said.replace(secret, redact_url(secret))
        raise InputError(
            f"cannot {what}" + (f": {said}" if said else ": there is none"), hint or "`git status` may tell more"
        )
    return result.stdout.strip()


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("fatal:")), lines[-1] if lines else "").removeprefix(
        "fatal: "
    )


def _environment() -> dict[str, str]:
    # Nobody is there to type a password, and protocols that run commands (ext::) are none of ours.
    return os.environ | {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:http:ssh:file:git", "LC_ALL": "C"}
