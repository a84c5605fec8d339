"""`clientsmith ir` prints all that the model knows: nothing of it is lost on the way to JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args

from clientsmith.model import ir
from clientsmith.model.pipeline import build_api
from clientsmith.model.serialize import api_as_data

SPECS = Path(__file__).parents[1] / "specs"
CLASSES = {name: kind for name, kind in vars(ir).items() if is_dataclass(kind)}


def parts(data: Any) -> list[dict[str, Any]]:
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    own = [data] if isinstance(data, dict) and "is" in data else []
    return own + [part for child in inside for part in parts(child)]


def test_every_part_says_its_class_and_has_its_fields() -> None:
    """Each field without a default is there, and no field that the class does not have."""
    data = api_as_data(build_api(str(SPECS / "gallery.yaml"))[0])
    found = [part for part in parts(json.loads(json.dumps(data))) if part["is"] in CLASSES]
    assert {"Api", "Group", "Operation", "Parameter", "Response", "Model", "Property", "Ref", "Array"} <= {
        part["is"] for part in found
    }
    for part in found:
        every = {field.name for field in fields(CLASSES[part["is"]])}
        assert set(part) - {"is"} <= every, part


def test_what_is_false_empty_or_nothing_on_the_wire_is_told(describe_schema: Callable[..., Any]) -> None:
    """An empty constant is a constant; a required field that is empty is not left out."""
    schema = {
        "properties": {
            "empty": {"const": ""},
            "zero": {"const": 0},
            "no": {"const": False},
            "word": {"type": "string", "enum": ["", "a"]},
            "given": {"type": "string", "default": ""},
        }
    }
    data = api_as_data(describe_schema({"$ref": "#/components/schemas/A"}, {"A": schema}).api)
    found = {part["wire_name"]: part for part in parts(data) if part["is"] == "Property"}
    assert found["empty"]["shape"] == {"is": "Literal", "value": ""}
    assert found["zero"]["shape"] == {"is": "Literal", "value": 0}
    assert found["no"]["shape"] == {"is": "Literal", "value": False}
    assert (found["given"]["default"], found["given"]["has_default"]) == ("", True)
    members = [part["wire_value"] for part in parts(data) if part["is"] == "EnumMember"]
    assert members == ["", "a"]


def test_the_guide_names_every_shape() -> None:
    """The page that explains the model says what each kind of shape is."""
    page = (Path(__file__).parents[4] / "docs" / "guide" / "reading-documents.md").read_text(encoding="utf-8")
    missing = [kind.__name__ for kind in get_args(ir.Shape) if f"`{kind.__name__}`" not in page]
    assert missing == []
