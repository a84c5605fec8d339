"""Models: typed views of JSON objects that lose nothing and let edits through."""

from __future__ import annotations

import copy
import datetime
import gc
import inspect
import json
import logging
import pickle
import subprocess
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

import jsonpatch
import pytest
from clientsmith.core.models import UNSET, Model, ModelDecodeError, additional, field
from clientsmith.core.patches import json_patch, merge_patch
from clientsmith.core.serialization import DATETIME, dumps, list_of, loads, map_of, merge_fields, to_wire, union_of
from hypothesis import given
from hypothesis import strategies as st

NOON = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)


class Colour(str, Enum):  # noqa: UP042 - what guideline models-enum-string asks for
    RED = "red"
    BLUE = "blue"


class Part(Model, tag="kind"):
    kind: str = field("kind", init=False)
    made: datetime.datetime | None = field("madeAt", DATETIME, default=UNSET)


class Bolt(Part, value="bolt"):
    size: int = field("size")


class HexBolt(Bolt, value="hex-bolt"):
    key: int | None = field("key", default=UNSET)


class Widget(Model):
    name: str = field("name")
    made: datetime.datetime | None = field("madeAt", DATETIME, default=UNSET)
    colour: Colour | str | None = field("colour", Colour, default=UNSET)
    tags: list[str] | None = field("tags", default=UNSET)
    labels: dict[str, str] | None = field("labels", default=UNSET)
    parts: list[Part] | None = field("parts", list_of(Part), default=UNSET)
    shelves: dict[str, list[Part]] | None = field("shelves", map_of(list_of(Part)), default=UNSET)
    seen: list[datetime.datetime] | None = field("seenAt", list_of(DATETIME), default=UNSET)
    due: dict[str, datetime.datetime] | None = field("due", map_of(DATETIME), default=UNSET)
    inside: Widget | None = field("inside", lambda: Widget, default=UNSET)
    secret: str | None = field("password", default=UNSET, secret=True)
    # Names that a Mapping would have taken for itself.
    items: list[int] | None = field("items", default=UNSET)
    keys: int | None = field("keys", default=UNSET)
    values: int | None = field("values", default=UNSET)
    get: str | None = field("get", default=UNSET)


def a_widget() -> dict[str, Any]:
    """What a service sends: everything there is, something unknown, and spellings that are not ours."""
    return {
        "name": "w",
        "madeAt": "2026-11-21t12:00:00.000000000z",
        "colour": "mauve",
        "tags": ["a"],
        "labels": {"x": "y"},
        "parts": [{"kind": "bolt", "size": 3}, {"kind": "nut", "thread": 1}, None],
        "shelves": {"top": [{"kind": "hex-bolt", "size": 4, "key": 5}]},
        "seenAt": ["2026-11-21T12:00:00.000+00:00"],
        "due": {"soon": "2026-11-21T13:00:00+01:00"},
        "inside": {"name": "inner", "inside": {"name": "innermost"}},
        "password": "hunter2",
        "items": [1],
        "keys": 2,
        "values": 3,
        "get": "four",
        "fromTheFuture": {"deep": [1, None, "ü"]},
    }


def read_everything(model: Model) -> None:
    for name in model._shape.fields:
        value = getattr(model, name)
        for nested in value if isinstance(value, list) else [value]:
            if isinstance(nested, Model):
                read_everything(nested)


# --- reading ---------------------------------------------------------------------------------------------------------


def test_attributes_are_converted_and_kept() -> None:
    """The second read gives the very same object."""
    widget = Widget.from_dict(a_widget())
    assert widget.name == "w"
    assert widget.made == NOON
    assert widget.made is widget.made
    assert widget.parts is not None
    assert widget.parts is widget.parts
    assert [type(part) for part in widget.parts] == [Bolt, Part, type(None)]
    assert widget.seen == [NOON]
    assert widget.due == {"soon": NOON}
    assert (widget.items, widget.keys, widget.values, widget.get) == ([1], 2, 3, "four")


def test_loading_copies_nothing_and_editing_changes_nothing_of_the_callers() -> None:
    """A model is a view of the dict; what is edited is copied, so that two models over one document do not mix."""
    wire = a_widget()
    before = copy.deepcopy(wire)
    widget, other = Widget.from_dict(wire), Widget.from_dict(wire)
    assert widget._data is wire
    for edit in (append_a_part, edit_a_part, fill_a_shelf, change_dates, edit_plain_values, edit_deep_inside):
        edit(widget)
    widget["fromTheFuture"]["deep"].append(2)
    assert widget["fromTheFuture"] == {"deep": [1, None, "ü", 2]}
    assert widget.as_dict() != before
    assert wire == before
    assert other == before


def test_any_mapping_can_be_loaded() -> None:
    """What is no dict is copied into one."""
    assert Widget.from_dict(MappingProxyType({"name": "w"})).name == "w"


