"""Set the workspace up in .venv, with nothing but Python 3.11 or newer and pip.

    python3 tools/bootstrap.py

Installs the exact, hash-checked versions of requirements.lock, then the members of the workspace in editable form. A
uv on the path that is new enough does the same in a second; without one pip does it. Running it again is cheap: it
stops at once when the lock and the members are what was installed before.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "workspace.stamp"
LOCK = ROOT / "requirements.lock"
MEMBERS = sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))
# Extras whose requirements the lock holds; the members themselves are installed without resolving anything.
OLDEST_PYTHON = (3, 11)


def fingerprint() -> str:
    """Return a digest of everything that decides what gets installed."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (LOCK, ROOT / "pyproject.toml", *(member / "pyproject.toml" for member in MEMBERS)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def usable_uv() -> str | None:
    """Return a uv that is new enough for this workspace, None if there is none."""
    found = shutil.which("uv")
    if found is None:
        return None
    wanted = re.search(r'required-version = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+(?:\.\d+)+)", said)
    if wanted is None or version is None or _numbers(version[1]) < _numbers(wanted[1]):
        return None
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def run(*command: str) -> None:
    """Run a command; a failure ends the setup with the command that failed."""
    finished = subprocess.run(command, cwd=ROOT, check=False)
    if finished.returncode:
        sys.exit(f"setup failed: `{' '.join(command[:6])} …` ended with {finished.returncode}; see its output above")


def install(uv: str | None) -> None:
    """Install the lock, then the members."""
    editables = [argument for member in MEMBERS for argument in ("-e", str(member.relative_to(ROOT)))]
    if uv:
        run(uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--require-hashes", "-r", str(LOCK))
    else:
        run(str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK))
        uv = str(VENV / "bin" / "uv")  # the lock holds uv itself
    # The build backend comes from the lock too: no isolation, no second resolution, nothing unpinned.
    run(uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--no-deps", "--no-build-isolation", *editables)


def main() -> int:
    """Set up, or say that there is nothing to do."""
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"Python {oldest} or newer is needed, this is {sys.version.split()[0]}; run with another python3")
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == fingerprint():
        return 0
    uv = usable_uv()
    print(f"setting up .venv with {'uv' if uv else 'pip'} (exact versions of requirements.lock) …", flush=True)
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    install(uv)
    STAMP.write_text(fingerprint(), encoding="utf-8")
    print("ready: .venv", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
