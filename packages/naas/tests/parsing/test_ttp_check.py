"""Which TTP templates may run: the ways in which TTP executes Python or opens files, and none of them open."""

from __future__ import annotations

import pytest
from naas.parsing.ttp_check import RefusedTemplate, harmless_template

ATTACKS = {
    "macro": ("<macro>\ndef f(data): return data\n</macro>\n{{ x }}", "<macro> is not allowed"),
    "macro in capitals": ("<MACRO>\nx=1\n</MACRO>\n{{ x }}", "<MACRO> is not allowed"),
    "variables in Python": ("<vars>\na = 1\n</vars>\n{{ x }}", "<vars> is not allowed"),
    "variables from a file": ('<vars include="/etc/passwd"/>\n{{ x }}', "<vars> is not allowed"),
    "input": ('<input load="text">\nurl="/etc/passwd"\n</input>\n{{ x }}', "<input> is not allowed"),
    "output to a file": ('<output returner="file" url="/tmp"/>\n{{ x }}', "<output> is not allowed"),
    "lookup": ('<lookup name="a" include="/etc/passwd"/>\n{{ x }}', "<lookup> is not allowed"),
    "extend": ('<extend template="/etc/passwd"/>\n{{ x }}', "<extend> is not allowed"),
    "extend in a group": ('<group>\n{{ x }}\n<extend template="/etc/x"/>\n</group>', "<extend> is not allowed"),
    "nested template": ("<template>\n<template>\n<vars>a=1</vars>\n</template>\n</template>", "<template> is not"),
    "base path": ('<template base_path="/etc"><group>{{ x }}</group></template>', "not `base_path`"),
    "group input": ('<group name="a" input="/etc/passwd">\n{{ x }}\n</group>', "<group input=...> is not allowed"),
    "group macro": ('<group name="a" macro="f">\n{{ x }}\n</group>', "<group macro=...> is not allowed"),
    "group call": ('<group name="a" functions="contains(open(1))">\n{{ x }}\n</group>', "must be plain"),
    "group call as attribute": ('<group contains="open(1)">\n{{ x }}\n</group>', "must be plain"),
    "group attribute that closes the call": ('<group contains="1), open(2">\n{{ x }}\n</group>', "must be plain"),
    "arguments that are none": ("{{ x | contains(a b) }}", "cannot be read; put texts in quotes"),
    "group function in a chain": ("<group functions=\"macro('f')\">\n{{ x }}\n</group>", "'macro' is not allowed"),
    "call": ('{{ x | contains(__import__("os").system("id")) }}', "must be plain texts"),
    "call without the function": ("{{ x(open(1)) }}", "must be plain texts"),
    "attribute": ("{{ x | contains(''.__class__) }}", "must be plain texts"),
    "comprehension": ("{{ x | contains([y for y in (1,)]) }}", "must be plain texts"),
    "format text": ('{{ x | contains(f"{open(1)}") }}', "must be plain texts"),
    "keyword": ("{{ x | contains(a=open(1)) }}", "must be plain texts"),
    "mapping": ("{{ x | contains(**{'a': 1}) }}", "must be plain texts"),
    "sequence": ("{{ x | contains(*[1]) }}", "must be plain texts"),
    "module of TTP": ("{{ x | set(sys) }}", "must be plain texts"),
    "two calls": ("{{ x | contains(1) + _(2) }}", "must be plain texts"),
    "lookup of a name": ("{{ x | dns }}", "'dns' is not allowed"),
    "format": ("{{ x | sformat('{0.__class__}') }}", "'sformat' is not allowed"),
    "headers": ('Port __import__("os") {{ _headers_ }}', "is not a plain word"),
    "entity": ('<!DOCTYPE a [<!ENTITY b "c">]><template>{{ x }}</template>', "XML declaration, comment or entity"),
    "open tag": ("<group>\n{{ x }}", "is not well-formed"),
    "in the tail of a group": (
        "<group>\n{{ a }}\n<group>\n{{ b }}\n</group>\n{{ c | macro('f') }}\n</group>",
        "'macro'",
    ),
}


@pytest.mark.parametrize(("template", "says"), ATTACKS.values(), ids=ATTACKS.keys())
def test_what_runs_python_or_opens_files_is_refused(template: str, says: str) -> None:
    with pytest.raises(RefusedTemplate) as caught:
        harmless_template(template)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "interface {{ name }}",
        "interface {{ name | contains('Gi', \"Te\") | upper }}\n ## a comment {{ x | macro }}\n mtu {{ mtu | to_int }}",
        "<group name=\"interfaces*.{{ name }}\" contains=\"'ip', 'mask'\">\ninterface {{ name | _start_ }}\n</group>",
        "<template results=\"per_template\"><doc>words</doc><group>\n{{ a | re('[0-9]+') }} {{ ignore }}\n</group></template>",
        "Port Name Status {{ _headers_ | columns(3) }}",
        "{{ x | default(None) | replaceall('a', ['b', 'c']) | item(-1) }}",
    ],
)
def test_what_only_describes_text_is_allowed(template: str) -> None:
    assert "<template" in harmless_template(template)


def test_the_tree_that_was_judged_is_the_one_that_runs() -> None:
    """Judging it again finds the same: no step in between could smuggle something in."""
    once = harmless_template("interface {{ name }} &lt;up&gt;")
    assert harmless_template(once) == once