@pytest.mark.parametrize("depth", [10, 900], ids=["deep", "nearly too deep for json"])
def test_what_json_can_read_a_model_can(depth: int) -> None:
    """A service that nests as deep as it may stops nobody from reading, showing and sending."""
    text = b'{"name":' + b"[" * depth + b"]" * depth + b"}"
    widget = Widget.from_dict(json.loads(text))
    assert isinstance(widget.name, list)
    assert repr(widget).startswith("Widget(name=")
    assert dumps(widget) == text


def test_what_is_no_mapping_is_refused() -> None:
    with pytest.raises(TypeError, match="Widget is read from a mapping, got list"):
        Widget.from_dict([])  # type: ignore[arg-type]


def test_a_missing_field_reads_none_and_is_told_from_null() -> None:
    """The attribute is None for both; `in` knows which."""
    absent, null = Widget.from_dict({"name": "w"}), Widget.from_dict({"name": "w", "madeAt": None})
    assert absent.made is None
    assert null.made is None
    assert "madeAt" not in absent
    assert "madeAt" in null
    assert Widget.from_dict({}).name is None, "required, but the service left it out"


@pytest.mark.parametrize(
    ("name", "wire"),
    [
        pytest.param("made", "yesterday", id="no date"),
        pytest.param("made", 17, id="a number for a date"),
        pytest.param("parts", {"not": "a list"}, id="a dict for a list"),
        pytest.param("parts", ["not a model"], id="a string for a model"),
        pytest.param("inside", ["x"], id="a list for a model"),
        pytest.param("colour", ["x"], id="a list for an enum"),
        pytest.param("due", {"soon": "later"}, id="no date in a map"),
    ],
)
def test_what_cannot_be_converted_reads_as_it_came(name: str, wire: object, caplog: pytest.LogCaptureFixture) -> None:
    """A client must not break because a service changed; the log says what happened, without the value."""
    caplog.set_level(logging.DEBUG, "clientsmith.core")
    wire_name = Widget._shape.fields[name].wire_name
    widget = Widget.from_dict({"name": "w", wire_name: wire})
    assert getattr(widget, name) == wire
    assert widget.as_dict() == {"name": "w", wire_name: wire}
    assert "yesterday" not in caplog.text
    if name != "colour":
        assert f"Widget.{name} cannot be read and stays as it came" in caplog.text


def test_a_codec_that_cannot_be_resolved_is_an_error_of_the_program() -> None:
    """It is not swallowed like a bad value, and not mistaken for a missing attribute."""

    class Broken(Model):
        owner: object = field("owner", lambda: json.NoSuchClass)  # type: ignore[attr-defined]

    with pytest.raises(TypeError, match=r"Broken\.owner: its codec cannot be used: .*NoSuchClass"):
        Broken.from_dict({"owner": {}}).owner  # noqa: B018


def test_an_enum_is_open() -> None:
    assert Widget.from_dict({"colour": "red"}).colour is Colour.RED
    assert Widget.from_dict({"colour": "mauve"}).colour == "mauve"


# --- strict reading --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            {"madeAt": "yesterday"}, "Widget.made: madeAt is 'yesterday', wanted datetime.datetime", id="date"
        ),
        pytest.param(
            {"seenAt": ["2026-11-21T12:00:00Z", "x" * 200]},
            f"Widget.seen: seenAt[1] is '{'x' * 78}…, wanted datetime.datetime",
            id="cut, in a list",
        ),
        pytest.param(
            {"inside": {"name": "i", "parts": [{"kind": "bolt", "size": 1, "madeAt": 5}]}},
            "Bolt.made: inside.parts[0].madeAt is 5, wanted datetime.datetime",
            id="nested",
        ),
        pytest.param({"due": {"soon": 1}}, "Widget.due: due.soon is 1, wanted datetime.datetime", id="in a map"),
        pytest.param({"inside": {}}, "Widget.name: inside.name is missing, wanted a value", id="required"),
        pytest.param(
            {"inside": 5}, "Widget.inside: inside is 5, wanted an object that Widget can read", id="no object"
        ),
        pytest.param({"name": 5}, "Widget.name: name is 5, wanted str", id="scalar"),
        pytest.param({"name": None}, "Widget.name: name is None, wanted str", id="null"),
        pytest.param({"items": [1, True]}, "Widget.items: items is [1, True], wanted list[int] | None", id="items"),
        pytest.param({"labels": {"x": 1}}, "Widget.labels: labels is {'x': 1}, wanted dict[str, str] | None", id="map"),
        pytest.param({"password": 5}, "Widget.secret: password is ***, wanted str | None", id="secret"),
        pytest.param({"parts": 5}, "Widget.parts: parts is 5, wanted a list of Part or a mapping", id="list"),
    ],
)
def test_strict_reading_reports_the_first_misfit(change: dict[str, Any], message: str) -> None:
    """Class, field, place and value are named; the same data loads without a word otherwise."""
    wire = {"name": "w", **change}
    with pytest.raises(ModelDecodeError) as caught:
        Widget.from_dict(wire, strict=True)
    assert str(caught.value) == message
    assert str(pickle.loads(pickle.dumps(caught.value))) == message
    Widget.from_dict(wire)


