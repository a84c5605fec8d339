"""``README.md``: install, ten lines that run, then what a user asks next, shown by programs that run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clientsmith.emit.calls import sample_call
from clientsmith.emit.code import NONE, Code, Symbol, attribute, builtin, call, local, value
from clientsmith.emit.colour import ASYNC, SYNC, Colour
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.project import check_distribution
from clientsmith.emit.security import is_keystone, needs_credential, sample_credential
from clientsmith.emit.statements import Assign, Block, Compound, Evaluate, Function, Module, Statement, Try
from clientsmith.emit.text import WIDTH, headline, markdown, public_name, wrapped
from clientsmith.emit.versions import about_versions, is_negotiable
from clientsmith.model.error_classes import BASE, raised_for
from clientsmith.model.ir import Api, Group, Model, Ref
from clientsmith.model.names import METHOD_NAMES, snake_case
from clientsmith.model.security import alternatives

__all__ = ["readme"]


def readme(api: Api) -> str:
    """``README.md``: install, ten lines that run, credentials, errors, paging, pollers."""
    return "\n\n".join(_sections(api)) + "\n"


def _sections(api: Api) -> Iterator[str]:
    methods = methods_of(api)
    yield from _opening(api, methods)
    yield from _groups(api)
    yield from _credentials(api)
    yield from _versions(api)
    yield from _errors(api, methods)
    for heading, section in (
        (_first(methods, Kind.LIST), _paging),
        (_first(methods, Kind.BEGIN), _polling),
        (next((method for method in methods if method.operation.stream is not None), None), _streams),
        (next((method for method in methods if "etag" in method.conditions), None), _conditions),
    ):
        if heading is not None:
            yield section(heading)
    yield from _asynchronous(api, methods)
    yield _testing(api)
    yield _MORE


def _opening(api: Api, methods: list[Method]) -> Iterator[str]:
    distribution = check_distribution(api.distribution)
    yield f"# {distribution}"
    yield f"Python client library of {markdown(api.title)} {markdown(api.version)}.".replace("..", ".")
    summary, _ = headline(api.description)
    if summary:
        yield _paragraph(markdown(summary))
    yield f"```sh\npip install {distribution}          # with async: pip install '{distribution}[aio]'\n```"
    if methods:
        yield _fenced(_program(api, _friendliest(methods), SYNC))
    yield _paragraph(
        "Every method, model and enum is listed in [api.md](api.md). Every call takes `timeout=` (seconds, for the "
        "whole call with its retries), `max_retries=` and `headers=`; the client takes the same for all calls, and "
        "`proxy=`, `verify=` and more for its connections."
    )


def _first(methods: list[Method], kind: Kind) -> Method | None:
    return next((method for method in methods if method.kind is kind), None)


def _groups(api: Api) -> Iterator[str]:
    """How the client is divided, where it is."""
    if not api.root.groups:
        return
    rows = [f"| `client.{_reached(group)}` | {markdown(_about(group))} |" for group in api.root.groups]
    yield "\n".join(["## Groups", "", "| | |", "|---|---|", *rows])


def _reached(group: Group) -> str:
    return f"{group.attribute}({', '.join(item.name for item in group.bound)})" if group.bound else group.attribute


def _about(group: Group) -> str:
    summary, _ = headline(group.description)
    return summary or f"{sum(len(one.operations) for one in group.walk())} methods"


def _asynchronous(api: Api, methods: list[Method]) -> Iterator[str]:
    yield f"## Async\n\nThe async client has the same names, in `{api.package}.aio`."
    if methods:
        main = Function("main", (), NONE, (_program(api, _friendliest(methods), ASYNC),), is_async=True)
        start = Evaluate(call(attribute(Symbol("asyncio").code, "run"), call(local("main"))))
        yield _fenced(main, start)


def _streams(method: Method) -> str:
    return "## Streams\n\n" + _paragraph(
        f"`{method.name}` and its like return a stream: it sends nothing before it is read, and gives what comes piece "
        f"by piece. Use it in a `with` block (`async with` in the async client), or read it to its end."
    )


def _conditions(method: Method) -> str:
    return "## Conditional requests\n\n" + _paragraph(
        f"`{method.name}(..., etag=..., match_condition=...)` asks the service to go on only if the resource is as you "
        "know it: `MatchConditions`, from `clientsmith.core`, has the conditions. If somebody was faster, "
        "`ResourceModifiedError` is raised; if there is nothing new, `ResourceNotModifiedError`."
    )


def _friendliest(methods: list[Method]) -> Method:
    """The method to begin with: one that reads, and asks for little."""
    safe = [method for method in methods if method.operation.method.upper() == "GET"] or methods
    return min(safe, key=lambda item: (len(item.positional), item.kind is not Kind.LIST, item.name))


def _fenced(*statements: Statement) -> str:
    """A program in Markdown; the formatter lays it out with everything else."""
    source = Module(Docstring(""), statements).render().partition("annotations\n")[2].strip()
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))  # longer than any that stands in it
    return f"{fence}python\n{source}\n{fence}"


def _program(api: Api, method: Method, colour: Colour) -> Statement:
    """The client opened, the method called, its result shown."""
    endpoint = api.endpoint if api.endpoint.startswith(("http://", "https://")) else "https://service.example"
    arguments = [value(endpoint), *([sample_credential(api)] if _takes_credential(api, method) else [])]
    client = call(Symbol(f"{api.package}.aio" if colour.is_async else api.package, api.root.name).code, *arguments)
    return Compound(
        Code(("async " * colour.is_async, "with ")) + client + " as client", "client", _shown(method, colour)
    )


def _takes_credential(api: Api, method: Method) -> bool:
    return needs_credential(api) or bool(api.schemes_of(method.operation))


def _shown(method: Method, colour: Colour) -> Block:
    called = sample_call(method, local("client"))
    match method.kind:
        case Kind.LIST | Kind.EVENTS | Kind.LINES:
            item = _item_name(method)
            loop = Code(("async " * colour.is_async, f"for {item} in ")) + called
            return (Compound(loop, item, (_print(local(item)),)),)
        case Kind.BEGIN:
            poller = Assign("poller", colour.awaited(called))
            return (poller, _print(colour.awaited(call(attribute(local("poller"), "result")))))
        case Kind.DOWNLOAD:
            return (_print(call(builtin("len"), colour.awaited(call(attribute(called, "read"))))),)
        case Kind.CALL | Kind.EXISTS | Kind.HEADERS:
            called = colour.awaited(called)
            is_silent = method.result is None and method.kind is not Kind.HEADERS
            return (Evaluate(called) if is_silent else _print(called),)


def _item_name(method: Method) -> str:
    """What one thing of a list is called: after its model, if that can be the name of a variable here."""
    named = method.api.shapes.get(method.result.pointer) if isinstance(method.result, Ref) else None
    name = snake_case(named.name) if isinstance(named, Model) else "item"
    return "item" if name in METHOD_NAMES | {"client", "print", "asyncio", method.api.package} else name


def _print(*codes: Code) -> Statement:
    return Evaluate(call(builtin("print"), *codes))


def _credentials(api: Api) -> Iterator[str]:
    if not api.security_schemes:
        return
    ways = {"key": "`KeyCredential(key)`", "basic": "`BasicCredential(username, password)`"}
    bearer = "a `TokenCredential` of your own or, for a fixed token, `KeyCredential(token)`"
    named = [scheme for together in alternatives(api) for scheme in together] or api.security_schemes
    kinds = dict.fromkeys(ways.get(scheme.kind, bearer) for scheme in named)
    keystone = (
        " Credentials of `clientsmith.core.openstack` sign in at keystone and renew their tokens."
        if any(map(is_keystone, named))
        else ""
    )
    optional = " Without one the client calls what needs none." if api.security_optional else ""
    yield "## Credentials\n\n" + _paragraph(
        f"The client takes {', or '.join(kinds)}, from `clientsmith.core.credentials`. It is sent to the endpoint's "
        "origin only, never along a redirect to another one, and never shown in a repr, a log or an error."
        f"{keystone}{optional}"
    )


def _versions(api: Api) -> Iterator[str]:
    """How the client says its version. One that is only sent, and of which no method depends, needs no words."""
    has_lifetimes = any(operation.lifetime for operation in api.operations)
    if has_lifetimes or is_negotiable(api.api_version):
        yield "## Versions"
        yield from map(_paragraph, about_versions(api, has_lifetimes=has_lifetimes))


def _paragraph(text: str) -> str:
    return "\n".join(wrapped(text, WIDTH))


_ERRORS = """## Errors

