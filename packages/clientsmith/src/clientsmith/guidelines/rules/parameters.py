"""Rules about what methods take, and what they check of it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from typing import Final, TypeGuard

from clientsmith.guidelines.annotations import alternatives, annotation_names
from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.members import Method
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import HumanRule, SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import (
    ClassSource,
    Function,
    Module,
    ParameterSource,
    Source,
    nodes_of,
    parameters_of,
)
from clientsmith.guidelines.verdicts import Met, NotApplicable, Problem, Verdict, judged, problem

from .methods import reaches_service

__all__ = [
    "ClientFlattenArgs",
    "ClientOptionalArgumentsKeywordOnly",
    "ClientParameterValidation",
    "ClientSplatArgs",
    "ParamsClientValidation",
    "ParamsDevex",
    "ParamsServiceValidation",
]

_NO_METHOD: Final = "there is no method of the service"
# "Not given" is a value of its own, which only its class tells.
_SENTINEL: Final = re.compile(r"(NotGiven|Omit|Unset|UNSET|Sentinel|Missing)", re.IGNORECASE)
# What these are given besides says which thing is meant; it is not sent.
_READS: Final = re.compile(r"(get|list|delete|remove|download|read|open|fetch|retrieve|query|search|find)(_|$)")
_MODELS: Final = frozenset({"Model", "_Model", "BaseModel", "DictMixin"})
_MAPPINGS: Final = frozenset({"Mapping", "MutableMapping", "dict", "Dict", "JSON", "Any"})


def _client(body: str, models: str = "") -> Example:
    """Return a client with this body, and beside it these models."""
    lines = "\n".join(f"    {line}" if line else "" for line in body.strip("\n").splitlines())
    return Example(
        "from collections.abc import Mapping\nfrom typing import Any\n\nfrom clientsmith.core import ServiceClient\n"
        f'{models}\n\nclass DepotClient(ServiceClient):\n    """Client of the depot."""\n\n{lines}\n'
    )


_SHELF: Final = """from clientsmith.core.models import Model, field


class Shelf(Model):
    name: str = field("name")
    label: str | None = field("label", optional=True)

