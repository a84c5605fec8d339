"""Install servers that nobody here wrote, for the tests that talk to them through generated clients.

    python -m tools.servers install placement
    python -m tools.servers install keystone placement kinto

Each gets an environment of its own below `.venv-servers` (another folder: the variable CLIENTSMITH_SERVERS), for none
of them shares our dependencies. Versions are pinned here, what they stand on by `exclude-newer` in pyproject.toml.
Running it again is cheap: an environment is made anew only when something here changed. Nothing is started; the tests
do that.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from tools.bootstrap import ROOT, run
from tools.lock import find_uv

FOLDER: Final = Path(os.environ.get("CLIENTSMITH_SERVERS") or ROOT / ".venv-servers").absolute()


@dataclass(frozen=True)
class Server:
    """A server that can be installed, and what has to be done once before it is started for the first time."""

    requirements: tuple[str, ...]
    prepare: Callable[[Path], None] = lambda folder: None


KEYSTONE_CONF: Final = """\
[database]
connection = sqlite:///{state}/keystone.db
[fernet_tokens]
key_repository = {state}/fernet-keys
[fernet_receipts]
key_repository = {state}/receipt-keys
[credential]
key_repository = {state}/credential-keys
[cache]
enabled = false
[identity]
# As few as it takes: its tests sign in all the time, and the default makes each a third of a second of computing.
password_hash_rounds = 4
"""


def prepare_keystone(folder: Path) -> None:
    """Make its database and its keys, with one administrator: half a minute, which every test then starts from."""
    state = folder / "state"
    for name in ("fernet-keys", "receipt-keys", "credential-keys"):
        (state / name).mkdir(parents=True)
    configuration = state / "keystone.conf"
    configuration.write_text(KEYSTONE_CONF.format(state=state), encoding="utf-8")
    manage = [str(folder / "bin" / "keystone-manage"), "--config-file", str(configuration)]
    # It insists on being told whose the keys are when root runs it.
    owner = ["--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid())]
    for arguments in (
        ["db_sync"],
        ["fernet_setup", *owner],
        ["receipt_setup", *owner],
        ["credential_setup", *owner],
        ["bootstrap", "--bootstrap-password", "admin-password"],
    ):
        finished = subprocess.run([*manage, *arguments], capture_output=True, text=True, check=False)
        if finished.returncode:
            sys.exit(f"keystone-manage {arguments[0]} ended with {finished.returncode}: {finished.stderr[-2000:]}")


SERVERS: Final = {
    "keystone": Server(("keystone==30.0.0", "waitress==3.0.2"), prepare_keystone),
    "kinto": Server(("kinto==26.5.0", "waitress==3.0.2")),
    "placement": Server(("openstack-placement==16.0.0", "waitress==3.0.2")),
}


def install(name: str) -> None:
    """Make the environment of one server, unless it is there already."""
    server, folder = SERVERS[name], FOLDER / name
    python, stamp = folder / "bin" / "python", folder / "server.stamp"
    source = Path(__file__).read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    state = sha256(source + str(folder).encode() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == state:
        return
    uv, began = find_uv(), time.perf_counter()
    print(f"{name}: setting up …", end="", flush=True)
    run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    run(uv, "pip", "install", "--quiet", "--python", str(python), *server.requirements)
    server.prepare(folder)
    stamp.write_text(state, encoding="utf-8")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f" {time.perf_counter() - began:.1f} s, {size / 2**20:.0f} MiB", flush=True)


def main(arguments: list[str]) -> int:
    """Install the servers named; the exit code is 2 for wrong usage."""
    names = arguments[1:]
    if arguments[:1] != ["install"] or not names or not set(names) <= SERVERS.keys():
        print(f"{__doc__}\nservers: {', '.join(SERVERS)}", file=sys.stderr)
        return 2
    for name in names:
        install(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
