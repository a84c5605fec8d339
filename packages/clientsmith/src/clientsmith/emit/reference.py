"""``api.md``: the whole surface of a package on one page, in the words in which it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from clientsmith.emit.code import Code, Symbol, builtin, local
from clientsmith.emit.colour import SYNC
from clientsmith.emit.functions import method_functions
from clientsmith.emit.methods import Method, methods_of
from clientsmith.emit.models import enums_of, models_of
from clientsmith.emit.reach import owner_of
from clientsmith.emit.statements import Argument, Function
from clientsmith.emit.text import headline, markdown, one_line, public_name
from clientsmith.emit.types import View
from clientsmith.emit.versions import about_lifetime
from clientsmith.model.error_classes import BASE
from clientsmith.model.ir import Api, Enum, Model
from clientsmith.model.lookup import all_properties

__all__ = ["reference"]

_LEFT_OUT: Final = frozenset({"self", "options"})  # every method has them


class _PlainNames(dict[Symbol, str]):
    """Every symbol by its own name: what is read here is not run."""

    def __missing__(self, symbol: Symbol) -> str:
        return symbol.local


_NAMES: Final = _PlainNames()


def reference(api: Api) -> str:
    """The page: the client, its groups, and what each takes and gives; then every model and enum."""
    return "\n".join(_lines(api)) + "\n"


def _lines(api: Api) -> Iterator[str]:
    package = api.package
    yield f"# API of {package}"
    yield ""
    yield (
        f"Types without a module are in `{package}.models`. The async client in `{package}.aio` has the same methods "
        "with the same arguments; `list_` methods and streams are not awaited, all others are. Every method also takes "
        "the options of a call: `timeout`, `max_retries`, `headers`, …"
    )
    view = View(api.shapes, lambda shape: builtin(public_name(shape.name)))
    for owner, methods in _by_owner(api).items():
        yield from ("", f"## {owner}", "")
        yield from (line for method in methods for line in _method(method, view))
    yield from _section("Errors", _errors(api))
    yield from _section("Models", (_model(model, view) for model in models_of(api)))
    yield from _section("Enums", (_enum(enum) for enum in enums_of(api)))


def _section(title: str, entries: Iterable[str]) -> Iterator[str]:
    lines = list(entries)
    if lines:
        yield from ("", f"## {title}", "", *lines)


def _by_owner(api: Api) -> Mapping[str, list[Method]]:
    """The methods by the expression that reaches them: ``client``, ``client.issues``."""
    owners: dict[str, list[Method]] = {}
    for method in methods_of(api):
        owner = owner_of(method, local("client"), lambda item: local(public_name(item.name)))
        owners.setdefault(owner.render(_NAMES), []).append(method)
    return owners


def _method(method: Method, view: View) -> Iterator[str]:
    operation = method.operation
    summary, _ = headline(operation.summary or operation.description)
    said = ["Deprecated."] if operation.deprecated else []
    said += [markdown(summary)] if summary else []
    said += [about] if (about := about_lifetime(operation.lifetime)) else []
    told = f": {' '.join(said)}" if said else ""
    yield f"- `{_signature(method_functions(method, SYNC, view)[-1])}`  "
    yield f"  {operation.method.upper()} `{one_line(operation.path).replace('`', '')}`{told}"


def _signature(function: Function) -> str:
    arguments: list[str] = []
    for argument in function.arguments:
        if argument.name in _LEFT_OUT:
            continue
        if argument.kind == "keyword" and "*" not in arguments:
            arguments.append("*")
        arguments.append(argument.render(_NAMES))
    return f"{function.name}({', '.join(arguments)}) -> {_text(function.returns)}"


def _errors(api: Api) -> Iterator[str]:
    """The errors of the package's own, each below the one that it is too."""
    if api.error_classes:
        yield f"In `{api.package}.errors`, and in `{api.package}`. All others are those of `clientsmith.core.errors`."
        yield ""
    name = ""
    for one in api.error_classes:
        model = f"its `error` is the `{public_name(api.shapes[one.model.pointer].name)}` of the answer"
        if one.base == BASE:
            name = public_name(one.name)
            yield f"- `{name}({BASE})`: {model}"
        else:
            yield f"  - `{public_name(one.name)}({name}, {one.base})`"


def _model(model: Model, view: View) -> str:
    fields = [
        Argument(public_name(item.name), view.annotation(item.shape), None if item.required else Code(("...",))).render(
            _NAMES
        )
        for item in all_properties(model, view.shapes).values()
    ]
    summary, _ = headline(model.description)
    return f"- `{public_name(model.name)}({', '.join(fields)})`" + (f": {markdown(summary)}" if summary else "")


def _enum(enum: Enum) -> str:
    members = ", ".join(f"`{public_name(member.name)}`" for member in enum.members)
    return f"- `{public_name(enum.name)}`: {members}"


def _text(code: Code) -> str:
    return code.render(_NAMES)