def test_strict_reading_hides_what_a_secret_holds() -> None:
    """Also in models below it, and in the error that was the cause."""

    class Vault(Model):
        opened: datetime.datetime = field("openedAt", DATETIME, secret=True)
        content: Widget = field("content", Widget, secret=True)

    for wire in (
        {"openedAt": "hunter2", "content": {}},
        {"openedAt": None, "content": {"name": "w", "madeAt": "hunter2"}},
    ):
        with pytest.raises(ModelDecodeError, match=r"is \*\*\*, wanted") as caught:
            Vault.from_dict(wire, strict=True)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_strict_reading_of_a_class_that_no_module_has() -> None:
    """As in a notebook's cell that is run by `exec`: annotations that can be resolved count, the others do not."""
    namespace: dict[str, Any] = {"__name__": "nowhere", "Model": Model, "field": field}
    source = "class Cell(Model):\n  n: int = field('n')\n  later: 'Unknown' = field('later')"
    exec(source, namespace)
    cell = namespace["Cell"]
    assert cell.from_dict({"n": 1, "later": 2}, strict=True).n == 1
    with pytest.raises(ModelDecodeError, match="wanted int"):
        cell.from_dict({"n": "1", "later": 2}, strict=True)


def test_strict_reading_takes_what_fits() -> None:
    wire = {key: value for key, value in a_widget().items() if key != "parts"}
    assert Widget.from_dict(wire, strict=True).as_dict() == wire


def test_strict_reading_of_what_is_no_object() -> None:
    with pytest.raises(ModelDecodeError, match="Widget: the document is 5, wanted an object that Widget can read"):
        Widget.from_dict(5, strict=True)  # type: ignore[arg-type]


# --- constructing ----------------------------------------------------------------------------------------------------


