"""The files of a package that are not code of the client: pyproject, README, changelog, and what is written once.

These are text, so they are the one place with templates. What a document says enters them escaped for their format.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator

from clientsmith.emit.client import needs_credential
from clientsmith.emit.code import NONE, Code, Symbol, attribute, builtin, call, local, value
from clientsmith.emit.colour import ASYNC, SYNC, Colour
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.smoke import sample_call, sample_credential
from clientsmith.emit.statements import Assign, Block, Compound, Evaluate, Function, Module, Statement
from clientsmith.emit.text import WIDTH, headline, markdown, one_line, printable, wrapped
from clientsmith.model.ir import Api, Model, Ref
from clientsmith.model.names import METHOD_NAMES, snake_case

__all__ = ["changelog", "check_distribution", "patch_seed", "pyproject", "readme", "version_seed"]

_CORE = "1.0.0b2"  # the oldest runtime that this generator's output runs on


def check_distribution(name: str) -> str:
    """Return the name if it is a distribution's, in its normal form (PEP 503).

    Raises:
        ValueError: It is not.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"{name!r} cannot name a distribution: use lower case letters, digits and single dashes")
    return name


def pyproject(api: Api, header: tuple[str, ...]) -> str:
    """``pyproject.toml``. The version lives in ``_version.py`` alone."""
    description = _toml(f"Client library of {one_line(api.title)}"[:300])
    lead = "\n".join(f"# {line}" for line in header)
    text = f"""{lead}
[project]
name = "{check_distribution(api.distribution)}"
dynamic = ["version"]
description = {description}
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["clientsmith-core[requests]>={_CORE},<2"]
classifiers = ["Programming Language :: Python :: 3", "Typing :: Typed"]

[project.optional-dependencies]
aio = ["clientsmith-core[aiohttp]>={_CORE},<2"]

[dependency-groups]
dev = ["pytest>=8", "clientsmith-core[aiohttp]>={_CORE},<2"]

[build-system]
requires = ["hatchling>=1.28"]
build-backend = "hatchling.build"

[tool.hatch.version]
path = "src/{api.package}/_version.py"

[tool.hatch.build.targets.wheel]
packages = ["src/{api.package}"]

[tool.pytest.ini_options]
addopts = "--import-mode=importlib"
testpaths = ["tests"]

[tool.ruff]
line-length = 120
"""
    tomllib.loads(text)  # whatever the title holds, what is written is TOML
    return text


def _toml(text: str) -> str:
    """A basic string (TOML 1.0): `json` escapes the same characters; astral ones stay as they are."""
    return json.dumps(printable(text).replace("\x7f", ""), ensure_ascii=False)


def version_seed() -> str:
    """``_version.py``, written once: releases move it."""
    about = "The version of this library: written once by clientsmith, moved by releases."
    return f'"""{about}"""\n\nVERSION = "1.0.0b1"\n'


def changelog(api: Api) -> str:
    """``CHANGELOG.md``, written once."""
    return f"# Changelog\n\n## 1.0.0b1\n\n- First client of {markdown(api.title)} {markdown(api.version)}.\n"


def patch_seed(api: Api, *, is_async: bool) -> str:
    """``_patch.py``, written once: where hand-finished code lives."""
    kind = "async " if is_async else ""
    name = api.root.name
    return f'''"""Hand-finished {kind}code. clientsmith wrote this file once and never touches it again.

A name in ``__all__`` takes the place of the generated one of the same name:

    from ._client import {name} as Generated{name}

    class {name}(Generated{name}):
        ...

    __all__ = ["{name}"]

Generate again after a change of ``__all__``, so that type checkers see it too.
"""

from __future__ import annotations

__all__: list[str] = []
'''


def readme(api: Api) -> str:
    """``README.md``: install, ten lines that run, credentials, errors, paging, pollers."""
    return "\n\n".join(_sections(api)) + "\n"


