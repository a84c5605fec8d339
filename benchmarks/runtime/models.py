"""What typed models cost: 1,000 objects of 15 fields built from JSON, read whole, and written back.

Every figure is a ratio to `json.loads` in the same round, and the median of interleaved rounds, so that the machine and
its mood cancel out. pydantic and msgspec take part if they are installed.

    python benchmarks/runtime/models.py [--rounds 25] [--format json]

Exit code 1 if a budget is exceeded: build 1.2 x json.loads, build and read everything 2.6 x.
"""

from __future__ import annotations

import argparse
import datetime
import gc
import json
import statistics
import sys
import time
import timeit
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from clientsmith.core.models import UNSET, Model, field
from clientsmith.core.patches import merge_patch
from clientsmith.core.serialization import DATETIME, dumps, list_of

BUDGETS = {"build": 1.2, "build and read all": 2.6}
ROWS = 1000

Case = Callable[[], object]


class State(str, Enum):  # noqa: UP042 - what guideline models-enum-string asks for
    ACTIVE = "active"
    PENDING = "pending"
    DELETED = "deleted"


class Owner(Model):
    id: str = field("id")
    email: str = field("email")
    admin: bool = field("admin")


class Resource(Model):
    id: str = field("id")
    name: str = field("name")
    description: str | None = field("description", default=UNSET)
    count: int = field("count")
    size: int = field("size")
    ratio: float = field("ratio")
    score: float = field("score")
    enabled: bool = field("enabled")
    created_at: datetime.datetime = field("createdAt", DATETIME)
    updated_at: datetime.datetime = field("updatedAt", DATETIME)
    state: State | str = field("state", State)
    owner: Owner = field("owner", lambda: Owner)
    tags: list[str] = field("tags")
    labels: dict[str, str] = field("labels")
    parts: list[Owner] = field("parts", list_of(lambda: Owner))


def document() -> bytes:
    """Return the JSON text that everybody reads: half a megabyte."""
    start = datetime.datetime(2026, 11, 21, 8, tzinfo=datetime.UTC)
    rows = [
        {
            "id": f"res_{number:05d}",
            "name": f"resource {number}",
            "description": "a typical description of a resource " * 2,
            "count": number,
            "size": number * 1024,
            "ratio": number / 7.0,
            "score": 0.5,
            "enabled": bool(number % 2),
            "createdAt": f"{start + datetime.timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}",
            "updatedAt": f"{start + datetime.timedelta(hours=number):%Y-%m-%dT%H:%M:%SZ}",
            "state": ("active", "pending", "deleted")[number % 3],
            "owner": {"id": f"u{number}", "email": f"u{number}@example.com", "admin": False},
            "tags": ["a", "b", "c"],
            "labels": {"env": "prod", "team": "sdk"},
            "parts": [{"id": f"p{part}", "email": "x@example.com", "admin": True} for part in (1, 2)],
        }
        for number in range(ROWS)
    ]
    return json.dumps(rows).encode()


def read_all(rows: Any) -> Any:
    """Read every attribute once, written out so that the loop itself costs nothing, and return the rows.

    Whoever measures has to keep them: freeing them is not part of any other figure either.
    """
    for row in rows:
        row.id, row.name, row.description, row.count, row.size, row.ratio, row.score, row.enabled  # noqa: B018
        row.created_at, row.updated_at, row.state, row.owner.id, row.tags, row.labels, row.parts  # noqa: B018
    return rows


@dataclass(frozen=True)
class Contender:
    """One way to have models: built from bytes, and written back to bytes."""

    build: Callable[[bytes], list[Any]]
    write: Callable[[list[Any]], bytes]


def ours() -> Contender:
    decode = list_of(Resource).decode  # what a client's method does with the answer
    return Contender(lambda text: decode(json.loads(text)), dumps)


