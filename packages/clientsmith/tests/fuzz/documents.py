"""Fuzz the generator: ``python packages/clientsmith/tests/fuzz/documents.py --seconds 60 [FILE …]``.

Real documents are mutated as trees: parts are replaced, deleted, doubled, exchanged (also between documents), given
another type, references turned elsewhere, names and texts made hostile. What has to hold for each of them:

1. It is refused with one `InputError`, or ends in findings that say that an operation is lost, or in a package.
2. Every file of that package parses, and its names are bound (`check_files`).
3. Each operation that stands in the document is one of the API.
4. All that takes no more than a few seconds.

The smallest failing document is printed, for a test. The same seed gives the same documents.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml
from clientsmith.emit.check import check_files
from clientsmith.emit.package import render_package
from clientsmith.findings import InputError, Severity
from clientsmith.model.ir import Api
from clientsmith.model.pipeline import build_api
from clientsmith.openapi.parse import parse

SECONDS_FOR_ONE = 10.0  # most take 0.05 s; the machine may be busy
SPECS = Path(__file__).parents[1] / "specs"
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"})

ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 1e300, 10**40, "", " ", "x", "null", "string", "object", "array", [], {}, [[]], [None],
    {"": None}, {"$ref": "#"}, {"$ref": "#/nowhere"}, {"$ref": 7}, {"type": "object"}, {"type": ["string", "null"]},
    {"type": "array"}, {"oneOf": []}, {"allOf": [{}]}, {"anyOf": [{"type": "null"}]}, {"enum": []}, {"enum": [None]},
    {"properties": {"a": {}}}, {"properties": {"a": {"$ref": "#/components/schemas"}}}, {"const": [1]}, ["a", "a"],
    {"discriminator": "kind"}, {"discriminator": {"propertyName": "kind", "mapping": {"a": 1}}}, {"nullable": True},
    {"in": "query", "name": "q"}, {"content": {}}, {"application/json": {}}, {"schema": {}}, {"default": {"a": [1]}},
    {"type": "string", "format": "binary"}, {"type": "integer", "enum": [1, "1", True, 1.0]}, {"x-ms-enum": {"values": 3}},
]  # fmt: skip
WORDS = [
    "", " ", "_", "__init__", "__class__", "class", "None", "self", "models", "list", "str", "id", "ID", "iD", "1", "-1", "a-b",
    "a_b", "a.b", "a/b", "{a}", "{", "$ref", "x-", "default", "200", "2XX", "café", "ﬁ", "ſ", "K", "🦀", "а", "日本", "\u202e",
    '"""', "'", "\\", "\\N{BULLET}", "\n", "\r", "\x00", "\u2028", "#", "# type: ignore", "{0}", "%s", "${x}", "a" * 300,
    "application/json", "text/event-stream", "multipart/form-data", "../..", "C:\\x", "__import__('os')", "timeout", "body",
]  # fmt: skip

Tree = dict[str, Any]
Place = tuple[Any, Any]  # a container, and a key or index in it


def seeds(files: list[Path]) -> list[Tree]:
    """Return the documents to begin with: ours, or those that were given."""
    paths = files or sorted(path for path in SPECS.iterdir() if path.suffix in (".json", ".yaml"))
    return [parse(path.read_text("utf-8-sig"), path.name)[0] for path in paths]


# --- mutations -------------------------------------------------------------------------------------------------------


def mutated(documents: list[Tree], chance: random.Random) -> Tree:
    """Return a small part of one of the documents, changed in a few places."""
    tree: Tree = copy.deepcopy(_part(chance.choice(documents), chance))
    for _ in range(chance.randint(1, 6)):
        places = list(_places(tree))
        if places:
            chance.choice(MUTATIONS)(chance.choice(places), places, documents, chance)
    return tree


def _part(document: Tree, chance: random.Random) -> Tree:
    """A few paths are enough, and fast; all that they refer to stays."""
    paths = document.get("paths") or {}
    kept = chance.sample(sorted(paths), min(len(paths), chance.randint(1, 4)))
    return {**document, "paths": {path: paths[path] for path in kept}}


def _places(value: Any) -> Iterator[Place]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in list(pairs):
        yield value, key
        yield from _places(part)


Mutation = Callable[[Place, list[Place], list[Tree], random.Random], None]


def _replace(place: Place, _places: list[Place], _documents: list[Tree], chance: random.Random) -> None:
    place[0][place[1]] = copy.deepcopy(chance.choice(ODD))


def _delete(place: Place, _places: list[Place], _documents: list[Tree], _chance: random.Random) -> None:
    del place[0][place[1]]


def _double(place: Place, _places: list[Place], _documents: list[Tree], chance: random.Random) -> None:
    container, key = place
    part = copy.deepcopy(container[key])
    if isinstance(container, list):
        container.insert(key, part)
    else:
        container[chance.choice([*WORDS, f"{key}_", str(key).upper(), str(key).title()])] = part


def _exchange(place: Place, places: list[Place], _documents: list[Tree], chance: random.Random) -> None:
    other = chance.choice(places)
    one, two = copy.deepcopy(place[0][place[1]]), copy.deepcopy(other[0][other[1]])
    place[0][place[1]] = two
    if isinstance(other[0], dict) or other[1] < len(other[0]):
        other[0][other[1]] = one


def _transplant(place: Place, _places_: list[Place], documents: list[Tree], chance: random.Random) -> None:
    container, key = chance.choice(list(_places(chance.choice(documents))))
    place[0][place[1]] = copy.deepcopy(container[key])