def test_the_constructor_writes_the_wire_form() -> None:
    widget = Widget(name="w", made=NOON, colour=Colour.RED, parts=[Bolt(size=3)], tags=None, labels=UNSET)
    assert widget.as_dict() == {
        "name": "w",
        "madeAt": "2026-11-21T12:00:00Z",
        "colour": "red",
        "parts": [{"kind": "bolt", "size": 3}],
        "tags": None,
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({}, "Widget needs the argument 'name'", id="missing"),
        pytest.param({"nmae": "w"}, "Widget has no field 'nmae'; did you mean 'name'?", id="misspelt"),
        pytest.param({"madeAt": NOON}, "Widget has no field 'madeAt'; in Python it is 'made'", id="wire name"),
        pytest.param({"name": "w", "made": "today"}, "Widget.made: wanted datetime.datetime, got str", id="no date"),
        pytest.param({"name": "w", "inside": 5}, "Widget.inside: wanted Widget or a mapping, got int", id="no model"),
        pytest.param(
            {"name": "w", "parts": Bolt(size=1)},
            "Widget.parts: wanted a list of Part or a mapping, got Bolt",
            id="no list",
        ),
        pytest.param(
            {"name": "w", "seen": [NOON, 5]}, r"Widget.seen: \[1\]: wanted datetime.datetime, got int", id="item"
        ),
        pytest.param(
            {"name": "w", "due": {"soon": 5}}, r"Widget.due: \['soon'\]: wanted datetime.datetime, got int", id="value"
        ),
        pytest.param({"name": "w", "colour": 1.5}, "Widget.colour: wanted Colour, str or int, got float", id="no enum"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        Widget(**arguments)


def test_the_tag_is_not_an_argument() -> None:
    with pytest.raises(TypeError, match="Bolt sets its field 'kind' itself; leave the argument out"):
        Bolt(size=1, kind="bolt")  # type: ignore[call-arg]


def test_a_default_is_sent_and_never_shared() -> None:
    class Page(Model):
        size: int = field("size", default=10)
        sort: list[str] = field("sort", default=["name"])

    first, second = Page(), Page(size=UNSET)
    assert first.as_dict() == {"size": 10, "sort": ["name"]}
    assert second.as_dict() == {"sort": ["name"]}
    first.sort.append("age")
    assert Page().sort == ["name"]
    assert Page.from_dict({}).size is None, "the default is what we send, not what the service meant"


def test_a_dict_stands_in_for_a_model() -> None:
    """Wherever a model is taken (guideline client-splat-args), and it reads as a model."""
    widget = Widget(name="w", inside={"name": "i"}, parts=[{"kind": "bolt", "size": 1}], colour="red")  # type: ignore[arg-type, list-item]
    assert isinstance(widget.inside, Widget)
    assert widget.parts is not None
    assert isinstance(widget.parts[0], Bolt)
    assert widget.colour is Colour.RED
    widget.inside.name = "renamed"
    assert widget.as_dict()["inside"] == {"name": "renamed"}


def test_the_signature_is_shown() -> None:
    assert str(inspect.signature(HexBolt)).startswith("(*, made: ")
    assert list(inspect.signature(HexBolt).parameters) == ["made", "size", "key"]
    assert inspect.signature(HexBolt).parameters["size"].default is inspect.Parameter.empty


def test_a_field_cannot_take_the_name_of_a_method() -> None:
    with pytest.raises((TypeError, RuntimeError)) as caught:

        class Wrong(Model):
            as_dict: str = field("as_dict")  # type: ignore[assignment]

    # Python 3.11 wraps what __set_name__ raises.
    assert "the name belongs to Model" in str(caught.value.__cause__ or caught.value)


# --- editing ---------------------------------------------------------------------------------------------------------


def append_a_part(widget: Widget) -> None:
    assert widget.parts is not None
    widget.parts.append(Bolt(size=9))


def edit_a_part(widget: Widget) -> None:
    assert widget.parts is not None
    widget.parts[0].made = NOON


def replace_a_part(widget: Widget) -> None:
    assert isinstance(widget.parts, list)
    widget.parts[2] = Bolt(size=7)


def fill_a_shelf(widget: Widget) -> None:
    assert widget.shelves is not None
    widget.shelves["top"].append(Bolt(size=1))
    widget.shelves["new"] = []


def change_dates(widget: Widget) -> None:
    assert isinstance(widget.seen, list)
    assert isinstance(widget.due, dict)
    widget.seen[0] = NOON + datetime.timedelta(hours=1)
    widget.due["later"] = NOON


def edit_plain_values(widget: Widget) -> None:
    assert widget.tags is not None
    assert widget.labels is not None
    widget.tags.append("b")
    widget.labels["z"] = "1"


def edit_deep_inside(widget: Widget) -> None:
    assert widget.inside is not None
    assert widget.inside.inside is not None
    widget.inside.inside.parts = [Bolt(size=1)]
    widget.inside.inside.parts.append(Bolt(size=2))


def set_to_null(widget: Widget) -> None:
    widget.made = None
    widget.parts = None


def remove(widget: Widget) -> None:
    del widget.made
    del widget.parts
    widget.tags = UNSET


def edit_by_wire_name(widget: Widget) -> None:
    assert widget.made
    widget["madeAt"] = "2000-01-01T00:00:00Z"
    widget["unheardOf"] = [1]
    del widget["fromTheFuture"]


BOLT = {"kind": "bolt", "size": 3}
EDITS = [
    pytest.param(
        append_a_part, {"parts": [BOLT, {"kind": "nut", "thread": 1}, None, {"kind": "bolt", "size": 9}]}, id="append"
    ),
    pytest.param(
        edit_a_part,
        {"parts": [{**BOLT, "madeAt": "2026-11-21T12:00:00Z"}, {"kind": "nut", "thread": 1}, None]},
        id="edit item",
    ),
    pytest.param(
        replace_a_part, {"parts": [BOLT, {"kind": "nut", "thread": 1}, {"kind": "bolt", "size": 7}]}, id="replace item"
    ),
    pytest.param(
        fill_a_shelf,
        {"shelves": {"top": [{"kind": "hex-bolt", "size": 4, "key": 5}, {"kind": "bolt", "size": 1}], "new": []}},
        id="list in a map",
    ),
    pytest.param(
        change_dates,
        {
            "seenAt": ["2026-11-21T13:00:00Z"],
            "due": {"soon": "2026-11-21T13:00:00Z", "later": "2026-11-21T12:00:00Z"},
        },
        id="converted values",
    ),
    pytest.param(edit_plain_values, {"tags": ["a", "b"], "labels": {"x": "y", "z": "1"}}, id="plain values"),
    pytest.param(
        edit_deep_inside,
        {
            "inside": {
                "name": "inner",
                "inside": {"name": "innermost", "parts": [{"kind": "bolt", "size": 1}, {"kind": "bolt", "size": 2}]},
            }
        },
        id="deep inside",
    ),
    pytest.param(set_to_null, {"madeAt": None, "parts": None}, id="null"),
    pytest.param(remove, {"madeAt": UNSET, "parts": UNSET, "tags": UNSET}, id="removed"),
    pytest.param(
        edit_by_wire_name,
        {"madeAt": "2000-01-01T00:00:00Z", "unheardOf": [1], "fromTheFuture": UNSET},
        id="by wire name",
    ),
]

WAYS_OUT: dict[str, Callable[[Widget], Any]] = {
    "as_dict": lambda widget: widget.as_dict(),
    "dumps": lambda widget: loads(dumps(widget)),
    "dumps in a list": lambda widget: loads(dumps({"body": [widget]}))["body"][0],
    "pickle": lambda widget: pickle.loads(pickle.dumps(widget)).as_dict(),
    "deepcopy": lambda widget: copy.deepcopy(widget).as_dict(),
    "copy": lambda widget: copy.copy(widget).as_dict(),
    "[]": lambda widget: {name: to_wire(widget[name]) for name in widget},
    "merge_fields": lambda widget: loads(dumps(merge_fields(Widget, widget, {}))),
}


@pytest.mark.parametrize("way_out", WAYS_OUT.values(), ids=WAYS_OUT)
@pytest.mark.parametrize(("edit", "change"), EDITS)
def test_edits_reach_the_wire(
    edit: Callable[[Widget], None], change: Mapping[str, Any], way_out: Callable[[Widget], Any]
) -> None:
    """Whatever was edited in place, on every way out of a model; and nothing else changed."""
    widget = Widget.from_dict(a_widget())
    read_everything(widget)
    edit(widget)
    expected = {key: value for key, value in {**a_widget(), **change}.items() if value is not UNSET}
    found = way_out(widget)
    if (
        edit is change_dates
    ):  # same length, all read: the unchanged neighbour would keep its spelling; here keys changed
        assert found["due"].keys() == {"soon", "later"}
        expected["due"] = found["due"] = {key: DATETIME.decode(value) for key, value in found["due"].items()}
    assert found == expected
    assert widget == expected or edit is change_dates


def test_reading_changes_nothing() -> None:
    """Dates keep the spelling of the service, even in lists that were converted."""
    widget = Widget.from_dict(a_widget())
    read_everything(widget)
    assert widget.as_dict() == a_widget()
    assert list(widget) == list(a_widget())


def test_an_assigned_list_stays_the_callers() -> None:
    parts: list[Part] = [Bolt(size=1)]
    widget = Widget(name="w", parts=parts)
    assert widget.parts is parts
    parts.append(Bolt(size=2))
    assert widget["parts"] == [{"kind": "bolt", "size": 1}, {"kind": "bolt", "size": 2}]


def test_as_dict_can_be_edited_freely() -> None:
    widget = Widget.from_dict(a_widget())
    free = widget.as_dict()
    free["parts"].clear()
    free["fromTheFuture"]["deep"].append(1)
    free["labels"]["new"] = "1"
    assert widget == a_widget()


@pytest.mark.parametrize("action", [setattr, lambda model, name, _: delattr(model, name)], ids=["set", "delete"])
def test_an_unknown_attribute_is_an_error_that_names_the_nearest(
    action: Callable[[Model, str, object], object],
) -> None:
    with pytest.raises(AttributeError, match=r"Widget has no field 'colur'; did you mean 'colour'\?"):
        action(Widget(name="w"), "colur", 1)


def test_reading_an_unknown_attribute_is_an_error_as_of_any_object() -> None:
    """Python names the nearest by itself, as the fields are attributes of the class."""
    script = (
        "from clientsmith.core.models import Model, field\n"
        "class Pet(Model): colour: str = field('color')\n"
        "Pet(colour='red').colur"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "AttributeError: 'Pet' object has no attribute 'colur'. Did you mean: 'colour'?" in run.stderr
    assert {"name", "made", "parts"} <= set(dir(Widget(name="w")))


def test_a_wrong_assignment_changes_nothing() -> None:
    widget = Widget(name="w", made=NOON)
    with pytest.raises(TypeError, match=r"Widget\.made: wanted datetime\.datetime, got str"):
        widget.made = "tomorrow"  # type: ignore[assignment]
    assert widget.made == NOON
    assert widget.as_dict() == {"name": "w", "madeAt": "2026-11-21T12:00:00Z"}


def test_a_hand_written_child_may_add_properties() -> None:
    class Handy(Widget):
        @property
        def title(self) -> str:
            return self.name.title()

        @title.setter
        def title(self, value: str) -> None:
            self.name = value.lower()

    handy = Handy.from_dict({"name": "w"})
    handy.title = "NEW"
    assert (handy.title, handy["name"]) == ("New", "new")


# --- as an object ----------------------------------------------------------------------------------------------------


def test_a_model_has_a_mappings_operators_and_none_of_its_names() -> None:
    widget = Widget.from_dict({"name": "w", "extra": 1, "items": [5]})
    assert not isinstance(widget, Mapping)
    assert widget["extra"] == 1
    assert "extra" in widget
    assert len(widget) == 3
    assert list(widget) == ["name", "extra", "items"]
    assert widget.items == [5]
    with pytest.raises(KeyError):
        widget["madeAt"]
    assert Widget.from_dict({}), "true although empty: it exists"


def test_models_compare_by_content() -> None:
    assert Widget.from_dict(a_widget()) == Widget.from_dict(a_widget())
    assert Widget.from_dict(a_widget()) == a_widget()
    assert Widget(name="a") != Widget(name="b")
    assert Widget(name="a") != "a"
    assert Bolt(size=1) != HexBolt.from_dict(Bolt(size=1).as_dict()), "another class"
    with pytest.raises(TypeError, match="unhashable"):
        hash(Widget(name="a"))


def test_a_copy_shares_what_is_nested_and_a_deep_copy_nothing() -> None:
    widget = Widget.from_dict(a_widget())
    shallow, deep = copy.copy(widget), copy.deepcopy(widget)
    shallow.name = "copy"
    assert widget.inside is not None
    widget.inside.name = "seen by the shallow copy"
    assert shallow.inside is not None
    assert deep.inside is not None
    assert widget.name == "w"
    assert shallow.inside.name == "seen by the shallow copy"
    assert deep.inside.name == "inner"


def test_models_can_be_weakly_referred_to_and_hold_no_cycle() -> None:
    widget = Widget.from_dict(a_widget())
    read_everything(widget)
    reference = weakref.ref(widget)
    gc.disable()
    try:
        del widget
        assert reference() is None
    finally:
        gc.enable()


def test_unset_is_one_false_object() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert pickle.loads(pickle.dumps(UNSET)) is UNSET
    assert copy.deepcopy(UNSET) is UNSET


# --- repr ------------------------------------------------------------------------------------------------------------


def test_repr_shows_type_and_fields_and_no_secret() -> None:
    widget = Widget.from_dict({"name": "w", "password": "hunter2", "madeAt": None, "unknown": "hunter3"})
    assert repr(widget) == "Widget(name='w', made=None, secret='***')"


@pytest.mark.parametrize(
    "wire",
    [
        {"name": "x" * 100_000},
        {"name": "w", "tags": ["t"] * 1_000_000},
        {"name": "w", "parts": [{"kind": "bolt", "size": 1}] * 2_000},
        {"name": "w", "labels": {str(number): "x" for number in range(100_000)}},
    ],
    ids=["string", "list", "models", "dict"],
)
def test_repr_is_cut(wire: dict[str, Any]) -> None:
    """Guideline models-repr-length."""
    text = repr(Widget.from_dict(wire))
    assert len(text) == 1024
    assert text.startswith("Widget(name=")
    assert text.endswith("…")


# --- hierarchies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "kind", "loaded"),
    [
        pytest.param(Part, "bolt", Bolt, id="child"),
        pytest.param(Part, "hex-bolt", HexBolt, id="grandchild"),
        pytest.param(Bolt, "hex-bolt", HexBolt, id="child of the declared one"),
        pytest.param(Bolt, "bolt", Bolt, id="itself"),
        pytest.param(Part, "nut", Part, id="unknown: the base"),
        pytest.param(HexBolt, "bolt", HexBolt, id="the parent's: as declared"),
        pytest.param(Part, None, Part, id="null"),
        pytest.param(Part, ["bolt"], Part, id="no string"),
    ],
)
def test_the_tag_chooses_the_class(declared: type[Part], kind: object, loaded: type[Part]) -> None:
    part = declared.from_dict({"kind": kind, "size": 1})
    assert type(part) is loaded
    assert part.kind == kind


def test_a_child_may_have_a_tag_of_its_own() -> None:
    class Shape(Model, tag="type"):
        type: str = field("type", init=False)

    class Polygon(Shape, tag="sides", value="polygon"):
        sides: str = field("sides", init=False)

    class Square(Polygon, value="four"):
        length: int = field("length")

    assert Square(length=1).as_dict() == {"type": "polygon", "sides": "four", "length": 1}
    assert isinstance(Shape.from_dict({"type": "polygon", "sides": "four"}), Square)
    assert type(Shape.from_dict({"type": "four"})) is Shape


def test_a_value_needs_a_tag_above_it() -> None:
    with pytest.raises(TypeError, match="Lost has value='x', but no class above it has a tag"):

        class Lost(Model, value="x"):
            pass


def test_a_union_of_models_is_told_apart_by_its_tag() -> None:
    class Box(Model):
        content: Bolt | Widget | dict[str, Any] = field(
            "content", union_of("kind", {"bolt": Bolt, "widget": lambda: Widget})
        )

    assert isinstance(Box.from_dict({"content": {"kind": "bolt"}}).content, Bolt)
    widget = Box.from_dict({"content": {"kind": "widget", "name": "w", "parts": []}})
    assert isinstance(widget.content, Widget)
    append_a_part(widget.content)
    assert widget["content"]["parts"] == [{"kind": "bolt", "size": 9}]
    assert Box.from_dict({"content": {"kind": "new"}}).content == {"kind": "new"}
    with pytest.raises(
        ModelDecodeError, match="content is 5, wanted a mapping whose 'kind' is one of 'bolt', 'widget'"
    ):
        Box.from_dict({"content": 5}, strict=True)


# --- properties ------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
WIRE_NAMES = st.sampled_from([each.wire_name for each in Widget._shape.fields.values()]) | st.text()
OBJECTS = st.dictionaries(
    WIRE_NAMES, JSON | st.sampled_from(list(a_widget())).map(lambda name: a_widget()[name]), max_size=8
)


@given(OBJECTS, st.booleans())
def test_any_object_passes_through_unchanged(wire: dict[str, Any], is_read: bool) -> None:
    """Known or not, fitting or not, read or not."""
    before = copy.deepcopy(wire)
    widget = Widget.from_dict(wire)
    if is_read:
        read_everything(widget)
    assert widget.as_dict() == before
    assert wire == before
    assert loads(dumps(widget)) == before
    assert len(repr(widget)) <= 1024
    assert pickle.loads(pickle.dumps(widget)) == widget == copy.deepcopy(widget)


@given(OBJECTS, st.lists(st.sampled_from([edit.values[0] for edit in EDITS]), max_size=3))
def test_edits_survive_every_way_out(wire: dict[str, Any], edits: list[Callable[[Widget], None]]) -> None:
    """All ways out agree, after any edits that the data allows; what came is untouched, and a patch leads from it."""
    before = pickle.dumps(wire)
    widget = Widget.from_dict(wire)
    for edit in edits:
        try:
            edit(widget)
        except (AssertionError, AttributeError, IndexError, KeyError, TypeError):
            continue  # there was nothing to edit
    expected = widget.as_dict()
    for way_out in WAYS_OUT.values():
        assert way_out(widget) == expected
    assert wire == pickle.loads(before)
    assert jsonpatch.apply_patch(wire, json_patch(widget)) == expected


# --- cost ------------------------------------------------------------------------------------------------------------


def test_importing_models_stays_cheap() -> None:
    """Neither the event loop nor any library, and no date before there is one."""
    script = "import sys, clientsmith.core.models; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    heavy = {
        "asyncio",
        "email",
        "requests",
        "urllib3",
        "aiohttp",
        "msgspec",
        "pydantic",
        "datetime",
        "uuid",
        "inspect",
        "difflib",
    }
    assert not heavy & set(run.stdout.split())


# --- additional properties -------------------------------------------------------------------------------------------


class Forecast(Model):
    city: str = field("city")
    days: dict[str, datetime.datetime] = additional(DATETIME, default=UNSET)


class Zoo(Model):
    animals: dict[str, Part] = additional(Part, default=UNSET)


RAIN = "2026-11-21t12:00:00.000z"


def test_members_that_no_field_names_are_one_typed_field() -> None:
    """OpenAPI's ``additionalProperties``; what cannot be read is there as it came."""
    forecast = Forecast.from_dict({"city": "Rome", "rain": RAIN, "sun": "sometimes", "fog": None})
    assert forecast.days == {"rain": NOON, "sun": "sometimes", "fog": None}
    assert forecast.days is forecast.days
    assert Forecast.from_dict({"city": "Rome"}).days == {}
    assert repr(Forecast(city="Rome", days={})) == "Forecast(city='Rome')"
    assert repr(Forecast(city="Rome", days={"fog": None})) == "Forecast(city='Rome', days={'fog': None})"  # type: ignore[dict-item]


def test_edits_of_additional_members_reach_the_wire() -> None:
    """And what was not edited keeps its spelling."""
    wire = {"city": "Rome", "rain": RAIN, "sun": "sometimes", "fog": RAIN}
    forecast = Forecast.from_dict(wire)
    forecast.days["snow"] = NOON
    del forecast.days["fog"]
    edited = {"city": "Rome", "rain": RAIN, "sun": "sometimes", "snow": "2026-11-21T12:00:00Z"}
    for way_out in (Model.as_dict, copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))):
        assert way_out(forecast) == edited
    assert merge_patch(forecast) == {"snow": "2026-11-21T12:00:00Z", "fog": None}
    assert wire["fog"] == RAIN
    forecast.days = {"fog": NOON}
    assert forecast.as_dict() == {"city": "Rome", "fog": "2026-11-21T12:00:00Z"}
    del forecast.days
    assert forecast == {"city": "Rome"}