def generated_slots() -> Contender:
    """What a generator without laziness would emit: dataclasses with slots and straight-line conversions."""

    @dataclass(slots=True)
    class SlotsOwner:
        id: Any
        email: Any
        admin: Any

    @dataclass(slots=True)
    class SlotsResource:
        id: Any
        name: Any
        description: Any
        count: Any
        size: Any
        ratio: Any
        score: Any
        enabled: Any
        created_at: Any
        updated_at: Any
        state: Any
        owner: Any
        tags: Any
        labels: Any
        parts: Any

    parse = datetime.datetime.fromisoformat
    states = State._value2member_map_

    def owner_of(wire: dict[str, Any]) -> SlotsOwner:
        return SlotsOwner(wire.get("id"), wire.get("email"), wire.get("admin"))

    def resource_of(wire: dict[str, Any]) -> SlotsResource:
        get = wire.get
        created, updated, owner, parts = get("createdAt"), get("updatedAt"), get("owner"), get("parts")
        return SlotsResource(
            get("id"), get("name"), get("description"), get("count"), get("size"), get("ratio"), get("score"),
            get("enabled"), created and parse(created), updated and parse(updated),
            states.get(get("state"), get("state")), owner and owner_of(owner), get("tags"), get("labels"),
            parts and [owner_of(part) for part in parts],
        )  # fmt: skip

    def wire_of_owner(owner: SlotsOwner) -> dict[str, Any]:
        return {"id": owner.id, "email": owner.email, "admin": owner.admin}

    def wire_of(row: SlotsResource) -> dict[str, Any]:
        wire = {
            "id": row.id, "name": row.name, "description": row.description, "count": row.count, "size": row.size,
            "ratio": row.ratio, "score": row.score, "enabled": row.enabled,
            "createdAt": row.created_at and row.created_at.isoformat().replace("+00:00", "Z"),
            "updatedAt": row.updated_at and row.updated_at.isoformat().replace("+00:00", "Z"),
            "state": row.state, "owner": row.owner and wire_of_owner(row.owner), "tags": row.tags,
            "labels": row.labels, "parts": row.parts and [wire_of_owner(part) for part in row.parts],
        }  # fmt: skip
        return {name: value for name, value in wire.items() if value is not None}

    return Contender(
        lambda text: [resource_of(row) for row in json.loads(text)],
        lambda rows: json.dumps([wire_of(row) for row in rows]).encode(),
    )


# Peers resolve their annotations in the namespace of the module.
def pydantic_models() -> Contender:
    import pydantic

    owner = pydantic.create_model("PydanticOwner", id=(str, ...), email=(str, ...), admin=(bool, ...))
    when = datetime.datetime
    resource = pydantic.create_model(
        "PydanticResource", id=(str, ...), name=(str, ...), description=(str | None, None), count=(int, ...),
        size=(int, ...), ratio=(float, ...), score=(float, ...), enabled=(bool, ...),
        created_at=(when, pydantic.Field(alias="createdAt")), updated_at=(when, pydantic.Field(alias="updatedAt")),
        state=(State, ...), owner=(owner, ...), tags=(list[str], ...), labels=(dict[str, str], ...),
        parts=(list[owner], ...),  # type: ignore[valid-type]  # made at run time
    )  # fmt: skip
    adapter = pydantic.TypeAdapter(list[resource])  # type: ignore[valid-type]  # made at run time
    return Contender(adapter.validate_json, lambda rows: adapter.dump_json(rows, by_alias=True))


def msgspec_structs() -> Contender:
    import msgspec

    owner = msgspec.defstruct("MsgspecOwner", [("id", str), ("email", str), ("admin", bool)])
    when = datetime.datetime
    resource = msgspec.defstruct(
        "MsgspecResource",
        [
            ("id", str), ("name", str), ("count", int), ("size", int), ("ratio", float), ("score", float),
            ("enabled", bool), ("created_at", when, msgspec.field(name="createdAt")),
            ("updated_at", when, msgspec.field(name="updatedAt")), ("state", State), ("owner", owner),
            ("tags", list[str]), ("labels", dict[str, str]), ("parts", list[owner]),  # type: ignore[valid-type]
            ("description", str | None, None),
        ],
    )  # fmt: skip
    decoder, encoder = msgspec.json.Decoder(list[resource]), msgspec.json.Encoder()  # type: ignore[valid-type]
    return Contender(decoder.decode, encoder.encode)