def _rename(place: Place, _places: list[Place], _documents: list[Tree], chance: random.Random) -> None:
    container, key = place
    if isinstance(container, dict):
        new = chance.choice(WORDS)
        pairs = [(new if name == key else name, part) for name, part in container.items()]
        container.clear()
        container.update(pairs)


def _confuse(place: Place, _places: list[Place], _documents: list[Tree], chance: random.Random) -> None:
    """The same thing as another type: alone in a list, under a key, as text."""
    part = place[0][place[1]]
    ways: list[Any] = [[part], {"x": part}, str(part)[:200], [part, part], {str(part)[:50]: part}]
    place[0][place[1]] = copy.deepcopy(chance.choice(ways))


def _garble(place: Place, _places: list[Place], _documents: list[Tree], chance: random.Random) -> None:
    part, word = place[0][place[1]], chance.choice(WORDS)
    if isinstance(part, str):
        cut = chance.randint(0, len(part))
        place[0][place[1]] = chance.choice([word, part[:cut] + word + part[cut:], part[:cut], part.upper(), part * 2])


def _refer(place: Place, places: list[Place], _documents: list[Tree], chance: random.Random) -> None:
    """A reference to any place of the document, itself perhaps, or around it."""
    keys = [str(key).replace("~", "~0").replace("/", "~1") for _, key in chance.sample(places, min(3, len(places)))]
    known = [part[key] for part, key in places if key == "$ref" and isinstance(part[key], str)]
    targets = ["#", "#/paths", "#/components/schemas/" + keys[0], "#/" + "/".join(keys), *known[:20]]
    place[0][place[1]] = {"$ref": chance.choice(targets)}


MUTATIONS: list[Mutation] = [
    _replace, _replace, _delete, _double, _exchange, _transplant, _rename, _confuse, _garble, _garble, _refer,
]  # fmt: skip

# --- what has to hold ------------------------------------------------------------------------------------------------


def check(tree: Tree, folder: Path, *, as_yaml: bool) -> str:
    """Check the four things; return what became of the document.

    Raises:
        Exception: One does not hold.
    """
    path = folder / ("api.yaml" if as_yaml else "api.json")
    text = yaml.safe_dump(tree, allow_unicode=True, sort_keys=False) if as_yaml else json.dumps(tree)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    began_at = time.monotonic()
    try:
        api, findings = build_api(str(path))
    except InputError:
        return "refused"
    lost = [finding for finding in findings if finding.severity is Severity.ERROR]
    if not lost:
        _check_operations(tree, api)
        check_files(render_package(api))
    seconds = time.monotonic() - began_at
    assert seconds < SECONDS_FOR_ONE, f"it took {seconds:.1f} s"
    return "lost" if lost else "made"


def _check_operations(tree: Tree, api: Api) -> None:
    paths = tree.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if isinstance(item, dict) and "$ref" not in item and not path.startswith("x-"):
            wanted = {key.upper() for key in item if key.lower() in METHODS}
            named = path if path.startswith("/") else f"/{path}"
            made = {one.method for one in api.operations if one.path == named}
            assert wanted <= made, f"{sorted(wanted - made)} {path} is lost without a word"


# --- failures --------------------------------------------------------------------------------------------------------


def outcome_of(tree: Tree, folder: Path, *, as_yaml: bool) -> tuple[str, str]:
    """Return what became of a document, and where and how the check fails, "" where it holds."""
    try:
        return check(tree, folder, as_yaml=as_yaml), ""
    except Exception as problem:
        frames = traceback.extract_tb(problem.__traceback__)
        ours = [frame for frame in frames if "clientsmith" in frame.filename] or frames
        text = re.sub(r"[^A-Za-z ]+.*", "", str(problem))
        return "", f"{type(problem).__name__} in {Path(ours[-1].filename).name}:{ours[-1].name}: {text}"


def smallest(tree: Tree, failure: str, folder: Path, *, as_yaml: bool, seconds: float = 20.0) -> Tree:
    """Take parts away as long as it fails in the same way."""
    deadline = time.monotonic() + seconds
    is_smaller = True
    while is_smaller and time.monotonic() < deadline:
        is_smaller = False
        for index in range(len(list(_places(tree)))):
            candidate = copy.deepcopy(tree)
            places = list(_places(candidate))
            if index >= len(places) or time.monotonic() > deadline:
                break
            container, key = places[index]
            del container[key]
            if outcome_of(candidate, folder, as_yaml=as_yaml)[1] == failure:
                tree, is_smaller = candidate, True
                break
    return tree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="documents to mutate, in place of our own")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", type=int, default=1, help="stop after so many different ones (default: 1)")
    options = parser.parse_args()
    chance, documents = random.Random(options.seed), seeds(options.files)
    deadline = time.monotonic() + options.seconds
    outcomes = {"made": 0, "lost": 0, "refused": 0}
    failures: set[str] = set()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        while time.monotonic() < deadline and len(failures) < options.failures:
            tree, as_yaml = mutated(documents, chance), chance.random() < 0.2
            outcome, failure = outcome_of(tree, folder, as_yaml=as_yaml)
            if not failure:
                outcomes[outcome] += 1
            elif failure not in failures:
                failures.add(failure)
                small = smallest(tree, failure, folder, as_yaml=as_yaml)
                print(f"{failure}\n{json.dumps(small, ensure_ascii=True)}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
