"""The language of what devices print: fields, repeats, conditions, and nothing that could be executed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naas.simulator.templates import KnownNames, Template, TemplateError, Values

PORTS = ({"name": "Gi0/1", "state": "up", "note": "uplink"}, {"name": "Gi0/2", "state": "down", "note": ""})
KNOWN = KnownNames(frozenset({"host", "list", "empty"}), {"ports": frozenset({"name", "state", "note"})})


def rendered(source: str) -> str:
    device = Values({"host": "sw1", "list": "a,\nb,\nc", "empty": ""})
    scope = Values(device.values, row_source=lambda _: [Values(port, device) for port in PORTS])
    return Template(source, KNOWN).render(scope)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("{host}>", "sw1>", id="field"),
        pytest.param("[{host:<6}]", "[sw1   ]", id="padded on the right"),
        pytest.param("[{host:>6}]", "[   sw1]", id="padded on the left"),
        pytest.param("[{host:6}]", "[sw1   ]", id="padded without a side"),
        pytest.param("[{host:.2}]", "[sw]", id="cut"),
        pytest.param("[{host:<4.2}]", "[sw  ]", id="cut and padded"),
        pytest.param("{{host}}", "{host}", id="braces"),
        pytest.param("{each ports}\n{name} {state}\n{end}\n", "Gi0/1 up\nGi0/2 down\n", id="rows on their own lines"),
        pytest.param("{each ports}{name} {end}.", "Gi0/1 Gi0/2 .", id="rows in a line"),
        pytest.param("{each ports}{host}:{name} {end}", "sw1:Gi0/1 sw1:Gi0/2 ", id="outer field in a row"),
        pytest.param("{each ports}{if note}{note}{else}-{end} {end}", "uplink - ", id="if it is not empty"),
        pytest.param("{each ports}{if state=up}U{else}D{end}{end}", "UD", id="if it is a value"),
        pytest.param("{if empty}x{end}{if host}{if list}y{end}{end}", "y", id="nested"),
        pytest.param("{if empty}x{else}{if host}y{end}z{end}", "yz", id="nested in else"),
        pytest.param("ab {list}.", "ab a,\n   b,\n   c.", id="continued in its column"),
        pytest.param("x\nab {list}", "x\nab a,\n   b,\n   c", id="continued in a later line"),
    ],
)
def test_templates_are_rendered(source: str, text: str) -> None:
    assert rendered(source) == text


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{hots}", "no field is called {hots} here; did you mean host?"),
        ("{host.__class__}", "{host.__class__} is no field; write {name} or {name:<20}, and {{ for a brace"),
        ("{host!r}", "{host!r} is no field"),
        ("{0}", "{0} is no field"),
        ("{}", "{} is no field"),
        ("{host[0]}", "is no field"),
        ("{name}", "no field is called {name} here"),
        ("{host:>9999}", "pads to 9999 columns; 200 is the most"),
        ("a } b", "a single } stands in the text; write }} for the brace"),
        ("a { b", "a single { stands in the text; write {{ for the brace"),
        ("{each prots}{end}", "nothing is called {each prots}; did you mean ports?"),
        ("{each ports}", "a {each} is never closed; write {end} where it ends"),
        ("{if host}", "a {if} is never closed"),
        ("{each ports}{each ports}{end}{end}", "an {each} stands in an {each}; end the outer one first"),
        ("{end}", "{end} closes nothing"),
        ("{else}", "{else} stands outside of an {if}"),
        ("{if host}{else}{else}{end}", "{else} stands outside"),
        ("{if host and list}{end}", "is no condition; write {if FIELD} or {if FIELD=VALUE}"),
    ],
)
def test_mistakes_say_what_to_write(source: str, says: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Template(source, KNOWN)
    assert says in str(caught.value)


@given(st.text(alphabet="{}abchost:<>=. \nif end else each ports_0!"))
def test_no_text_does_anything_but_print_or_be_refused(source: str) -> None:
    try:
        text = rendered(source)
    except TemplateError:
        return
    assert isinstance(text, str)


@given(st.text())
def test_text_without_braces_is_printed_as_it_stands(source: str) -> None:
    text = source.replace("{", "").replace("}", "")
    assert Template(text).render(Values({})) == text


def test_what_a_field_says_is_never_a_template() -> None:
    assert Template("{host}").render(Values({"host": "{host}{each ports}"})) == "{host}{each ports}"