def test_additional_members_are_seen_by_wire_name_too() -> None:
    """Both ways: an edit of one is seen through the other."""
    forecast = Forecast.from_dict({"city": "Rome", "rain": RAIN})
    forecast.days["snow"] = NOON
    assert "snow" in forecast
    assert (len(forecast), list(forecast)) == (3, ["city", "rain", "snow"])
    forecast["sun"] = "2026-11-21T12:00:00Z"
    assert forecast.days == {"rain": NOON, "snow": NOON, "sun": NOON}
    del forecast["rain"]
    assert forecast.days == {"snow": NOON, "sun": NOON}
    assert forecast["snow"] == "2026-11-21T12:00:00Z"


def test_additional_models_are_edited_in_place() -> None:
    zoo = Zoo.from_dict({"a": {"kind": "bolt", "size": 1}})
    bolt = zoo.animals["a"]
    assert isinstance(bolt, Bolt)
    bolt.size = 2
    assert zoo.as_dict() == {"a": {"kind": "bolt", "size": 2}}
    assert Zoo(animals={"b": Bolt(size=3)}) == {"b": {"kind": "bolt", "size": 3}}


def test_an_additional_member_is_none_that_a_field_names() -> None:
    forecast = Forecast(city="Rome", days={"rain": NOON})
    with pytest.raises(TypeError, match=r"Forecast\.days: 'city' is the field 'city'; set that"):
        forecast.days = {"city": NOON}
    with pytest.raises(TypeError, match=r"Forecast\.days: \['rain'\]: wanted datetime\.datetime, got int"):
        forecast.days = {"rain": 5}  # type: ignore[dict-item]
    assert forecast.days == {"rain": NOON}
    with pytest.raises(ModelDecodeError, match=r"Forecast\.days: sun is 'sometimes', wanted datetime\.datetime"):
        Forecast.from_dict({"city": "Rome", "sun": "sometimes"}, strict=True)
    assert str(inspect.signature(Forecast)).endswith("days: 'dict[str, datetime.datetime]' = UNSET)")


