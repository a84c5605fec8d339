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
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from tools.bootstrap import ROOT, run
from tools.lock import find_uv

FOLDER: Final = Path(os.environ.get("CLIENTSMITH_SERVERS") or ROOT / ".venv-servers").absolute()


@dataclass(frozen=True)
class Server:
    """A server that can be installed, and what has to be done once before it is started for the first time.

    Attributes:
        requirements: What to install; the first one is the server.
        files: Written to the folder ``state`` of its environment. In texts and commands ``{state}`` is that folder,
            ``{environment}`` the one around it, ``{user}`` and ``{group}`` are who runs this, as numbers.
        folders: Made below ``state``.
        commands: Run in their order, the first word from the environment's ``bin``.
    """

    requirements: tuple[str, ...]
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    folders: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()

    def digest(self, folder: Path) -> str:
        """Return a digest of everything that decides what gets installed."""
        pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        decides = (self, str(folder), sys.version, pyproject["tool"]["uv"]["exclude-newer"])
        return sha256(repr(decides).encode()).hexdigest()

    def prepare(self, folder: Path) -> None:
        """Make databases, keys and what else every start begins with; tests start from a copy."""
        state = folder / "state"
        values = {"state": state, "environment": folder, "user": os.getuid(), "group": os.getgid()}
        for name in self.folders:
            (state / name).mkdir(parents=True)
        for name, text in self.files.items():
            state.mkdir(exist_ok=True)
            (state / name).write_text(text.format(**values), encoding="utf-8")
        for program, *arguments in self.commands:
            command = [str(folder / "bin" / program), *(argument.format(**values) for argument in arguments)]
            finished = subprocess.run(command, capture_output=True, text=True, check=False)
            if finished.returncode:
                sys.exit(f"`{' '.join(command)}` ended with {finished.returncode}: {finished.stderr[-2000:]}")


# --- OpenStack: each over a database of its own in one file ----------------------------------------------------------

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

# Who may do what is asked of keystone, whose address a start fills in for @KEYSTONE@: its port is known only then.
ASKS_KEYSTONE: Final = """\
[keystone_authtoken]
auth_url = @KEYSTONE@/v3
www_authenticate_uri = @KEYSTONE@/v3
auth_type = password
username = admin
password = admin-password
project_name = admin
user_domain_id = default
project_domain_id = default
"""

NOVA_CONF: Final = (
    """\
[DEFAULT]
use_stderr = true
transport_url = fake://
state_path = {state}
[wsgi]
api_paste_config = {environment}/etc/nova/api-paste.ini
[api_database]
connection = sqlite:///{state}/api.db
[database]
connection = sqlite:///{state}/cell.db
"""
    + ASKS_KEYSTONE
)

GLANCE_CONF: Final = (
    """\
[DEFAULT]
use_stderr = true
enabled_backends = fs:file
[database]
connection = sqlite:///{state}/glance.db
[glance_store]
default_backend = fs
[fs]
filesystem_store_datadir = {state}/images
[os_glance_staging_store]
filesystem_store_datadir = {state}/staging
[os_glance_tasks_store]
filesystem_store_datadir = {state}/tasks
[paste_deploy]
flavor = keystone
config_file = {environment}/etc/glance/glance-api-paste.ini
"""
    + ASKS_KEYSTONE
)

# Nothing real is behind it, and nobody is asked who may do what.
IRONIC_CONF: Final = """\
[DEFAULT]
auth_strategy = noauth
rpc_transport = none
my_ip = 127.0.0.1
host = of-the-tests
enabled_hardware_types = fake-hardware
enabled_bios_interfaces = fake
enabled_boot_interfaces = fake
enabled_console_interfaces = fake
enabled_deploy_interfaces = fake
enabled_firmware_interfaces = fake
enabled_inspect_interfaces = fake
enabled_management_interfaces = fake
enabled_network_interfaces = noop
enabled_power_interfaces = fake
enabled_raid_interfaces = fake
enabled_rescue_interfaces = fake
enabled_storage_interfaces = noop
enabled_vendor_interfaces = fake
default_deploy_interface = fake
default_network_interface = noop
[database]
connection = sqlite:///{state}/ironic.db
[fake]
# Seconds: a power action takes its time, as it does for real hardware, and there is something to wait for.
power_delay = 1
"""

_KEYSTONE: Final = ("keystone-manage", "--config-file", "{state}/keystone.conf")
_OWNER: Final = ("--keystone-user", "{user}", "--keystone-group", "{group}")  # asked for when root runs it
_NOVA: Final = ("nova-manage", "--config-file", "{state}/nova.conf")

SERVERS: Final = {
    "devpi": Server(
        ("devpi-server==6.20.3",),
        # An administrator, and no mirror of any index.
        commands=(("devpi-init", "--serverdir", "{state}", "--no-root-pypi", "--root-passwd", "root-password"),),
    ),
    "glance": Server(
        ("glance==33.0.0", "waitress==3.0.2"),
        {"glance-api.conf": GLANCE_CONF},
        ("images", "staging", "tasks"),
        (("glance-manage", "--config-file", "{state}/glance-api.conf", "db_sync"),),
    ),
    "ironic": Server(
        ("ironic==39.0.0", "waitress==3.0.2"),
        {"ironic.conf": IRONIC_CONF},
        (),
        (("ironic-dbsync", "--config-file", "{state}/ironic.conf", "create_schema"),),
    ),
    "keystone": Server(
        ("keystone==30.0.0", "waitress==3.0.2"),
        {"keystone.conf": KEYSTONE_CONF},
        ("fernet-keys", "receipt-keys", "credential-keys"),
        (
            (*_KEYSTONE, "db_sync"),
            (*_KEYSTONE, "fernet_setup", *_OWNER),
            (*_KEYSTONE, "receipt_setup", *_OWNER),
            (*_KEYSTONE, "credential_setup", *_OWNER),
            (*_KEYSTONE, "bootstrap", "--bootstrap-password", "admin-password"),
        ),
    ),
    "kinto": Server(("kinto==26.5.0", "waitress==3.0.2")),
    "nova": Server(
        ("nova==34.0.0", "waitress==3.0.2"),
        {"nova.conf": NOVA_CONF},
        (),
        (
            (*_NOVA, "api_db", "sync"),
            (*_NOVA, "cell_v2", "map_cell0", "--database_connection", "sqlite:///{state}/cell.db"),
            (*_NOVA, "db", "sync"),
        ),
    ),
    "placement": Server(("openstack-placement==16.0.0", "waitress==3.0.2")),
    "proxpi": Server(("proxpi==1.3.1", "waitress==3.0.2")),
    "pypiserver": Server(("pypiserver==2.4.2", "waitress==3.0.2")),
    "simpleindex": Server(("simpleindex==0.6.3",)),
}


def install(name: str) -> None:
    """Make the environment of one server, unless it is there already."""
    server, folder = SERVERS[name], FOLDER / name
    python, stamp = folder / "bin" / "python", folder / "server.stamp"
    digest = server.digest(folder)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return
    uv, began = find_uv(), time.perf_counter()
    print(f"{name}: setting up …", end="", flush=True)
    run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder))
    run(uv, "pip", "install", "--quiet", "--python", str(python), *server.requirements)
    server.prepare(folder)
    stamp.write_text(digest, encoding="utf-8")
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