def contenders() -> dict[str, Contender]:
    found = {"clientsmith": ours(), "generated slots": generated_slots()}
    for name, make in {"pydantic": pydantic_models, "msgspec": msgspec_structs}.items():
        try:
            found[name] = make()
        except ImportError:
            print(f"{name} is not installed: left out", file=sys.stderr)
    return found


def cases_of(name: str, contender: Contender, text: bytes) -> dict[tuple[str, str], Case]:
    fresh, read = contender.build(text), contender.build(text)
    read_all(read)
    return {
        (name, "build"): lambda: contender.build(text),
        (name, "build and read all"): lambda: read_all(contender.build(text)),
        (name, "write back"): lambda: contender.write(fresh),
        (name, "write back what was read"): lambda: contender.write(read),
    }


def ratios(cases: dict[tuple[str, str], Case], text: bytes, rounds: int) -> dict[tuple[str, str], float]:
    """Return the median ratio of each case to `json.loads`, by CPU time."""

    def cost(case: Case) -> float:
        gc.collect()
        start = time.process_time()
        kept = case()
        spent = time.process_time() - start
        del kept
        return spent

    found: dict[tuple[str, str], list[float]] = {key: [] for key in cases}
    for _ in range(rounds):
        base = cost(lambda: json.loads(text))
        for key, case in cases.items():
            found[key].append(cost(case) / base)
    return {key: statistics.median(values) for key, values in found.items()}


def nanoseconds() -> dict[str, float]:
    """Return what single actions on one of our models cost, in nanoseconds: the best of several repeats."""
    wire = {"id": "u1", "email": "u1@example.com", "admin": False}
    owner = Owner.from_dict(wire)
    owner.id  # noqa: B018 - read once, so that the reads below find it converted

    def assign() -> None:
        owner.email = "u2@example.com"

    def patch() -> object:
        edited = Owner.from_dict(wire)
        edited.email = "u2@example.com"
        return merge_patch(edited)

    actions: dict[str, Case] = {
        "nothing": lambda: None,
        "constructor, 3 arguments": lambda: Owner(id="u1", email="u1@example.com", admin=False),
        "from_dict": lambda: Owner.from_dict(wire),
        "read again": lambda: owner.id,
        "assign": assign,
        "from_dict, assign, merge patch": patch,
    }
    number = 20_000
    costs = {
        name: min(timeit.repeat(action, number=number, repeat=7)) / number * 1e9 for name, action in actions.items()
    }
    idle = costs.pop("nothing")
    return {name: cost - idle for name, cost in costs.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare typed models with json.loads.")
    parser.add_argument("--rounds", type=int, default=25, help="interleaved rounds (default 25)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    arguments = parser.parse_args()
    text = document()
    cases = {key: case for name, each in contenders().items() for key, case in cases_of(name, each, text).items()}
    plain = json.loads(text)
    cases["json", "write back"] = lambda: json.dumps(plain).encode()
    measured, single = ratios(cases, text, arguments.rounds), nanoseconds()
    exceeded = [what for what, budget in BUDGETS.items() if measured["clientsmith", what] > budget]
    if arguments.format == "json":
        rows = [{"library": name, "what": what, "ratio": round(ratio, 3)} for (name, what), ratio in measured.items()]
        single_actions = {name: round(cost) for name, cost in single.items()}
        print(json.dumps({"ratios": rows, "nanoseconds": single_actions, "budgets": BUDGETS, "exceeded": exceeded}))
    else:
        print(f"{ROWS} objects of 15 fields, ratio to json.loads ({arguments.rounds} rounds)")
        for (name, what), ratio in measured.items():
            budget = f"   budget {BUDGETS[what]}" if name == "clientsmith" and what in BUDGETS else ""
            print(f"{name:18}{what:28}{ratio:6.2f}{budget}")
        print("\nclientsmith, single actions, ns")
        for name, cost in single.items():
            print(f"{name:30}{cost:6.0f}")
    for what in exceeded:
        print(f"over budget: {what}", file=sys.stderr)
    return 1 if exceeded else 0


if __name__ == "__main__":
    sys.exit(main())
