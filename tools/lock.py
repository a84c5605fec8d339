"""Keep requirements.lock, the committed lock: exact versions with hashes, and no host names.

    python tools/lock.py update     resolve again and rewrite requirements.lock
    python tools/lock.py check      fail if requirements.lock is not what pyproject.toml resolves to

uv.lock names the host that each file came from, so it is not committed. `exclude-newer` in pyproject.toml makes the
resolution repeatable, and this export holds the same pins and hashes. An index that a developer configures (a mirror,
a proxy) therefore never shows up in the repository.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
EXPORT = [
    *("export", "--frozen", "--all-packages", "--all-extras", "--all-groups", "--no-emit-workspace"),
    *("--no-header", "--no-annotate", "--format", "requirements.txt"),
]


def find_uv() -> str:
    """Return the uv to use: the environment's own, else the one on the path."""
    own = Path(sys.executable).with_name("uv")
    found = str(own) if own.exists() else shutil.which("uv")
    if found is None:
        sys.exit("uv is not installed; run `make setup` first")
    return found


def export() -> str:
    """Resolve the workspace and return the lock's text."""
    uv = find_uv()
    subprocess.run([uv, "lock", "--quiet"], cwd=ROOT, check=True)
    return subprocess.run([uv, *EXPORT], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def hosts_in(text: str) -> set[str]:
    """Return the hosts of all URLs in the text; there should be none."""
    return set(re.findall(r"https?://([^/\s\"']+)", text))


def main(arguments: list[str]) -> int:
    """Run `update` or `check`; the exit code is 0, 1 for a lock that is out of date, 2 for wrong usage."""
    if arguments not in (["update"], ["check"]):
        print(__doc__, file=sys.stderr)
        return 2
    fresh = export()
    if named := hosts_in(fresh):
        print(f"the export names {', '.join(sorted(named))}; a lock with a host is not written", file=sys.stderr)
        return 1
    if arguments == ["update"]:
        LOCK.write_text(fresh, encoding="utf-8")
        print(f"{LOCK.name}: {fresh.count('==')} packages")
        return 0
    if not LOCK.exists() or LOCK.read_text(encoding="utf-8") != fresh:
        print(f"{LOCK.name} is out of date; run `python tools/lock.py update` and commit it", file=sys.stderr)
        return 1
    print(f"{LOCK.name} is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
