"""The tools that change something: only there if the operator allowed them, and a person says yes each time."""

# The consent of a call is found by the annotation of a parameter, which names a function of this very server; so the
# annotations here are values and not texts (no `from __future__ import annotations`).
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, Literal

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp.types import ToolAnnotations
from pydantic import Field

from .answers import JobAnswer, KeyAnswer, job_id_of
from .arguments import ContextName, Credential, Device, Host, Line, Platform, Port, place_of
from .callers import Callers
from .confirming import Consent, require_yes, wanted
from .errors import errors_told
from .previewing import config_question, require_dry_runs
from .settings import McpSettings
from .working import job_outcome, submitted

__all__ = ["add_changing_tools"]

_CHANGES: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=True
)
_CANCELS: Final = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True
)

Config = Annotated[list[Line], Field(min_length=1, max_length=500, description="Configuration lines, in order.")]
DryRun = Annotated[bool, Field(description="Change nothing, only show what would change, where the platform can.")]
Save = Annotated[bool, Field(description="Save the configuration afterwards, so that it outlives a restart.")]
Commit = Annotated[bool, Field(description="Commit, on platforms that have a commit.")]
KeyName = Annotated[str, Field(min_length=1, max_length=128, description="What the key is for.")]
Role = Literal["viewer", "operator", "admin"]
KeyId = Annotated[str, Field(min_length=1, max_length=64, description="The id of the key, not its secret.")]
Asked = Elicit[Consent] | Consent


def add_changing_tools(server: MCPServer[Any], settings: McpSettings, callers: Callers) -> None:
    """Give the server those tools that the settings allow."""
    if settings.allow_config:
        _add_config(server, settings, callers)
        _add_cancel(server, callers)
    if settings.allow_keys:
        _add_keys(server, settings, callers)


def _add_config(server: MCPServer[Any], settings: McpSettings, callers: Callers) -> None:
    async def consent(
        context: Context[Any, Any],
        config: list[str],
        host: str | None,
        device: str | None,
        platform: str,
        port: int,
        context_name: str,
        credential: str | None,
        dry_run: bool,
        save_config: bool,
        commit: bool,
    ) -> Asked:
        place = place_of(callers, host, device, platform, port, context_name, credential)
        if dry_run:
            return Consent(confirm=True)

        async def question() -> str:
            async with callers.client() as client:
                return await config_question(callers, client, settings, config, place, save=save_config, commit=commit)

        return await wanted(settings, context, question)

    @server.tool(annotations=_CHANGES)
    async def send_config(
        context: Context[Any, Any],
        config: Config,
        answer: Annotated[ElicitationResult[Consent], Resolve(consent)],
        host: Host = None,
        device: Device = None,
        platform: Platform = "autodetect",
        port: Port = 22,
        context_name: ContextName = "default",
        credential: Credential = None,
        dry_run: DryRun = False,
        save_config: Save = False,
        commit: Commit = False,
    ) -> JobAnswer:
        """Change the configuration of one device, after a person has said yes; returns what changed as `diff`."""
        require_yes(answer)
        place = place_of(callers, host, device, platform, port, context_name, credential)
        wish: dict[str, Any] = {"save_config": save_config, "commit": commit}
        async with callers.client() as client:
            with errors_told():
                if dry_run:
                    await require_dry_runs(callers, client)
                    wish = {"dry_run": True}
                elif await callers.knows_dry_runs(client):
                    wish["diff"] = True
                poller = await submitted(client.begin_send_config(config=config, **wish, **place))
            return await job_outcome(client, poller, context, settings, steps=1)


def _add_cancel(server: MCPServer[Any], callers: Callers) -> None:
    # Nobody is asked: what is cancelled is not begun, or ends after its present command; a person who is asked first
    # would often say yes too late.
    @server.tool(annotations=_CANCELS)
    async def cancel_job(job_id: Annotated[str, Field(max_length=64, description="The id of the job.")]) -> str:
        """Cancel a job: at once if it waits, before its next command if it runs."""
        with errors_told():
            async with callers.client() as client:
                await client.cancel_job(job_id_of(job_id))
        return f"job {job_id_of(job_id)} is cancelled, or was asked to stop"


def _add_keys(server: MCPServer[Any], settings: McpSettings, callers: Callers) -> None:
    async def consent_to_make(context: Context[Any, Any], name: str, role: Role) -> Asked:
        return await wanted(settings, context, _saying(f"Make an API key {name!r} with the role {role}?"))

    @server.tool(annotations=_CHANGES)
    async def create_api_key(
        name: KeyName,
        answer: Annotated[ElicitationResult[Consent], Resolve(consent_to_make)],
        role: Role = "viewer",
    ) -> KeyAnswer:
        """Make an API key, after a person has said yes. Its token is shown once: give it to the person."""
        require_yes(answer)
        with errors_told():
            async with callers.client() as client:
                made = await client.create_api_key(api_key={"name": name, "role": role})
                return KeyAnswer(key_id=made.key_id, token=made.token)

    async def consent_to_revoke(context: Context[Any, Any], key_id: str) -> Asked:
        question = f"Revoke the API key {key_id!r}? Whoever uses it is locked out at once."
        return await wanted(settings, context, _saying(question))

    @server.tool(annotations=_CANCELS)
    async def revoke_api_key(
        key_id: KeyId, answer: Annotated[ElicitationResult[Consent], Resolve(consent_to_revoke)]
    ) -> str:
        """Revoke an API key, after a person has said yes: whoever uses it is locked out at once."""
        require_yes(answer)
        with errors_told():
            async with callers.client() as client:
                await client.delete_api_key(key_id)
        return f"the key {key_id} is revoked"


def _saying(text: str) -> Callable[[], Awaitable[str]]:
    async def question() -> str:
        return text

    return question