Every answer that is not a success is raised: `ResourceNotFoundError` (404), `ClientAuthenticationError` (401),
`ResourceExistsError` (409), `ResourceModifiedError` (412), `RateLimitedError` (429), else `HttpResponseError`, which is
the base of them all. The error has `status_code`, `request_id` and, where the service documents one, the typed body as
`error.error`. A request that got no answer is a `TransportError`. Transient failures are tried again first."""


def _errors(api: Api, methods: list[Method]) -> Iterator[str]:
    yield _ERRORS
    if api.error_classes:
        yield _paragraph(
            f"Documented errors with a model are raised as classes of this package's own, in `{api.package}.errors`: "
            "each is a subclass of the one for its status, and its `error` is typed."
        )
    documented = [method for method in methods if method.kind is Kind.CALL and method.operation.errors]
    if not documented:
        return
    method, error = _friendliest([one for one in documented if _own_error(one)] or documented), local("error")
    own = _own_error(method)
    base = Symbol(api.package, own) if own else Symbol("clientsmith.core.errors", BASE)
    called = sample_call(method, local("client"))
    told = _print(*(attribute(error, name) for name in ("status_code", "request_id", "error")))
    yield _fenced(Try((Evaluate(called) if method.result is None else _print(called),), base.code, (told,), "error"))


def _own_error(method: Method) -> str:
    """The package's own class for errors of a method, "" if it raises none."""
    found = (raised_for(method.api, method.operation, response.status) for response in method.operation.errors)
    return next((public_name(classes[0].name) for classes in found if classes), "")


