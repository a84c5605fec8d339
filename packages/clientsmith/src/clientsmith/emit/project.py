"""The files of a package that are not code of the client: pyproject, README, changelog, and what is written once.

These are text, so they are the one place with templates. What a document says enters them escaped for their format.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator

from clientsmith.emit.client import SYNC, needs_credential
from clientsmith.emit.code import Code, attribute, builtin, call, local, value
from clientsmith.emit.docstring import Docstring
from clientsmith.emit.methods import Kind, Method, methods_of
from clientsmith.emit.smoke import client_class, sample_call, sample_credential
from clientsmith.emit.statements import Block, Compound, Evaluate, Module, Statement
from clientsmith.emit.text import WIDTH, headline, markdown, one_line, printable, wrapped
from clientsmith.model.ir import Api

__all__ = ["changelog", "check_distribution", "patch_seed", "pyproject", "readme", "version_seed"]

_CORE = "1.0.0b1"  # the oldest runtime that this generator's output runs on


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
        yield f"```python\n{_example(api, methods)}\n```"
    yield from _credentials(api)
    yield _ERRORS
    lists = [method for method in methods if method.kind is Kind.LIST]
    if lists:
        yield _PAGING.format(name=lists[0].name)
    begins = [method for method in methods if method.kind is Kind.BEGIN]
    if begins:
        yield _POLLING.format(name=begins[0].name)
    yield "## Async\n\n" + _paragraph(
        f"`{api.package}.aio` has the same names: `from {api.package}.aio import {api.root.name}`, then `async with` "
        "and `await`. `list_` methods return an async pager without `await`."
    )
    yield _MORE


def _example(api: Api, methods: list[Method]) -> str:
    """A whole program around the friendliest method: one that reads, and asks for little."""
    safe = [method for method in methods if method.operation.method.upper() == "GET"] or methods
    method = min(safe, key=lambda item: (len(item.positional), item.kind is not Kind.LIST, item.name))
    endpoint = api.endpoint if api.endpoint.startswith(("http://", "https://")) else "https://service.example"
    arguments = [value(endpoint), *([sample_credential(api)] if needs_credential(api) else [])]
    header = Code(("with ",)) + call(client_class(api, SYNC), *arguments) + " as client"
    source = Module(Docstring(""), (Compound(header, "client", _shown(method)),)).render()
    return source.partition("annotations\n")[2].strip().replace("\n\n\n", "\n\n")


def _shown(method: Method) -> Block:
    called = sample_call(method, local("client"))
    match method.kind:
        case Kind.LIST:
            return (Compound(Code(("for item in ",)) + called, "item", (_print(local("item")),)),)
        case Kind.BEGIN:
            return (_print(call(attribute(called, "result"))),)
        case Kind.CALL | Kind.EXISTS:
            return (Evaluate(called) if method.result is None else _print(called),)


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
error carries `status_code`, the request id and, where the service documents one, the typed body as `error.model`. A
request that got no answer is a `TransportError`. Transient failures are tried again first; `max_retries=` and
`timeout=` (seconds, for the whole call) are taken by the client and by each method."""

_PAGING = """## Lists

`list_` methods return a pager. It sends nothing before it is iterated, and fetches the next page when it is needed.

```python
pages = client.{name}().by_page()
for page in pages:
    print(len(list(page)), pages.continuation_token)  # pass the token as `continuation_token=` to go on later
```"""

_POLLING = """## Long running operations

`begin_` methods return a poller at once; `poller.result(timeout=300.0)` waits for the end, and
`poller.continuation_token()` can be stored and given to `{name}(..., continuation_token=token)` by another process."""

_MORE = """## Changing this library

Generated by clientsmith. The generated files are listed in `clientsmith.manifest.json` and are not edited; code of your
own goes into `_patch.py` beside them, which is never overwritten."""
