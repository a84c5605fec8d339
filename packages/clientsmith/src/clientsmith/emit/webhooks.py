"""``webhooks.py``: what the service sends to its users, as a function for each message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clientsmith.emit.code import NONE, Code, Symbol, builtin, call, dictionary, indexed, local, union, value
from clientsmith.emit.docstring import Docstring, Entry
from clientsmith.emit.statements import Argument, Function, Module, return_
from clientsmith.emit.text import headline, one_line, public_name
from clientsmith.emit.types import View, through
from clientsmith.model.ir import Api, Webhook

__all__ = ["webhooks_module"]

_CORE: Final = "clientsmith.core.webhooks"
_MAPPING: Final = Symbol("collections.abc", "Mapping").code
_STRING: Final = builtin("str")
# Said once for all functions: a service may have hundreds of messages.
_ABOUT: Final = """\
Each function takes the body of a request byte for byte as it came, its header fields, and the verifier that checks the
signature, see `clientsmith.core.webhooks`; None checks nothing, and then anybody can send one.

They raise `SignatureError` where the message is not signed as the service signs it (answer it with 400), and
`ValueError` where the body is not what it says it is.
"""
# By the scheme's name in the IR: the class, and what it is made with beside the secrets.
_VERIFIERS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "standard": ("StandardWebhooks", {}),
    "svix": ("StandardWebhooks", {"prefix": "svix-"}),
    "stripe": ("StripeWebhooks", {}),
    "github": ("GitHubWebhooks", {}),
}


def webhooks_module(api: Api, header: tuple[str, ...]) -> Module:
    """The module; a package without webhooks has none."""
    view = View(api.shapes, through(Symbol(".", "models", "_models")))
    functions = [_parser(one, view) for one in sorted(api.webhooks, key=lambda one: one.name)]
    functions += [*_any_parser(api, view), *_verifier(api)]
    summary = f"What {one_line(api.title)} sends to its users, as typed messages"
    return Module(Docstring(summary, _ABOUT), tuple(functions), header)


def _arguments() -> tuple[Argument, ...]:
    verifier = union(Symbol(_CORE, "WebhookVerifier").code, NONE)
    return (
        Argument("body", builtin("bytes")),
        Argument("headers", indexed(_MAPPING, _STRING, _STRING)),
        Argument("verifier", verifier, kind="keyword"),
    )


def _parser(webhook: Webhook, view: View) -> Function:
    text = (
        webhook.summary
        if webhook.summary.strip() == webhook.description.strip()
        else (f"{webhook.summary}\n\n{webhook.description}".strip())
    )
    summary, description = headline(text or f"Read the message ``{one_line(webhook.key)}``")
    keywords = {"media_type": value(webhook.media_type)} if webhook.media_type not in ("", "application/json") else {}
    given = (local("body"), local("headers"), local("verifier"))
    read = call(Symbol(_CORE, "read_message").code, view.codec(webhook.shape) or NONE, *given, **keywords)
    return Function(
        public_name(webhook.name),
        _arguments(),
        view.annotation(webhook.shape),
        (return_(read),),
        Docstring(summary, description),
    )


def _any_parser(api: Api, view: View) -> Iterator[Function]:
    """``parse_event``: where a member tells all messages apart."""
    told = sorted((one for one in api.webhooks if one.event is not None), key=lambda one: one.name)
    if not told or told[0].event is None:
        return
    member = told[0].event[0]
    codecs: dict[str | int, Code] = {
        name: view.codec(one.shape) or NONE for one in told for name in (one.event[1] if one.event else ())
    }
    union_of = call(Symbol("clientsmith.core.serialization", "union_of").code, value(member), dictionary(codecs))
    read = call(Symbol(_CORE, "read_message").code, union_of, local("body"), local("headers"), local("verifier"))
    known = union(
        *(view.annotation(one.shape) for one in told), indexed(builtin("dict"), _STRING, Symbol("typing", "Any").code)
    )
    summary = f"Read any message: its ``{one_line(member)}`` says which one it is. One that is not known is a dict"
    docstring = Docstring(summary)
    yield Function("parse_event", _arguments(), known, (return_(read),), docstring)


def _verifier(api: Api) -> Iterator[Function]:
    """``verifier(secrets)``: where the document names the header of a scheme that we know."""
    schemes = {one.signature for one in api.webhooks if one.signature}
    if len(schemes) != 1:
        return
    name, keywords = _VERIFIERS[schemes.pop()]
    kind = Symbol(_CORE, name).code
    secrets = union(_STRING, indexed(Symbol("collections.abc", "Iterable").code, _STRING))
    about = (Entry("secrets", "What the service signs with: one, or several while it is replaced."),)
    made = call(kind, local("secrets"), **{key: value(told) for key, told in keywords.items()})
    docstring = Docstring("Make what checks the signatures of this service's messages", arguments=about)
    yield Function("verifier", (Argument("secrets", secrets),), kind, (return_(made),), docstring)
