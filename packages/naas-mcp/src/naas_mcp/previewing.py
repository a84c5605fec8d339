"""What would change: the dry run that stands in the question to the person, where the platform can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from clientsmith.core.errors import ClientsmithError
from mcp.server.mcpserver.exceptions import ToolError

from .bounding import shortened, visible
from .errors import errors_told, told

if TYPE_CHECKING:
    from naas_client.aio import NaasClient

    from .callers import Callers
    from .settings import McpSettings

__all__ = ["can_dry_run", "config_question", "require_dry_runs"]

_ABLE: Final = frozenset({"juniper", "juniper_junos", "arista_eos", "cisco_xr"})
"""Platforms with a candidate that can be looked at and dropped, as naas knows them; a test compares."""

_MOST_SHOWN: Final = 8_000
"""Characters of a difference that a person is shown: what is longer, nobody reads in a dialog."""


def can_dry_run(platform: str) -> bool:
    """Whether NAAS can try a configuration out there without changing anything."""
    return platform.removesuffix("_ssh").removesuffix("_telnet") in _ABLE


async def require_dry_runs(callers: Callers, client: NaasClient) -> None:
    """Return if the server has dry runs.

    Raises:
        ToolError: It is older, and would take the dry run for the real change.
        ClientsmithError: It does not answer.
    """
    if not await callers.knows_dry_runs(client):
        raise ToolError("nothing was sent: this NAAS is older than 2.3 and has no dry run")


async def config_question(
    callers: Callers,
    client: NaasClient,
    settings: McpSettings,
    config: Sequence[str],
    place: Mapping[str, Any],
    *,
    save: bool,
    commit: bool,
) -> str:
    """Return what the person is asked before a configuration is changed: where, what, and what it would do.

    Raises:
        ToolError: The device refuses it already when it is tried out, so there is nothing to ask.
    """
    with errors_told():
        target, platform = await _target(client, place)
    endings = [text for wish, text in ((commit, "committed"), (save, "saved")) if wish]
    ending = f"\n\nIt is then {' and '.join(endings)}." if endings else ""
    lines = "\n".join(f"  {_one_line(line)}" for line in config)
    preview = await _preview(callers, client, settings, config, place, platform)
    return f"Change the configuration of {target}?\n\n{lines}{ending}\n\n{preview}"


def _one_line(text: str) -> str:
    """Return the text without line ends, so that no argument can write the rest of the question by itself."""
    return visible(text).replace("\n", "\\n")


async def _target(client: NaasClient, place: Mapping[str, Any]) -> tuple[str, str]:
    """Return the device as the person is told it, and its platform: of the inventory what it holds, not its name."""
    if "device" not in place:
        return _one_line(f"{place['host']} (port {place['port']})"), str(place["platform"])
    device = await client.get_device(place["device"])
    return _one_line(f"{device.name} ({device.host})"), str(device.platform)


async def _preview(
    callers: Callers,
    client: NaasClient,
    settings: McpSettings,
    config: Sequence[str],
    place: Mapping[str, Any],
    platform: str,
) -> str:
    if not can_dry_run(platform):
        return f"There is no preview: the platform {_one_line(platform)} cannot show what would change."
    try:
        if not await callers.knows_dry_runs(client):
            return "There is no preview: this NAAS is older than 2.3."
        poller = await client.begin_send_config(config=config, dry_run=True, **place)
        diff = (await poller.result(timeout=settings.job_timeout)).diff
    except ClientsmithError as error:
        raise ToolError(f"nothing was changed, for the dry run failed. {told(error)}") from error
    if not diff:
        return "The device says that this would change nothing."
    return f"The device says that this would change:\n\n{shortened(visible(diff), _MOST_SHOWN)}"
