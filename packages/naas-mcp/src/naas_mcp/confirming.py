"""Asking the person in front of the assistant before something is changed.

The question is a dependency of the tool (the SDK's ``Resolve``), not a call in its middle: so it reaches the person in
every version of the protocol, in those where the server asks the client back and in those (2026-07-28) where the call
ends with a question and is made again with the answer. In the latter the question is made anew when the answer comes;
if it reads differently by then, for the device was changed meanwhile, the person is asked again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from mcp.server.elicitation import AcceptedElicitation
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.resolve import Elicit
from pydantic import BaseModel, Field

from .settings import Confirmation, McpSettings

if TYPE_CHECKING:
    from mcp.server.elicitation import ElicitationResult
    from mcp.server.mcpserver import Context

__all__ = ["Consent", "require_yes", "wanted"]


class Consent(BaseModel):
    """What the person is asked for."""

    confirm: bool = Field(title="Do it", description="Whether this is done.")


async def wanted(
    settings: McpSettings, context: Context[Any, Any], question: Callable[[], Awaitable[str]]
) -> Elicit[Consent] | Consent:
    """Return the question for the person, or the consent if nobody is to be asked here.

    Raises:
        ToolError: They cannot be asked.
    """
    if settings.confirmation is Confirmation.NEVER:
        return Consent(confirm=True)
    if not _can_ask(context):
        raise ToolError(
            "nothing was changed: this needs the consent of a person, and your program cannot ask for it (it does not "
            "offer elicitation by form); use a program that can, or let the person who runs naas-mcp choose "
            "--confirm never"
        )
    return Elicit(await question(), Consent)


def require_yes(answer: ElicitationResult[Consent]) -> None:
    """Return if the person said yes.

    Raises:
        ToolError: They said no, or did not answer.
    """
    if isinstance(answer, AcceptedElicitation):
        if answer.data.confirm:
            return
        raise ToolError("nothing was changed: the person said no; do not ask again unless they want it")
    if answer.action == "decline":
        raise ToolError("nothing was changed: the person declined; do not ask again unless they want it")
    raise ToolError("nothing was changed: the person closed the question without an answer")


def _can_ask(context: Context[Any, Any]) -> bool:
    capabilities = context.client_capabilities
    elicitation = None if capabilities is None else capabilities.elicitation
    if elicitation is None:
        return False
    # An empty capability is that of programs from before there were two kinds: by form.
    return elicitation.form is not None or elicitation.url is None
