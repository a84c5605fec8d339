"""Rules about what the methods of a client are called, and that there is one for each thing the service can do."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from clientsmith.guidelines.examples import Example
from clientsmith.guidelines.members import ClientSource, Method
from clientsmith.guidelines.operations import operations_of, resolved, without_names
from clientsmith.guidelines.package import Package
from clientsmith.guidelines.rule import HumanRule, SideRule
from clientsmith.guidelines.sides import Side
from clientsmith.guidelines.source import Source, attributes_in, nodes_of
from clientsmith.guidelines.verdicts import NotApplicable, Problem, Verdict, judged, problem

__all__ = [
    "ClientServiceVerbs",
    "ClientStandardizeVerbs",
    "FeatureSupport",
    "LroPrefix",
    "PagedPrefix",
    "reaches_service",
]

_VERBS: Final = ("create", "upsert", "set", "update", "replace", "append", "add", "get", "list", "delete", "remove")
# What others call the same: a reader who knows one word looks for it.
_SAID_OTHERWISE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("retrieve", "fetch", "show", "describe"), "get"),
    **dict.fromkeys(("make", "new"), "create"),
    **dict.fromkeys(("modify", "patch"), "update"),
    **dict.fromkeys(("destroy", "drop"), "delete"),
    **dict.fromkeys(("all", "enumerate"), "list"),
}
_MANY: Final = frozenset({"list", "List", "Sequence", "Iterable", "Iterator"})
_WATCHED: Final = frozenset({"operation-location", "azure-asyncoperation"})
# Words of the service for how it lists: what is found is a list all the same, and everybody looks for it by that word.
_OWN_WORDS: Final = frozenset({"search", "query", "find", "scan", "walk", "iter", "stream"})
# A method that changes something may answer with many things, and lists none.
_CHANGES: Final = frozenset(
    {"create", "upsert", "set", "update", "replace", "append", "add", "delete", "remove", "upload"}
)
# A method that asks about its client, or makes another thing of it, asks no service.
_IS_NO_CALL: Final = re.compile(r"(is|has|with|as|to|from|on|build)_")
# `shelf_exists` asks; `create_shelf_if_not_exists` does something.
_ASKS: Final = re.compile(r"(?<!if)(?<!not)_exists$")
_RAW: Final = re.compile(r"(get|put|post|patch|delete|head|options|request|send|raw_request|get_api_list)")
_NO_METHOD: Final = "there is no method of the service"
_SPEC: Final = """
    openapi: 3.1.0
    info: {title: Depot, version: "1.0"}
    paths:
      /shelves:
        get:
          operationId: listShelves
          responses: {"200": {description: OK}}
      /labels:
        get:
          operationId: listLabels
          responses: {"200": {description: OK}}
    """


def _client(*methods: str) -> Example:
    """Return a client with these methods, each a line."""
    body = "\n".join(f"    {line}" for line in methods)
    return Example(
        "from clientsmith.core import ItemPaged, LROPoller, ServiceClient\n\n\nclass DepotClient(ServiceClient):\n"
        f'    """Client of the depot."""\n\n{body}\n'
    )


def reaches_service(method: Method) -> bool:
    """Whether a method calls something of its client: one that only computes is no method of the service."""
    if _IS_NO_CALL.match(method.name) or (_RAW.fullmatch(method.name) and _is_raw(method)):
        return False
    if not _does_something(method.node.body):
        return True  # a stub, or an example: its name has to say it
    return any(
        isinstance(node, ast.Call) and (_root_of(node.func) in ("self", "super", "_operations") or _hands_on(node))
        for node in nodes_of(method.node)
    )


def _hands_on(call: ast.Call) -> bool:
    """Whether a function does the work, which is given the client: ``poll_run(self, …)``; a class only keeps it."""
    first = next((each.id for each in call.args[:1] if isinstance(each, ast.Name)), "")
    called = ast.unparse(call.func)
    return first == "self" and called.islower() and not hasattr(builtins, called)


def _is_raw(method: Method) -> bool:
    """Whether a method sends any request: it is given the URL, or whatever comes."""
    return method.name in ("request", "send") or any(
        p.name in ("url", "path", "request") or p.kind == "many" for p in method.parameters
    )


def _root_of(node: ast.expr) -> str:
    """Return the first name of ``self._client.get``, and of ``super().get``."""
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _does_something(body: list[ast.stmt]) -> bool:
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)


class FeatureSupport(SideRule):
    """Nothing of the service is missing."""

    id = "feature-support"
    kinds = "D"
    meaning = "Every operation of the service has a method."
    why = (
        "A user who misses one operation writes requests by hand for it, with retries, paging and credentials of their "
        "own. A library that follows the service's description has no such hole."
    )
    good = Example(
        """
        from clientsmith.core import ServiceClient


        class DepotClient(ServiceClient):
            def list_shelves(self) -> list:
                return self._get("/shelves")

            def list_labels(self) -> list:
                return self._get("/labels")
        """,
        spec=_SPEC,
    )
    bad = Example(
        """
        from clientsmith.core import ServiceClient  # <--


        class DepotClient(ServiceClient):
            def list_shelves(self) -> list:
                return self._get("/shelves")
        """,
        spec=_SPEC,
    )

    def judge_side(self, side: Side) -> Verdict:
        spec = side.package.spec
        if spec is None:
            return NotApplicable("the service has no description to compare with: give one with --spec")
        problems: list[Problem] = []
        evidence: list[str] = []
        for http_method, path, _ in operations_of(spec):
            if _is_called(side, http_method, path):
                evidence.append(f"{http_method} {path}")
            else:
                problems.append(problem(side.file, None, f"no method calls {http_method} {path}"))
        return judged(problems, evidence, nothing="the service has no operation")


def _is_called(side: Side, http_method: str, path: str) -> bool:
    if side.package.operations:
        # What only serves a poller counts as supported: the poller calls it.
        polled = f'poll_path="{path}"'
        return side.caller_of(http_method, path) is not None or any(side.package.source.mentioning(re.escape(polled)))
    wanted = without_names(path)
    return any(wanted.endswith(written) or written.endswith(wanted) for written in _paths_in(side.package.source))


@cache
def _paths_in(source: Source) -> frozenset[str]:
    """Return the texts of a package that look like paths of a service, what is put into them without names."""
    found: set[str] = set()
    for module in source.mentioning(r"[\"'][^\"'\n]*/"):
        for node in ast.walk(module.tree):
            text = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = re.sub(r"%\(\w+\)s|%s", "{}", node.value)
            elif isinstance(node, ast.JoinedStr):
                text = "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
            if "/" in text and " " not in text and len(text) > 1:
                found.add(f"/{without_names(text).lstrip('/')}")
    return frozenset(found)


class ClientServiceVerbs(SideRule):
    """One word for one thing."""

    id = "client-service-verbs"
    kinds = "SR"
    meaning = (
        "Methods are named by the preferred verbs (create, get, list, delete …), and take, return and do what these "
        "promise."
    )
    why = (
        "Who knows one client library finds their way in all of them: `get_` returns one thing and raises if there is "
        "none, `list_` returns a pager, `delete_` succeeds also when nothing is left. A verb is a promise."
    )
    good = _client(
        "def create_shelf(self, shelf: dict) -> dict: ...",
        "def get_shelf(self, name: str) -> dict: ...",
        "def delete_shelf(self, name: str) -> None: ...",
        "def shelf_exists(self, name: str) -> bool: ...",
    )
    bad = _client(
        "def make_shelf(self, shelf: dict) -> dict: ...  # <--",
        "def get_shelf(self, name: str) -> None: ...  # <--",
        "def delete_shelf(self, name: str) -> dict: ...  # <--",
        "def shelf_exists(self, name: str) -> dict: ...  # <--",
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client, method in side.methods:
            if not reaches_service(method):
                continue
            if not _is_preferred(side.package, client, method):
                problems.append(problem(method.file, method.node, _better(method.name)))
            if side.package.said_of(client, method) is None:  # else it returns what the service answers
                broken = _broken_promises(client, method)
                problems += [problem(method.file, method.node, f"{method.name} {what}") for what in broken]
            evidence.append(method.name)
        return judged(problems, evidence, nothing=_NO_METHOD)


def _better(name: str) -> str:
    """Say which verb to take instead, or when to keep this one."""
    verb, _, noun = name.partition("_")
    if verb in _SAID_OTHERWISE:
        return f"{name}: say `{'_'.join(filter(None, (_SAID_OTHERWISE[verb], noun)))}`"
    return f"{name}: `{verb}` is no preferred verb; keep it only as the service's own word, and say so in a waiver"


def _is_preferred(package: Package, client: ClientSource, method: Method) -> bool:
    verb = method.name.removeprefix("begin_").split("_")[0]
    return (
        verb in _VERBS
        or method.name.startswith("begin_")
        or _ASKS.search(method.name) is not None
        or method.name == "exists"  # of the thing that the client is bound to
        or package.calls_itself(client, method)
        or (verb == "stream" and method.is_read_later and not method.is_pager)  # of an operation's two answers
    )


def _broken_promises(client: ClientSource, method: Method) -> Iterator[str]:
    if not method.returns:
        return
    returns = [name for name in method.returned if name != "None"]
    if _ASKS.search(method.name) and returns not in (["bool"], ["Literal"]):
        yield "has to return a bool"
    if re.match(r"delete(_|$)", method.name) and returns not in ([], ["NoReturn"]) and not method.is_poller:
        yield "has to return None"
    if method.name.startswith("get_") and method.returned == ["None"]:
        yield "has to return the item"
    if re.match(r"(delete|replace)_", method.name) and not _takes_key(client, method):
        yield "has to take the key of the item"


def _takes_key(client: ClientSource, method: Method) -> bool:
    """Whether a method is told which item: by an argument, or by what its client is bound to."""
    if any(p.kind in ("positional", "many") or (p.kind == "keyword" and not p.is_optional) for p in method.parameters):
        return True
    # A client of one thing knows its key, and so does a part of a client whose name says what there is one of.
    bound = [p for p in client.constructor_parameters if p.kind == "positional" and p.name != "credential"]
    return len(bound) > 1 or client.is_group or _words(method.name)[1:][:1] == _words(client.name)[:1]


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())


class ClientStandardizeVerbs(HumanRule):
    """A verb of one's own is one's own in every language."""

    id = "client-standardize-verbs"
    kinds = "H"
    meaning = "A verb beyond the preferred ones is the same in every language's library."
    why = (
        "A service has words of its own: a museum's ticket is bought, a device is rebooted. Who reads an example for "
        "another language should find the method by the same word."
    )
    good = _client("def buy_ticket(self, ticket: dict) -> dict: ...")
    bad = _client("def purchase_ticket(self, ticket: dict) -> dict: ...")
    look = "compare the verbs with the libraries of other languages"

    def judge(self, package: Package) -> Verdict:
        methods = (method for side in package.sides.values() for _, method in side.methods if reaches_service(method))
        own = {verb for m in methods if (verb := m.name.removeprefix("begin_").split("_")[0]) not in _VERBS}
        own = {verb for verb in own if not verb.endswith("exists")}
        if not own:
            return NotApplicable("every verb is one of the preferred ones")
        shown = ", ".join(f"{verb}_" for verb in sorted(own)[:8])
        return NotApplicable(f"for a person to judge: compare {shown} with the libraries of other languages")


class LroPrefix(SideRule):
    """What goes on after the call begins with ``begin_``."""

    id = "lro-prefix"
    kinds = "SD"
    meaning = "A method that starts a long running operation begins with `begin_`, and no other does."
    why = (
        "The reader sees that the work goes on when the method has returned, and that what it returns is asked for the "
        "result. Without the word, a forgotten `.result()` is found in production."
    )
    good = _client("def begin_count_shelf(self, name: str) -> LROPoller[int]: ...")
    bad = _client(
        "def count_shelf(self, name: str) -> LROPoller[int]: ...  # <--",
        "def begin_label_shelf(self, name: str) -> dict: ...  # <--",
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for _, method in side.methods:
            if method.is_poller and not method.name.startswith("begin_"):
                hint = f"{method.name} returns a poller: call it begin_{method.name}"
                problems.append(problem(method.file, method.node, hint))
            elif method.name.startswith("begin_") and method.returns and not method.is_poller:
                problems.append(problem(method.file, method.node, f"{method.name} returns no poller"))
            elif method.is_poller:
                evidence.append(method.name)
        problems += _accepted(side)
        return judged(problems, evidence, nothing="no operation of the service is long running")


def _accepted(side: Side) -> Iterator[Problem]:
    """Yield the methods that call what answers 202, by the description, and do not say so."""
    for http_method, path, definition in operations_of(side.package.spec or {}):
        caller = side.caller_of(http_method, path)
        if caller is None or caller[1].name.startswith("begin_") or not _goes_on(side, *caller, definition):
            continue
        method = caller[1]
        hint = f"{http_method} {path} answers 202, it goes on after its answer: call it begin_{method.name}"
        yield problem(method.file, method.node, hint)


def _goes_on(side: Side, client: ClientSource, method: Method, definition: Mapping[str, Any]) -> bool:
    """Whether an operation answers 202 and is to be watched; where its document does not say how, nobody can."""
    answer = definition.get("responses", {}).get("202")
    if answer is None or side.package.said_of(client, method) is None:
        return answer is not None
    headers = {str(name).lower() for name in resolved(side.package.spec or {}, answer).get("headers", {})}
    return bool(headers & _WATCHED) or "x-ms-long-running-operation" in definition


class PagedPrefix(SideRule):
    """What lists things says so."""

    id = "paged-prefix"
    kinds = "SD"
    meaning = "A method that lists things begins with `list_`, also where the service has no pages yet."
    why = (
        "`list_shelves()` is iterated, `get_shelf()` is not: the name says which. A list that fits one answer today "
        "has pages tomorrow, and should not have to change its name then."
    )
    good = _client("def list_shelves(self) -> ItemPaged[dict]: ...")
    bad = _client(
        "def get_shelves(self) -> ItemPaged[dict]: ...  # <--",
        "def get_labels(self) -> list[str]: ...  # <--",
    )

    def judge_side(self, side: Side) -> Verdict:
        problems: list[Problem] = []
        evidence: list[str] = []
        for client, method in side.methods:
            if re.match(r"list(_|$)", method.name):
                evidence.append(method.name)
            elif reaches_service(method) and _lists(side, method) and not _has_own_verb(side.package, client, method):
                problems.append(problem(method.file, method.node, f"{method.name} returns many things: call it list_…"))
        problems += _arrays(side)
        return judged(problems, evidence, nothing="no operation of the service lists anything")


def _lists(side: Side, method: Method) -> bool:
    """Whether a method only looks at what there is, and returns many things."""
    operation = side.package.operation_of(method)
    if operation is not None and operation.http_method != "GET" and not method.is_pager:
        return False  # a `PUT` that answers with all that it has set is no list
    verb = method.name.split("_")[0]
    if verb in _CHANGES | _OWN_WORDS or (operation is None and _posts(method)):
        return False
    if method.is_pager:
        return True
    returned = {name for name in method.returned if name != "None"}
    if "bytes" in method.returned_names:
        return False  # a stream
    return bool(returned) and returned <= _MANY and (verb == "get" or operation is not None)


def _posts(method: Method) -> bool:
    """Whether a method changes something, by the requests that it sends: what comes back tells what it has done."""
    called = attributes_in(method.node)
    words = (node.value for node in nodes_of(method.node) if isinstance(node, ast.Constant))
    return bool(called & {"_post", "_put", "_patch", "_delete"}) or any(
        isinstance(word, str) and word.lower() in ("post", "put", "patch", "delete") for word in words
    )


def _arrays(side: Side) -> Iterator[Problem]:
    """Yield the methods that call what answers an array, by the description, and do not say so."""
    spec = side.package.spec or {}
    for http_method, path, definition in operations_of(spec):
        if http_method != "GET" or not _answers_array(spec, definition):
            continue
        caller = side.caller_of(http_method, path)
        if caller is not None and not caller[1].name.startswith("list_") and not _has_own_verb(side.package, *caller):
            hint = f"{http_method} {path} answers an array: the method that calls it should begin with list_"
            yield problem(caller[1].file, caller[1].node, hint)


def _has_own_verb(package: Package, client: ClientSource, method: Method) -> bool:
    """Whether the service has a word of its own for what the method does, such as `search`.

    Or whether it has two operations that would be called alike: `get_permissions` beside `list_permissions`.
    """
    verb, _, noun = method.name.partition("_")
    return package.calls_itself(client, method) and (verb not in _VERBS or f"list_{noun}" in client.methods)


def _answers_array(spec: Mapping[str, Any], definition: Mapping[str, Any]) -> bool:
    answer = resolved(spec, definition.get("responses", {}).get("200", {}))
    content: Mapping[str, Any] = answer.get("content", {}).get("application/json", answer)
    return resolved(spec, content.get("schema", {})).get("type") == "array"
