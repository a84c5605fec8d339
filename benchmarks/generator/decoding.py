"""Decoding what a service answers: 10,000 GitHub issues into the models that we generate, and reading every field.

The peer is pydantic v2, with models of the same fields, made here from the same intermediate representation and as
lenient as ours: unknown fields are kept, unknown enum values pass. Both get the same bytes in the same round, and the
median of the rounds' ratios is printed. "Read" visits every field of every object, nested ones too.

    python benchmarks/generator/decoding.py [--spec github-api.json] [--issues 10000] [--rounds 5] [--format json]

Exit code 1 if decoding and reading takes more than 1.5 times as long as pydantic's.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import importlib
import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Union

import pydantic
from clientsmith.core.models import Model as OurModel
from clientsmith.core.serialization import list_of, loads
from clientsmith.emit.package import write_package
from clientsmith.model import ir
from clientsmith.model.lookup import all_properties
from clientsmith.model.pipeline import build_api

BUDGET = 1.5  # times pydantic v2
SPECS = Path(__file__).parents[3] / "shared" / "specs"
_KINDS: dict[ir.ScalarKind, Any] = {
    ir.ScalarKind.STRING: str,
    ir.ScalarKind.INTEGER: int,
    ir.ScalarKind.NUMBER: float,
    ir.ScalarKind.BOOLEAN: bool,
    ir.ScalarKind.NULL: None,
    ir.ScalarKind.DATETIME: datetime.datetime,
    ir.ScalarKind.DATE: datetime.date,
    ir.ScalarKind.TIME: datetime.time,
    ir.ScalarKind.DURATION: datetime.timedelta,
    ir.ScalarKind.BYTES: bytes,
    ir.ScalarKind.UUID: uuid.UUID,
    ir.ScalarKind.DECIMAL: Decimal,
}


class Lenient(pydantic.BaseModel):
    """As our models are: fields that the document does not name are kept."""

    model_config = pydantic.ConfigDict(extra="allow", protected_namespaces=())


class PeerModels:
    """The shapes of an API as pydantic models."""

    def __init__(self, api: ir.Api) -> None:
        self.api = api
        self.made: dict[str, Any] = {}

    def type_of(self, shape: ir.Shape | None) -> Any:
        match shape:
            case ir.Scalar():
                return _KINDS[shape.kind]
            case ir.Ref():
                return self.named(shape.pointer)
            case ir.Array():
                return list[self.type_of(shape.item)]  # type: ignore[misc]  # a type made at run time
            case ir.Map():
                return dict[str, self.type_of(shape.value)]  # type: ignore[misc]
            case ir.Nullable():
                return self.type_of(shape.shape) | None
            case ir.Union():
                return Union[tuple(self.type_of(member) for member in shape.members)]  # noqa: UP007 - made at run time
            case ir.Literal() if isinstance(shape.value, str | int | bool):
                return Literal[shape.value]  # type: ignore[valid-type]  # made at run time
            case _:
                return Any

    def named(self, pointer: str) -> Any:
        if pointer in self.made:
            return self.made[pointer]
        shape = self.api.shapes[pointer]
        if isinstance(shape, ir.Enum):
            kind = _KINDS[shape.kind]
            self.made[pointer] = Literal[tuple(member.wire_value for member in shape.members)] | kind  # type: ignore[valid-type]
            return self.made[pointer]
        self.made[pointer] = Any  # where it contains itself
        fields: dict[str, Any] = {}
        for item in all_properties(shape, self.api.shapes).values():
            kind = self.type_of(item.shape)
            default = ... if item.required else None
            fields[f"f_{item.name}"] = (
                kind if item.required else kind | None if kind is not Any else Any,
                pydantic.Field(default, alias=item.wire_name),
            )
        self.made[pointer] = pydantic.create_model(shape.name, __base__=Lenient, **fields)
        return self.made[pointer]


_NAMES: dict[type, tuple[str, ...]] = {}


def names_of(kind: type) -> tuple[str, ...]:
    """The fields of a model class, of either sort, looked up once."""
    if kind not in _NAMES:
        _NAMES[kind] = tuple(kind._shape.fields if issubclass(kind, OurModel) else kind.model_fields)  # type: ignore[attr-defined]
    return _NAMES[kind]


def read_all(value: Any) -> int:
    """Visit every field of every object below ``value``; return how many there are."""
    if isinstance(value, OurModel | pydantic.BaseModel):
        names = names_of(type(value))
        return len(names) + sum(read_all(getattr(value, name)) for name in names)
    return sum(map(read_all, value)) if isinstance(value, list) else 0


def generated_model(api: ir.Api, name: str, folder: str) -> type[OurModel]:
    """Write the whole client, and import the model from it."""
    write_package(api, Path(folder), source="-")
    sys.path.insert(0, str(Path(folder, "src")))
    model: type[OurModel] = getattr(importlib.import_module(f"{api.package}.models"), name)
    return model


def text_of(issues: list[dict[str, Any]], count: int) -> bytes:
    """The document's own examples, over and over, each with an id of its own."""
    return json.dumps([{**issues[n % len(issues)], "id": n} for n in range(count)]).encode()


def seconds(work: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(text: bytes, ours: Any, peer: Any, rounds: int) -> dict[str, float]:
    """Medians: seconds of each, and the ratio of each round."""
    decode = list_of(ours).decode
    adapter = pydantic.TypeAdapter(list[peer])
    if read_all(decode(loads(text))) == 0 or read_all(adapter.validate_json(text)) == 0:
        raise SystemExit("nothing was read: the models have no fields")
    rows: dict[str, list[float]] = {}
    for _ in range(rounds):
        row = {
            "ours_decode": seconds(lambda: decode(loads(text))),
            "peer_decode": seconds(lambda: adapter.validate_json(text)),
            "ours_decode_and_read": seconds(lambda: read_all(decode(loads(text)))),
            "peer_decode_and_read": seconds(lambda: read_all(adapter.validate_json(text))),
        }
        row["decode_ratio"] = row["ours_decode"] / row["peer_decode"]
        row["ratio"] = row["ours_decode_and_read"] / row["peer_decode_and_read"]
        for name, value in row.items():
            rows.setdefault(name, []).append(value)
    return {name: statistics.median(values) for name, values in rows.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--spec", type=Path, default=SPECS / "github-api.json")
    parser.add_argument("--issues", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--format", choices=["text", "json"], default="text")
    options = parser.parse_args()
    examples = json.loads(options.spec.read_bytes())["components"]["examples"]["issue-items"]["value"]
    api, _ = build_api(str(options.spec))
    pointer = next(place for place in api.shapes if place.endswith("/components/schemas/issue"))
    text = text_of(examples, options.issues)
    with tempfile.TemporaryDirectory() as folder:
        ours = generated_model(api, api.shapes[pointer].name, folder)
        result = measure(text, ours, PeerModels(api).named(pointer), options.rounds)
    if options.format == "json":
        print(json.dumps({"issues": options.issues, "bytes": len(text), **result}))
    else:
        print(f"{options.issues:,} GitHub issues, {len(text) / 2**20:.0f} MiB of JSON, pydantic {pydantic.VERSION}")
        print(f"  decode           {result['ours_decode']:.2f} s, pydantic {result['peer_decode']:.2f} s: "
              f"{result['decode_ratio']:.2f}x")  # fmt: skip
        print(f"  decode and read  {result['ours_decode_and_read']:.2f} s, pydantic "
              f"{result['peer_decode_and_read']:.2f} s: {result['ratio']:.2f}x (goal {BUDGET}x)")  # fmt: skip
    return 0 if result["ratio"] <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