def _sections(api: Api) -> Iterator[str]:
    distribution, methods = check_distribution(api.distribution), methods_of(api)
    yield f"# {distribution}"
    summary, _ = headline(api.description)
    yield f"Python client library of {markdown(api.title)} {markdown(api.version)}.".replace("..", ".")
    if summary:
        yield _paragraph(markdown(summary))
    yield f"```sh\npip install {distribution}          # with async: pip install '{distribution}[aio]'\n```"
    if methods:
        yield _fenced(_program(api, _friendliest(methods), SYNC))
    yield from _credentials(api)
    yield _ERRORS
    lists = [method for method in methods if method.kind is Kind.LIST]
    if lists:
        yield _paging(lists[0])
    begins = [method for method in methods if method.kind is Kind.BEGIN]
    if begins:
        yield _polling(begins[0])
    streams = [method for method in methods if method.operation.stream is not None]
    if streams:
        yield _streams(streams[0])
    conditional = [method for method in methods if "etag" in method.conditions]
    if conditional:
        yield _conditions(conditional[0])
    yield f"## Async\n\nThe async client has the same names, in `{api.package}.aio`."
    if methods:
        main = Function("main", (), NONE, (_program(api, _friendliest(methods), ASYNC),), is_async=True)
        start = Evaluate(call(attribute(Symbol("asyncio").code, "run"), call(local("main"))))
        yield _fenced(main, start)
    yield _MORE


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
    return f"```python\n{source}\n```"


def _program(api: Api, method: Method, colour: Colour) -> Statement:
    """The client opened, the method called, its result shown."""
    endpoint = api.endpoint if api.endpoint.startswith(("http://", "https://")) else "https://service.example"
    arguments = [value(endpoint), *([sample_credential(api)] if _takes_credential(api, method) else [])]
    client = call(Symbol(f"{api.package}.aio" if colour.is_async else api.package, api.root.name).code, *arguments)
    return Compound(
        Code(("async " * colour.is_async, "with ")) + client + " as client", "client", _shown(method, colour)
    )


def _takes_credential(api: Api, method: Method) -> bool:
    own = method.operation.security
    return needs_credential(api) or bool(api.security_schemes and (api.security if own is None else own))


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
        case Kind.CALL | Kind.EXISTS:
            called = colour.awaited(called)
            return (Evaluate(called) if method.result is None else _print(called),)


def _item_name(method: Method) -> str:
    """What one thing of a list is called: after its model, if that can be the name of a variable here."""
    named = method.api.shapes.get(method.result.pointer) if isinstance(method.result, Ref) else None
    name = snake_case(named.name) if isinstance(named, Model) else "item"
    return "item" if name in METHOD_NAMES | {"client", "print", "asyncio", method.api.package} else name


def _print(code: Code) -> Statement:
    return Evaluate(call(builtin("print"), code))


def _credentials(api: Api) -> Iterator[str]:
    if not api.security_schemes:
        return
    ways = {"key": "`KeyCredential(key)`", "basic": "`BasicCredential(username, password)`"}
    bearer = "a `TokenCredential` of your own or, for a fixed token, `KeyCredential(token)`"
    kinds = dict.fromkeys(ways.get(scheme.kind, bearer) for scheme in api.security_schemes)
    optional = " Without one the client calls what needs none." if api.security_optional else ""
    yield "## Credentials\n\n" + _paragraph(
        f"The client takes {', or '.join(kinds)}, from `clientsmith.core.credentials`. It is sent to the endpoint's "
        f"origin only, never along a redirect to another one, and never shown in a repr, a log or an error.{optional}"
    )


def _paragraph(text: str) -> str:
    return "\n".join(wrapped(text, WIDTH))


_ERRORS = """## Errors

Every answer that is not a success is raised: `ResourceNotFoundError` (404), `ClientAuthenticationError` (401),
`ResourceExistsError` (409), `ResourceModifiedError` (412), else `HttpResponseError`, which is the base of them all. The
error carries `status_code`, the request id and, where the service documents one, the typed body as `error.error`. A
request that got no answer is a `TransportError`. Transient failures are tried again first; `max_retries=` and
`timeout=` (seconds, for the whole call) are taken by the client and by each method."""


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


_MORE = """## Changing this library

Generated by clientsmith. The generated files are listed in `clientsmith.manifest.json` and are not edited; code of your
own goes into `_patch.py` beside them, which is never overwritten."""
