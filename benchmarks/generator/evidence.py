"""How much of a service's behaviour is read from its document: pagers, pollers, names.

The count of lists is independent of the generator's own reading: it looks at the JSON of the document with rough
patterns, and so also counts parameters that have nothing to do with pages.

    python benchmarks/generator/evidence.py ../shared/specs
    python benchmarks/generator/evidence.py FOLDER --sample 80 --seed 1
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from clientsmith.findings import InputError
from clientsmith.model.ir import Api, PagingScheme
from clientsmith.model.pipeline import model
from clientsmith.model.verb_words import TABLE
from clientsmith.model.verbs import LONGEST
from clientsmith.openapi.load import load

ASKS: Final = re.compile(
    r"(?i)^(\$?(page|offset|skip|cursor|marker|after|starting_?after|per_?page|page_?(size|token|number)|next_?token"
    r"|.*continuation.*|start_?(index|at)|top|skip|limit|max_?results)|page\W(number|size|limit|offset|cursor|after)\W)$"
)
TELLS: Final = re.compile(
    r"(?i)^(next.*|has_?(more|next).*|total(_?(count|results|items|pages|elements|records))?|@odata\.nextLink|links|_links"
    r"|paging|pagination|page_?(count|info)|pages|.*cursor|count|meta|metadata|link|x-next.*|x-total.*)$"
)
_METHODS: Final = ("get", "post", "put", "patch", "delete", "head", "options")


@dataclass
class Count:
    """What one document, or all of them, came to."""

    operations: int = 0
    both_sides: int = 0
    paged: int = 0
    pagers: int = 0
    pollers: int = 0
    in_table: int = 0
    short: int = 0
    names: int = 0
    not_unique: int = 0

    def add(self, other: Count) -> None:
        for part in fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


def count(path: Path) -> Count:
    """Count one document; its package is not written.

    Raises:
        InputError: It is no OpenAPI document.
    """
    document, _ = load(str(path))
    rough = set(lists_with_evidence(document.root))
    api, _, _ = model(document)
    made = Count()
    for operation in api.operations:
        paging = operation.paging
        is_paged = paging is not None and paging.scheme is not PagingScheme.SINGLE
        made.operations += not operation.variant
        made.pagers += paging is not None
        made.pollers += operation.long_running is not None
        if operation.key in rough and not operation.variant:
            made.both_sides += 1
            made.paged += is_paged
    made.add(names_of(api))
    return made


def names_of(api: Api) -> Count:
    made = Count()
    for group in api.root.walk():
        names = [operation.name for operation in group.operations]
        made.names += len(names)
        made.not_unique += len(names) - len(set(names))
        made.short += sum(len(name) <= LONGEST for name in names)
        made.in_table += sum(
            name.removeprefix("begin_").split("_")[0] in TABLE or name.endswith("_exists") for name in names
        )
    return made


# --- the rough count -------------------------------------------------------------------------------------------------


def lists_with_evidence(root: Mapping[str, Any]) -> Iterator[str]:
    """Yield the GETs that answer a list, take something that looks like paging, and answer something that does."""
    for path, item in root.get("paths", {}).items():
        for method in _METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if method != "get" or not isinstance(operation, dict):
                continue
            given = [*item.get("parameters", ()), *operation.get("parameters", ())]
            parameters = [followed(root, one) for one in given]
            asked = [one["name"] for one in parameters if one.get("in") == "query" and isinstance(one.get("name"), str)]
            schema, headers = answer_of(root, operation)
            has_list, told = parts_of(root, schema)
            if has_list and any(map(ASKS.match, asked)) and any(map(TELLS.match, [*told, *headers])):
                yield f"{method.upper()} {path}"


def answer_of(root: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[Any, list[str]]:
    for status, response in sorted((operation.get("responses") or {}).items()):
        known = followed(root, response)
        for media_type, media in (known.get("content") or {}).items():
            if str(status).startswith("2") and "json" in media_type and isinstance(media, dict):
                return media.get("schema"), list(known.get("headers") or ())
    return None, []


def parts_of(root: Mapping[str, Any], schema: Any, depth: int = 0) -> tuple[bool, list[str]]:
    """Whether an answer has a list in it, and the names of what stands beside."""
    known = followed(root, schema)
    if known.get("type") == "array" or "items" in known:
        return True, []
    has_list, names = False, list[str]()
    for name, part in (known.get("properties") or {}).items():
        inner = followed(root, part)
        is_list = inner.get("type") == "array"
        has_list = has_list or is_list
        names += [] if is_list else [name]
    for part in (*known.get("allOf", ()), *known.get("oneOf", ()), *known.get("anyOf", ())) if depth < 5 else ():
        more, others = parts_of(root, part, depth + 1)
        has_list, names = has_list or more, [*names, *others]
    return has_list, names


def followed(root: Mapping[str, Any], node: Any) -> dict[str, Any]:
    for _ in range(10):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            break
        pointer = node["$ref"].replace("#/definitions/", "#/components/schemas/").removeprefix("#/")
        pointer = f"components/{pointer}" if pointer.startswith(("parameters/", "responses/")) else pointer
        node = root
        for step in pointer.split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


# --- the table -------------------------------------------------------------------------------------------------------


def share(part: int, whole: int) -> str:
    return f"{part / whole:7.1%}" if whole else "      -"


def row(name: str, it: Count) -> str:
    lists = f"{it.both_sides:5} {it.paged:5} {share(it.paged, it.both_sides)}"
    names = f"{share(it.in_table, it.names)} {share(it.short, it.names)} {it.not_unique:5}"
    return f"{name[:34]:34} {it.operations:6} {lists} {it.pagers:6} {it.pollers:6} {names}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="N documents at random; all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=20_000_000, metavar="BYTES", help="leave larger ones out")
    given = parser.parse_args()
    paths = sorted(path for path in given.folder.rglob("*") if path.suffix in (".json", ".yaml", ".yml"))
    paths = [path for path in paths if path.stat().st_size <= given.largest]
    if given.sample:
        paths = sorted(random.Random(given.seed).sample(paths, min(given.sample, len(paths))))
    print(f"{'document':34} {'ops':>6} {'both':>5} {'paged':>5} {'share':>7} {'pagers':>6} {'pollers':>6} "
          f"{'verbs':>7} {'<=40':>7} {'twice':>5}")  # fmt: skip
    everything = Count()
    for path in paths:
        try:
            found = count(path)
        except InputError:
            continue  # a part of another document, or something else
        everything.add(found)
        print(row(path.name, found), flush=True)
    print(row("all", everything))
    return 0


if __name__ == "__main__":
    sys.exit(main())
