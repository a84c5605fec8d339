"""Which TTP templates may run: those that only describe text.

TTP (0.10) runs Python in more places than its ``<macro>``: ``<vars>``, ``<input>`` and ``<output>`` are Python by
default, ``include``, ``url`` and ``<extend>`` read files, a returner writes them, and the arguments of every function,
``{{ name | contains(...) }}``, are given to ``eval``; so are the words of a ``_headers_`` line. A list of what is
forbidden would never be complete, so this is a list of what is allowed:

* the tags ``template``, ``group`` and ``doc``, with the attributes named below;
* functions named below, whose arguments are plain values: texts, numbers, words, lists of them.

What is allowed is written out again from what was read here, so that TTP reads the same tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

__all__ = ["RefusedTemplate", "harmless_template"]

LONGEST_TEMPLATE: Final = 32 * 1024
"""Characters. The longest of a thousand ntc-templates has 19,000; judging this many takes a quarter of a second, which
the service's event loop can spare."""

_GROUP_TAGS: Final = frozenset({"group", "grp", "g"})
_PLAIN_GROUP_ATTRIBUTES: Final = frozenset({"name", "default", "method"})
_GROUP_FUNCTIONS: Final = frozenset(
    {"contains", "containsall", "contains_val", "exclude", "excludeall", "exclude_val", "equal", "void", "expand"}
    | {"itemize", "items2dict", "del", "to_int", "to_ip", "str_to_unicode", "functions", "chain"}
)
_MATCH_FUNCTIONS: Final = frozenset(
    # marks and patterns
    {"_start_", "_end_", "_line_", "_exact_", "_exact_space_", "_headers_", "columns", "re", "ignore", "default", "set"}
    | {"PHRASE", "ROW", "ORPHRASE", "DIGIT", "IP", "PREFIX", "IPV6", "PREFIXV6", "WORD", "MAC", "joinmatches"}
    # conditions
    | {"exclude", "equal", "notequal", "contains", "isdigit", "notdigit", "greaterthan", "lessthan", "is_ip"}
    | {"startswith_re", "endswith_re", "contains_re", "notstartswith_re", "notendswith_re", "exclude_re", "cidr_match"}
    # changes
    | {"join", "append", "prepend", "replaceall", "resub", "resuball", "truncate", "item", "count", "let", "copy"}
    | {"to_str", "to_list", "to_int", "to_float", "to_unicode", "to_ip", "to_net", "to_cidr", "ip_info"}
    | {"mac_eui", "unrange", "uptimeparse", "void"}
)
# What a match variable may ask of the text itself: `{{ name | strip }}` calls the method of that name.
_TEXT_METHODS: Final = frozenset(
    {"strip", "lstrip", "rstrip", "upper", "lower", "capitalize", "title", "swapcase", "split", "replace"}
)
# Words that TTP's `eval` would take for its own modules and functions instead of for a text.
_OWN_NAMES: Final = frozenset(
    {"re", "sys", "traceback", "logging", "log", "get_attributes", "_UndefSubst", "_get_args_kwargs"}
)

# These three are TTP's own, to the letter: what it would find must be what is judged here.
_VARIABLE: Final = re.compile(r"{{([\S\s]+?)}}")
_CALL: Final = re.compile(r"^(?P<name>\S+?)\s?(\((?P<options>.*)\))?$")
_IN_BARS: Final = "|"


class RefusedTemplate(ValueError):
    """The template is none, or does more than describe text. The message says what, and what to do."""


def harmless_template(template: str) -> str:
    """Return the template in the form that TTP may be given.

    Raises:
        RefusedTemplate: it is not well-formed, or uses what is not allowed.
    """
    if len(template) > LONGEST_TEMPLATE:
        raise RefusedTemplate(f"the template has {len(template)} characters; {LONGEST_TEMPLATE} are allowed")
    root = _tree_of(template)
    if extra := sorted(set(root.attrib) - {"name", "results"}):
        raise RefusedTemplate(f"<template> may have `name` and `results` only, not `{extra[0]}`; leave it out")
    for element in root:
        if element.tag != "doc":
            _judge_group(element)
    if not any(_VARIABLE.search(text) for text in root.itertext()):
        raise RefusedTemplate("the template has no variable; mark what you want with {{ name }}")
    return ElementTree.tostring(root, encoding="unicode")