"""


class ClientOptionalArgumentsKeywordOnly(SideRule):
    """What is optional has a name at the call."""

    id = "client-optional-arguments-keyword-only"
    kinds = "S"
    meaning = (
        "What a method can do without is given by keyword; but for a body whose fields can be given one by one instead."
    )
    why = (
        "`get_shelf('a', True, 3)` says nothing to a reader, and no argument can be put between the others later. By "
        "keyword each says what it is, and their order is nobody's business."
    )
    good = _client("def get_shelf(self, name: str, *, with_parts: bool = False) -> dict: ...")
    bad = _client("def get_shelf(self, name: str, with_parts: bool = False) -> dict: ...  # <--")

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        for _, method in side.methods:
            if not reaches_service(method):
                continue
            wrong = [
                parameter
                for parameter in method.parameters
                if parameter.kind == "positional" and parameter.is_optional and not _is_flattened(method, parameter)
            ]
            if wrong:
                names, them = ", ".join(f"`{each.name}`" for each in wrong), "it is" if len(wrong) == 1 else "they are"
                hint = f"{method.name}: make {names} keyword-only, {them} optional"
                problems.append(problem(method.file, wrong[0].node, hint))
        return judged(problems, [method.name for _, method in side.methods], nothing=_NO_METHOD)


def _is_flattened(method: Method, parameter: ParameterSource) -> bool:
    # The operation needs a body all the same: the default only says that the fields may come one by one.
    has_fields = any(p.kind == "keyword" for p in method.parameters) or bool(method.overrides)
    is_body = "Mapping" in parameter.annotation or bool({"JSON", "IO"} & set(alternatives(parameter.annotation)))
    return is_body and has_fields


class ParamsClientValidation(SideRule):
    """What becomes part of a URL is checked."""

    id = "params-client-validation"
    kinds = "SR"
    meaning = (
        "What becomes part of a URL is checked before anything is sent: an empty key would address another resource."
    )
    why = (
        "`delete_shelf('')` would send `DELETE /shelves/`, which some services take for all shelves. Only the client "
        "can notice: to the service it is a right request."
    )
    good = _client(
        """
        def delete_shelf(self, name: str) -> None:
            if not name:
                raise ValueError("name is empty")
            self._send("DELETE", f"/shelves/{name}")
        """.replace("\n        ", "\n")
    )
    bad = _client(
        """
        def delete_shelf(self, name: str) -> None:
            self._send("DELETE", f"/shelves/{name}")  # <--
        """.replace("\n        ", "\n")
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for _, method in side.methods:
            for node, name in _put_into_paths(method):
                if _is_looked_at(method.node, name) or _is_looked_at_by_another(side.package, method, name):
                    evidence.append(f"{method.name}({name}='')")
                else:
                    hint = f"{method.name}: refuse an empty `{name}`, it would address another resource"
                    problems.append(problem(method.file, node, hint))
        return judged(problems, evidence, nothing="no method puts an argument into a path where reading would see it")


def _put_into_paths(method: Method) -> Iterator[tuple[ast.AST, str]]:
    """Yield the arguments that a method puts into a text that begins as a path does, each once."""
    names = {p.name for p in method.parameters if p.kind in ("positional", "keyword") and not p.is_optional}
    seen: set[str] = set()
    for node in nodes_of(method.node):
        for name in _names_in_path(node) & names - seen:
            seen.add(name)
            yield node, name


def _names_in_path(node: ast.AST) -> set[str]:
    match node:
        case ast.JoinedStr(values=[ast.Constant(value=str() as first), *_]) if re.match(r"/[\w{]", first):
            inner = [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() as text), attr="format")) if (
            re.match(r"/?[\w/.-]*/?\{", text) and "/" in text
        ):
            inner = [*node.args, *(each.value for each in node.keywords)]
        case ast.Call(args=[ast.Constant(value=str() as text)]) if node.keywords and re.match(r"/[\w/.-]*\{", text):
            inner = [each.value for each in node.keywords]  # a function fills them in: `path_template("/a/{b}", b=b)`
        case _:
            return set()
    plain = (each.args[0] if isinstance(each, ast.Call) and each.args else each for each in inner)
    return {each.id for each in plain if isinstance(each, ast.Name)}


def _is_looked_at(function: Function, name: str) -> bool:
    """Whether a condition, or a function that raises, looks at an argument before it is used."""
    tests = (node.test for node in nodes_of(function) if isinstance(node, ast.If | ast.Assert | ast.IfExp | ast.While))
    return any(isinstance(each, ast.Name) and each.id == name for test in tests for each in ast.walk(test))


def _is_looked_at_by_another(package: Package, method: Method, name: str) -> bool:
    """Whether a function of the package that is handed the argument looks at it: ``quoted(name)``, ``check(name)``."""
    for node in nodes_of(method.node):
        if isinstance(node, ast.Call) and any(isinstance(each, ast.Name) and each.id == name for each in node.args):
            called = ast.unparse(node.func).rpartition(".")[2]
            for module in package.source.functions_by_name.get(called, ()):
                found = module.definitions.get(called)
                if isinstance(found, ast.FunctionDef) and any(isinstance(n, ast.Raise) for n in ast.walk(found)):
                    return True
    return False


class ParamsServiceValidation(SideRule):
    """What only travels is not checked."""

    id = "params-service-validation"
    kinds = "SR"
    meaning = "What only travels to the service is not checked: the service knows its own rules, and they change."
    why = (
        "A limit that the client knows is wrong on the day the service moves it: users then cannot send what the "
        "service would take. The service's own answer is right, and says why."
    )
    good = _client(
        """
        def create_shelf(self, name: str, *, label: str = "") -> dict:
            return self._send("POST", "/shelves", {"name": name, "label": label})
        """.replace("\n        ", "\n")
    )
    bad = _client(
        """
        def create_shelf(self, name: str, *, label: str = "") -> dict:
            if label == "":  # <--
                raise ValueError("label is empty")
            return self._send("POST", "/shelves", {"name": name, "label": label})
        """.replace("\n        ", "\n")
    )

    def judge_side(self, side: Side) -> Verdict:
        problems = [
            each for _, method in side.methods if reaches_service(method) for each in _checks_in(side.package, method)
        ]
        return judged(problems, [method.name for _, method in side.methods], nothing=_NO_METHOD)


def _checks_in(package: Package, method: Method) -> Iterator[Problem]:
    """Yield the places where a method raises because of one argument alone that is no part of the URL's path."""
    facts = package.operation_of(method)
    path_names = set(facts.path_names) if facts is not None else set[str]()
    # Without knowing the operation, required arguments count as keys: they may well be part of the URL.
    keys = {p.name for p in method.parameters if p.kind in ("positional", "keyword") and not p.is_optional}
    bodies = {p.name for p in method.parameters if "Mapping" in p.annotation}
    in_path = (path_names or keys) if facts is None or path_names else path_names
    named = {p.name for p in method.parameters if p.kind in ("positional", "keyword")}
    sent = named - (in_path - bodies)
    for node in nodes_of(method.node):
        if isinstance(node, ast.Assert) or (isinstance(node, ast.If) and _raises_at_once(node)):
            checked = {name.id for name in ast.walk(node.test) if isinstance(name, ast.Name)} - _BUILT_IN
            # Two arguments that exclude each other are the client's business, and so is what its own state allows.
            if len(checked) == 1 and checked <= sent and not _asks_for_type(node.test):
                hint = f"{method.name} checks {', '.join(checked)}; send it, the service judges it"
                yield problem(method.file, node, hint)