# --- several threads -------------------------------------------------------------------------------------------------


@pytest.fixture
def restless_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def at_once(*functions: Callable[[], object]) -> None:
    """Run functions in threads of their own; raise what one of them raised."""
    start, raised = threading.Barrier(len(functions)), list[BaseException]()

    def run(function: Callable[[], object]) -> None:
        start.wait()
        try:
            function()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


class Many(Model):
    owner: Sizes | None = field("owner", lambda: Sizes, default=UNSET)
    rows: list[Sizes] | None = field("rows", list_of(lambda: Sizes), default=UNSET)
    names: list[str] | None = field("names", default=UNSET)
    labels: dict[str, str] | None = field("labels", default=UNSET)


class Sizes(Model):
    size: int = field("size")


def many() -> Many:
    return Many.from_dict(
        {"owner": {"size": 1}, "rows": [{"size": n} for n in range(20)], "names": ["a"], "labels": {"a": "b"}}
    )


@pytest.mark.usefixtures("restless_threads")
def test_a_model_is_written_while_another_thread_reads_it() -> None:
    """Reading needs no care, and to write, to compare and to print is to read."""
    for _ in range(200):
        pet = many()
        _ = pet.names
        at_once(lambda: [dumps(pet) for _ in range(3)], lambda: (pet.owner, pet.rows, pet.labels))  # noqa: B023