def _tree_of(template: str) -> ElementTree.Element:
    """The template as TTP understands it: in a <template>, and in a group where it has none."""
    if "<!" in template or "<?" in template:
        raise RefusedTemplate("the template has an XML declaration, comment or entity; leave it out (## is a comment)")
    root = _parsed(template)
    if root is None or root.tag.lower() != "template":
        root = _parsed(f"<template>\n{template}\n</template>")
    if root is not None and not len(root):
        # As TTP: text alone is one group without a name. A <template> around it is dropped, since TTP would keep it
        # inside the group.
        text = root.text or ""
        root = ElementTree.Element("template", root.attrib)
        ElementTree.SubElement(root, "group", {"name": "_anonymous_"}).text = f"\n{text}\n"
    if root is None:
        raise RefusedTemplate("the template is not well-formed: close every <group>, and write < as &lt; in the text")
    if root.tag != "template":
        raise RefusedTemplate(f"the outermost tag is <{root.tag}>; write <template>, or none")
    return root


def _parsed(text: str) -> ElementTree.Element | None:
    try:
        # Without declarations, which are refused before, nothing in it can grow or be fetched.
        return ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return None


def _judge_group(element: ElementTree.Element) -> None:
    if element.tag not in _GROUP_TAGS:
        raise RefusedTemplate(
            f"<{element.tag}> is not allowed in a template that comes with a request, since it can run Python or open "
            "files; only <group> and <doc> are. Put such a template into the service as ttp://..."
        )
    for name, value in element.attrib.items():
        if name in _PLAIN_GROUP_ATTRIBUTES:
            continue
        if name not in _GROUP_FUNCTIONS:
            raise RefusedTemplate(f"<group {name}=...> is not allowed; {_allowed(_GROUP_FUNCTIONS)}")
        calls = value if name in ("functions", "chain") else f"{name}({value})"
        for function, arguments in _calls_in(calls):
            _judge_call(function, arguments, _GROUP_FUNCTIONS - {"functions", "chain"})
    for text in (element.text, *(child.tail for child in element)):
        _judge_lines(text or "")
    for child in element:
        _judge_group(child)


def _judge_lines(text: str) -> None:
    for line in text.splitlines():
        if line.lstrip().startswith("##"):
            continue
        for content in _VARIABLE.findall(line):
            calls = list(_calls_in(content))
            if not calls:
                raise RefusedTemplate(f"the variable {{{{{content}}}}} has no name; write {{{{ name }}}}")
            _judge_variable(calls[0], line)
            for function, arguments in calls[1:]:
                _judge_call(function, arguments, _MATCH_FUNCTIONS | _TEXT_METHODS)


def _judge_variable(call: tuple[str, str | None], line: str) -> None:
    name, arguments = call
    _judge_arguments(name, arguments)
    if name == "_headers_":
        # TTP makes variables out of the words before it, each with its own `eval`.
        for word in _VARIABLE.sub(" ", line).split():
            if not word.isidentifier() or word in _OWN_NAMES or word.startswith("__"):
                raise RefusedTemplate(f"the header {word!r} is not a plain word of letters, digits and underscores")


def _calls_in(text: str) -> Iterator[tuple[str, str | None]]:
    """The calls between bars, as TTP takes them apart: a bar inside quotes parts them too."""
    for item in text.split(_IN_BARS):
        if not item.strip():
            continue
        found = _CALL.search(item.strip())
        if found is None:
            raise RefusedTemplate(f"{item.strip()!r} is neither a name nor a call such as contains('up')")
        yield found["name"], found["options"]


def _judge_call(function: str, arguments: str | None, allowed: frozenset[str]) -> None:
    if function not in allowed:
        raise RefusedTemplate(f"the function {function!r} is not allowed; {_allowed(allowed)}")
    _judge_arguments(function, arguments)


def _judge_arguments(function: str, arguments: str | None) -> None:
    if not arguments:
        return
    # A text that closes the call and opens another one would be judged as one call and run as two.
    try:
        call = ast.parse(f"_({arguments})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RefusedTemplate(
            f"the arguments of {function}({arguments}) cannot be read; put texts in quotes"
        ) from error
    is_one_call = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "_"
    if not is_one_call or not all(_is_plain(value) for value in _values_of(call)):
        raise RefusedTemplate(f"the arguments of {function}({arguments}) must be plain texts, numbers or words")


def _values_of(call: ast.expr) -> list[ast.expr]:
    assert isinstance(call, ast.Call)
    # `**mapping` has no name of its own and is no plain value.
    return [*call.args, *(word.value if word.arg else ast.Starred(word.value) for word in call.keywords)]


def _is_plain(value: ast.expr) -> bool:
    match value:
        case ast.Constant():
            return True
        case ast.Name():
            return value.id not in _OWN_NAMES and not value.id.startswith("__")
        case ast.List() | ast.Tuple():
            return all(_is_plain(item) for item in value.elts)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=ast.Constant()):
            return True
        case _:
            return False


def _allowed(names: frozenset[str]) -> str:
    return f"allowed are {', '.join(sorted(names))}"
