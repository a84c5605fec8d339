"""A `naas-server serve` whose devices answer from a script, hostile answers among them. A process of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from naas import runtime
from naas.cli import main
from naas.testing import ScriptedDriver

if TYPE_CHECKING:
    from naas.config import Settings
    from naas.driver.base import DeviceDriver

SCRIPT = {
    "show same": "VLAN 1\nVLAN 2",
    "show markup": "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
    "show escapes": "\x1b[31mred\x1b[0m \x1b]0;title\x07end",
    "show much": "x" * 99 + "\n" + ("y" * 99 + "\n") * 20_000,
    "show lines": "\n".join(f"line {number}" for number in range(10_000)),
    "show running-config": "hostname lab",
}


def _scripted(settings: Settings) -> DeviceDriver:
    return ScriptedDriver(script=SCRIPT)


if __name__ == "__main__":
    runtime.make_driver = _scripted
    main()
