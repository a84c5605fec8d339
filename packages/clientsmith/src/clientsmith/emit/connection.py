"""``from_connection_string``: a client made of an endpoint and a secret in one text (client-connection-string)."""

from __future__ import annotations

from typing import Final

from clientsmith.emit.code import Code, Symbol, builtin, call, local
from clientsmith.emit.docstring import Docstring, Entry
from clientsmith.emit.functions import options_argument
from clientsmith.emit.security import needs_credential
from clientsmith.emit.statements import Argument, AssignTogether, Function, return_
from clientsmith.model.ir import Api
from clientsmith.model.security import alternatives

__all__ = ["connection_factory"]

_CREDENTIALS: Final = "clientsmith.core.credentials"
_KINDS: Final = {"key": "KeyCredential", "bearer": "KeyCredential", "basic": "BasicCredential"}


def connection_factory(api: Api, keywords: tuple[Argument, ...]) -> Function:
    """The class method; ``keywords`` are the constructor's own, which it hands on."""
    # A text has one secret: what needs several at once is given to the constructor.
    alone = [together[0].kind for together in alternatives(api) if len(together) == 1]
    names = dict.fromkeys(_KINDS[kind] for kind in alone if kind in _KINDS)
    kinds = [Symbol(_CREDENTIALS, name).code for name in names]
    if not needs_credential(api):
        kinds.append(Symbol("types", "NoneType").code)
    parsed = call(Symbol(_CREDENTIALS, "parse_connection_string").code, local("connection_string"), *kinds)
    handed = [Code((f"{item.name}=",)) + local(item.name) for item in keywords]
    made = call(local("cls"), local("endpoint"), local("credential"), *handed, Code(("**options",)))
    return Function(
        "from_connection_string",
        (Argument("cls"), Argument("connection_string", builtin("str")), *keywords, options_argument("ClientOptions")),
        Symbol("typing", "Self").code,
        (AssignTogether(("endpoint", "credential"), parsed), return_(made)),
        _docstring(),
        decorators=(builtin("classmethod"),),
    )


def _docstring() -> Docstring:
    return Docstring(
        "Make a client of an endpoint and a secret in one text.",
        "The other arguments are those of the constructor.",
        arguments=(Entry("connection_string", "``Endpoint=https://…;AccessKey=…``, as a portal or a vault gives it."),),
        raises=(Entry("ArgumentError", "A part is missing or of no use here; the message holds nothing of the text."),),
    )