def _paging(method: Method) -> str:
    pages = Assign("pages", call(attribute(sample_call(method, local("client")), "by_page")))
    count = call(builtin("len"), call(builtin("list"), local("page")))
    shown = Evaluate(call(builtin("print"), count, attribute(local("pages"), "continuation_token")))
    loop = Compound(Code(("for page in pages",)), "page", (shown,))
    return f"""## Lists

`list_` methods return a pager. It sends nothing before it is iterated, and fetches the next page when it is needed.

{_fenced(pages, loop)}

Given to the method as `continuation_token=`, a token goes on after that page, also in another process."""


def _polling(method: Method) -> str:
    return f"""## Long running operations

`begin_` methods return a poller as soon as the service has accepted the request. `poller.result(timeout=300.0)` waits
for the end, and `poller.continuation_token()` can be stored and given to
`{method.name}(..., continuation_token=token)` by another process."""


def _testing(api: Api) -> str:
    asks = (
        " The client asks for the service's versions before its first call, so a script begins with the answer to that."
        if api.api_version.is_asked_for
        else ""
    )
    return "## Testing\n\n" + _paragraph(
        "Code that uses the client is tested without a network: `clientsmith.core.testing` has transports that answer "
        "from a script (`ScriptedTransport`), from recorded exchanges (`Cassette`) and with faults. "
        f"`{api.root.name}(..., transport=...)` takes them, and `{api.package}.aio` takes their async twins.{asks}"
    )


_MORE = """## Changing this library

Generated by clientsmith. The generated files are listed in `clientsmith.manifest.json` and are not edited; code of your
own goes into `_patch.py` beside them, which is never overwritten."""