_BUILT_IN: Final = frozenset(dir(builtins))


def _raises_at_once(node: ast.If) -> bool:
    raised = [each for each in node.body if isinstance(each, ast.Raise)]
    names = [ast.unparse(each.exc) for each in raised if each.exc is not None]
    return any(re.match(r"(ValueError|TypeError|\w*(Argument|Validation|Param)\w*)\b", name) for name in names)


def _asks_for_type(test: ast.expr) -> bool:
    called = {ast.unparse(node.func) for node in ast.walk(test) if isinstance(node, ast.Call)}
    return bool(called & {"isinstance", "issubclass", "callable", "hasattr", "type"})


class ParamsDevex(HumanRule):
    """The service explains what is wrong."""

    id = "params-devex"
    kinds = "H"
    meaning = "What the service says about invalid arguments is understood by those who read it."
    why = (
        "The client leaves the checking of arguments to the service, so the service's words are what a programmer "
        "reads after a mistake. They have to name the argument and what is allowed."
    )
    good = _client('"""`400: label: at most 40 characters, got 52`"""')
    bad = _client('"""`400: Bad Request`"""')
    look = "send invalid arguments to the service, and read what it says about them"


class ClientParameterValidation(SideRule):
    """What an argument can do counts, not what it is."""

    id = "client-parameter-validation"
    kinds = "S"
    meaning = "Arguments are checked with `isinstance` against built-in types only; others by what they can do."
    why = (
        "A test's stand-in, a wrapper with logging, a class of another library with the same methods: all of them "
        "would do the work, and a check of the class refuses them."
    )
    good = _client(
        """
        def create_shelf(self, shelf: Mapping[str, Any]) -> dict:
            if isinstance(shelf, str):
                raise TypeError("a shelf is a mapping, not its name")
            return self._send("POST", "/shelves", dict(shelf))
        """.replace("\n        ", "\n")
    )
    bad = _client(
        """
        def create_shelf(self, shelf: Mapping[str, Any]) -> dict:
            if not isinstance(shelf, Shelf):  # <--
                raise TypeError("a Shelf is needed")
            return self._send("POST", "/shelves", dict(shelf))
        """.replace("\n        ", "\n"),
        _SHELF,
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        checks: list[str] = []
        for cls, function in _functions_for_users(side):
            names = {p.name for p in parameters_of(function)}
            for node in _refusals(function):
                for check in ast.walk(node):
                    if not _is_isinstance(check, names):
                        continue
                    checks.append(ast.unparse(check))
                    types = annotation_names(ast.unparse(check.args[1]).strip("()"))
                    wrong = [name for name in types if not _is_structural(cls.module, name)]
                    if wrong:
                        hint = f"`{ast.unparse(check)}` asks for {', '.join(wrong)}; ask for what the argument can do"
                        problems.append(problem(cls.module.file, check, hint))
        if not problems and not checks:
            return Met("no argument is checked by its type") if side.clients else NotApplicable(_NO_METHOD)
        return judged(problems, checks, nothing=_NO_METHOD)


def _functions_for_users(side: Side) -> Iterator[tuple[ClassSource, Function]]:
    for client in side.clients:
        yield from client.constructors
    for client in (*side.clients, *side.groups):
        yield from client.public_functions.values()


def _refusals(function: Function) -> Iterator[ast.expr]:
    """Yield the conditions under which a function refuses its arguments."""
    for node in nodes_of(function):
        if isinstance(node, ast.Assert):
            yield node.test
        elif isinstance(node, ast.If):
            # Refused is what the condition is true for, or what it is false for: the branch that raises says.
            otherwise = node.orelse if len(node.orelse) == 1 else []
            if any(isinstance(each, ast.Raise) for each in (*node.body, *otherwise)):
                yield node.test


def _is_isinstance(node: ast.AST, names: set[str]) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == "isinstance"
        and len(node.args) == 2
        and isinstance(node.args[0], ast.Name)
        and node.args[0].id in names
    )


