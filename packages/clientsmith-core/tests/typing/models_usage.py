"""What users write with models, as type checkers see it: read by mypy and pyright, never run.

A wrong use carries the error that each checker must report; an ignore that is not needed is an error itself.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Mapping
from enum import Enum
from typing import Any, assert_type

from clientsmith.core.models import UNSET, Model, additional, field
from clientsmith.core.patches import json_patch, merge_patch
from clientsmith.core.serialization import (
    DATETIME,
    DECIMAL,
    Codec,
    any_of,
    as_codec,
    enum_of,
    list_of,
    map_of,
    model_of,
    tuple_of,
)
from clientsmith.core.xml import Xml, read_xml, write_xml


class Colour(str, Enum):  # noqa: UP042
    RED = "red"


class Part(Model, tag="kind"):
    kind: str = field("kind", init=False)


class Bolt(Part, value="bolt"):
    size: int = field("size")


class Widget(Model):
    name: str = field("name")
    made: datetime.datetime | None = field("madeAt", DATETIME, default=UNSET)
    colour: Colour | str | None = field("colour", Colour, default=UNSET)
    parts: list[Part] | None = field("parts", list_of(lambda: Part), default=UNSET)
    inside: Widget | None = field("inside", lambda: Widget, default=UNSET)
    items: list[int] | None = field("items", default=UNSET)
    get: str | None = field("get", default=UNSET)


class Forecast(Model, xml=Xml("forecast")):
    city: str = field("city", read_only=True, xml=Xml(attribute=True))
    days: dict[str, datetime.datetime] = additional(DATETIME, default=UNSET)


class Handy(Widget):
    """Finished by hand, with a field more."""

    note: str | None = field("note", default=UNSET)

    def shout(self) -> str:
        return self.name.upper()


# --- right -----------------------------------------------------------------------------------------------------------

widget = Widget(name="w", made=None, parts=[Bolt(size=1)], inside=Widget(name="i"))
assert_type(widget.name, str)
assert_type(widget.made, datetime.datetime | None)
assert_type(widget.colour, Colour | str | None)
assert_type(widget.parts, list[Part] | None)
assert_type(widget.items, list[int] | None)
assert_type(Widget.from_dict({"name": "w"}), Widget)
assert_type(Widget.from_dict({"name": "w"}, strict=True), Widget)
assert_type(widget.as_dict(), dict[str, Any])
assert_type(Handy(name="w", note="n").shout(), str)
assert_type(Part.from_dict({}), Part)
assert_type(len(widget), int)
assert_type("name" in widget, bool)
wire_names: list[str] = list(widget)
wire_value: int = widget["unknown"]
widget["unknown"] = 1
widget.made = datetime.datetime.now(datetime.UTC)
widget.made = None
del widget.made

assert_type(list_of(Part), Codec[list[Part]])
assert_type(list_of(lambda: Part), Codec[list[Part]])
assert_type(list_of(DATETIME), Codec[list[datetime.datetime]])
assert_type(list_of(list_of(Part)), Codec[list[list[Part]]])
assert_type(list_of(None), Codec[list[Any]])
assert_type(map_of(Part), Codec[dict[str, Part]])
assert_type(model_of(Part).decode({}), Part)
assert_type(enum_of(Colour).decode("red"), Colour | Any)
assert_type(as_codec(Part), Codec[Any])
assert_type(DECIMAL.decode("1"), decimal.Decimal)
assert_type(any_of(Part, Widget), Codec[Any])
assert_type(tuple_of(Part, DATETIME), Codec[tuple[Any, ...]])
assert_type(Forecast(city="Rome").days, dict[str, datetime.datetime])
Forecast(city="Rome", days={"rain": datetime.datetime.now(datetime.UTC)}).days = {}
assert_type(read_xml(Forecast, b""), Forecast)
assert_type(read_xml(lambda: Forecast, b""), Forecast)
assert_type(write_xml(widget), bytes)
assert_type(merge_patch(widget), dict[str, Any])
assert_type(json_patch(widget), list[dict[str, Any]])


def describe(part: Part) -> str:
    match part:
        case Bolt():
            assert_type(part, Bolt)
            return f"bolt of {part.size}"
        case _:
            return part.kind


def make(body: Widget | Mapping[str, Any]) -> None: ...


make(widget)
make({"name": "w"})


class Percent:
    """A codec of one's own, with names of its own for the parameters."""

    def decode(self, text: str) -> float:
        return float(text)

    def encode(self, number: float) -> str:
        return str(number)


own: Codec[float] = Percent()
assert_type(list_of(Percent()), Codec[list[float]])

# --- wrong -----------------------------------------------------------------------------------------------------------

Widget()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Widget("w")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Widget(nmae="w", name="w")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Widget(name=1)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Widget(name="w", inside={"name": "i"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Bolt(size=1, kind="bolt")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
widget.name = 1  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
widget.nmae = "w"  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
widget.nmae  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]
widget.parts.append(Bolt(size=1))  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
Widget.from_dict("{}")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
as_mapping: Mapping[str, Any] = widget  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
Forecast(city="Rome", days={"rain": 5})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
merge_patch({})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
list_of(5)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


class Misspelt(Part, vlaue="bolt"):  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportGeneralTypeIssues]
    pass