@pytest.mark.usefixtures("restless_threads")
def test_all_threads_read_the_same_list() -> None:
    """Else an edit of one that was read first by the other would be lost."""
    for _ in range(200):
        pet, found = many(), list[Any]()
        at_once(*[lambda: found.append((pet.names, pet.owner))] * 4)  # noqa: B023
        assert {id(names) for names, _ in found} == {id(pet.names)}
        assert {id(owner) for _, owner in found} == {id(pet.owner)}


@pytest.mark.usefixtures("restless_threads")
def test_a_model_that_two_threads_write_still_knows_what_it_was() -> None:
    for _ in range(200):
        pet = many()
        pet.names.append("b")  # type: ignore[union-attr]
        at_once(lambda: dumps(pet), lambda: dumps(pet))  # noqa: B023
        assert merge_patch(pet) == {"names": ["a", "b"]}


# --- what came stays as it came --------------------------------------------------------------------------------------


def test_what_a_codec_reads_is_not_changed_through_its_name_in_json() -> None:
    """It is shown as a copy: an edit of it would change the document, and hide from patches."""
    came = {"owner": {"size": 1}, "rows": [{"size": 2}]}
    model = Many.from_dict(came)
    model["owner"]["size"] = 9
    model["rows"].append({"size": 3})
    assert came == {"owner": {"size": 1}, "rows": [{"size": 2}]} == model.as_dict()
    assert merge_patch(model) == {}


@pytest.mark.parametrize("name", ["from_dict", "_data", "_flush"])
@pytest.mark.parametrize("declared", [field("x"), additional()], ids=["field", "additional"])
def test_a_field_does_not_take_the_place_of_what_a_model_is_made_of(name: str, declared: Any) -> None:
    with pytest.raises((TypeError, RuntimeError)) as caught:  # up to Python 3.11 a RuntimeError around it
        type("Pet", (Model,), {name: declared})
    error = caught.value.__cause__ or caught.value
    assert str(error) == f"Pet.{name}: the name belongs to Model; give the field another Python name"


def test_a_private_name_that_is_free_is_a_field_that_children_may_declare_anew() -> None:
    parent = type("Parent", (Model,), {"_id": field("_id", default=UNSET)})
    child = type("Child", (parent,), {"_id": field("id", default=UNSET)})
    assert child(_id="a").as_dict() == {"id": "a"}