def _is_structural(module: Module, name: str) -> bool:
    """Whether a type is built in, or stands for a capability as the abstract classes of `collections.abc` do.

    Errors are told apart by their classes: there is nothing else that they have them for.
    """
    if (
        name.endswith(("Error", "Exception"))
        or _SENTINEL.search(name)
        or re.match(r"(typing|collections\.abc|abc|io|numbers|datetime|uuid)\.", name)
    ):
        return True
    if name in module.imports:
        standard = (
            "collections.abc.",
            "typing.",
            "typing_extensions.",
            "numbers.",
            "datetime.",
            "uuid.",
            "io.",
            "os.",
            "pathlib.",
        )
        return module.imports[name].startswith(standard)
    return isinstance(getattr(builtins, name, None), type)


class ClientSplatArgs(SideRule):
    """A mapping does where a model does."""

    id = "client-splat-args"
    kinds = "SR"
    meaning = "A mapping of the same shape is taken wherever a model is, and sends the same."
    why = (
        "Whoever has a configuration file or the answer of another service has mappings, not models. To build the "
        "model by hand first, field by field, is work that the library can do."
    )
    good = _client("def create_shelf(self, shelf: Shelf | Mapping[str, Any]) -> Shelf: ...", _SHELF)
    bad = _client("def create_shelf(self, shelf: Shelf) -> Shelf: ...  # <--", _SHELF)

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for _, method in side.methods:
            if not reaches_service(method):
                continue
            module = method.owner.module
            for parameter in method.parameters:
                written = module.spelt_out(parameter.annotation)
                names = alternatives(written)
                wanted = [name for name in _dotted_alternatives(written) if _is_model(side.package, module, name)]
                if not wanted or _READS.match(method.name) or "str" in names:
                    continue  # it says which one is meant, and is not what is sent
                if not _MAPPINGS & set(names):
                    hint = f"{method.name}: take a Mapping[str, Any] as `{parameter.name}`, beside a {wanted[0]}"
                    problems.append(problem(method.file, parameter.node, hint))
                evidence.append(f"{method.name}({parameter.name})")
        return judged(problems, evidence, nothing="no method takes a model")


