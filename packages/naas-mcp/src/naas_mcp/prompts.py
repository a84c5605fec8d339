"""The prompts: ways of working that people ask for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

__all__ = ["add_prompts"]


def add_prompts(server: MCPServer[Any], *, with_changes: bool) -> None:
    """Give the server its prompts; ``with_changes`` also those that change devices."""

    @server.prompt()
    def show_commands(host: str, platform: str = "autodetect", commands: str = "show version") -> str:
        """Run commands on a device and explain the output. `commands` are separated by commas."""
        lines = "\n".join(f"- {command.strip()}" for command in commands.split(",") if command.strip())
        return (
            f"Run these commands on {host} (platform {platform}) with `send_command`, then explain what they show, and "
            f"point out what looks wrong:\n{lines}"
        )

    @server.prompt()
    def troubleshoot_device(host: str, platform: str = "autodetect") -> str:
        """Look for what is wrong with a device."""
        return (
            f"Find out what is wrong with {host} (platform {platform}). Read only. Begin with its version, uptime, log "
            "and interfaces (`send_command_structured` gives records), then follow what you find: errors on "
            "interfaces, neighbours that are missing, routing, CPU and memory. Say what you saw, what it means, and "
            "what a person should do next."
        )

    @server.prompt()
    def compare_devices(devices: str, command: str = "show version") -> str:
        """Run one command on several devices and tell what differs. `devices` are separated by commas."""
        return (
            f"Run `{command}` on these devices with `send_command_to_many`: {devices}. Group them by what they answer, "
            "and tell in which lines the others differ from the majority, and whether that matters."
        )

    if with_changes:

        @server.prompt()
        def config_push(host: str, commands: str, platform: str = "autodetect", save: bool = False) -> str:
            """Change the configuration of a device, carefully. `commands` are separated by commas."""
            lines = "\n".join(command.strip() for command in commands.split(",") if command.strip())
            ending = "and save it" if save else "without saving it"
            return (
                f"Change the configuration of {host} (platform {platform}) {ending}. First show the part that changes "
                "with `send_command`, and try `dry_run` where the platform can. Then use `send_config` with these "
                "lines, check the `diff` that comes back, and verify with `send_command` that it has the wanted "
                f"effect:\n{lines}"
            )