def _dotted_alternatives(annotation: str) -> list[str]:
    """Return the names that an annotation joins, as they are written, without what they hold in brackets."""
    lasts = set(alternatives(annotation))
    return [name for name in annotation_names(annotation) if name.rpartition(".")[2] in lasts]


def _is_model(package: Package, module: Module, name: str) -> bool:
    """Whether a name is a class of the package that holds fields which are sent."""
    if name.endswith(("Result", "Response", "Page")) or name.rpartition(".")[2] not in _names_of_models(package.source):
        return False  # most classes are none, and their modules need not be parsed to see it
    cls = package.source.resolve(module, name)
    if not isinstance(cls, ClassSource):
        return False
    lineage, outside = package.source.lineage(cls)
    bases = {base.rpartition(".")[2] for base in outside} | {each.name for each in lineage[1:]}
    if bases & {
        "dict",
        "Dict",
        "TypedDict",
        "Enum",
        "str",
        "int",
        "Mapping",
        "MutableMapping",
        "Protocol",
        "ABC",
        "IO",
    }:
        return False  # a mapping already, or nothing that has fields
    return bool(bases & _MODELS) or _is_dataclass(cls)


@cache
def _names_of_models(source: Source) -> frozenset[str]:
    """Return the names of the classes that may be models, as far as texts tell."""
    names = set(_MODELS)
    pending = list(names)
    while pending:
        heirs = {name for _, name in source.derived.get(pending.pop(), ())} - names
        names |= heirs
        pending += heirs
    decorated = re.compile(
        r"^[ \t]*@(?:dataclasses\.)?dataclass\b[^\n]*\n(?:[ \t]*@[^\n]*\n)*[ \t]*class (\w+)", re.MULTILINE
    )
    return frozenset(names.union(*(decorated.findall(module.text) for module in source.modules.values())))


def _is_dataclass(cls: ClassSource) -> bool:
    return any(re.match(r"(dataclasses\.)?dataclass\b", ast.unparse(each)) for each in cls.node.decorator_list)


class ClientFlattenArgs(SideRule):
    """The fields of a change, one by one."""

    id = "client-flatten-args"
    kinds = "SR"
    meaning = "`update_` methods take the fields as keyword arguments, which win over the model passed beside them."
    why = (
        "A change is mostly one field: `update_shelf('a', label='B')`. And who has read a model, and changes one field "
        "of it, says that field beside it instead of copying the model."
    )
    good = _client(
        "def update_shelf(self, name: str, shelf: Shelf | Mapping[str, Any] = {}, *, label: str = '') -> Shelf: ...",
        _SHELF,
    )
    bad = _client("def update_shelf(self, name: str, shelf: Shelf | Mapping[str, Any]) -> Shelf: ...  # <--", _SHELF)

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client, method in side.methods:
            if not method.name.startswith("update_"):
                continue
            module = method.owner.module
            models = [
                p
                for p in method.parameters
                if any(_is_model(side.package, module, name) for name in _dotted_alternatives(p.annotation))
            ]
            # Beside a body by position, a model by keyword is one of its fields.
            bodies = {p.name for p in models if p.kind == "positional"} or {p.name for p in models}
            described = side.package.said_of(client, method)
            if not bodies or (described is not None and described.body_model is None):
                continue
            fields = [p.name for p in method.parameters if p.kind == "keyword" and p.name not in bodies]
            if fields:
                evidence.append(f"{method.name}({', '.join(fields)})")
            else:
                hint = f"{method.name}: take the fields of the body as keyword-only arguments"
                problems.append(problem(method.file, method.node, hint))
        return judged(problems, evidence, nothing="no method updates something in part by a model")
