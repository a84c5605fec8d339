"""What becomes of real documents: is a package made, does every module of it import, is every operation a method?

Each document is worked on in child processes with bounded time and memory, so that one of them can neither stop nor
slow the others. The first child is the command itself, `clientsmith generate`; the second reads the document once more,
by a parser of its own, counts the operations that stand in it, and takes the package apart: every file is parsed and
its names are checked, every module imported, the sync and the async client made, and the operations counted that a
method of both reaches.

    python benchmarks/generator/documents.py FOLDER FILE … --jobs 2
    python benchmarks/generator/documents.py FOLDER --limit 150 --seed 1 --output rows.csv
    python benchmarks/generator/documents.py FOLDER --keep clients --format json

With ``--limit`` the documents are drawn from as many providers (the first folder below FOLDER) as there are. Exit code
1 says that some document has a row that is not as it should be.
"""

from __future__ import annotations

import argparse
import ast
import csv
import importlib
import inspect
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from types import ModuleType
from typing import Any, Final

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
GENERATED, LOST, REFUSED = 0, 1, 2  # exit codes of `clientsmith generate`
MIB: Final = 1024


@dataclass(slots=True)
class Row:
    """One document.

    Attributes:
        outcome: ``whole`` (a package with every operation), ``refused`` (no OpenAPI document, and said so), or what is
            wrong: ``crash``, ``timeout``, ``lost``, ``broken``.
        operations: How many stand in the document, counted without our reader.
        methods: How many of them the sync and the async client have.
        modules: How many modules the package has; ``failed`` of them do not import or do not check.
        numbered: Methods whose name ends in a number that no word of the document gave.
        seconds: Wall clock of the generation, ``peak_mib`` its memory.
        problem: The first line of what went wrong.
    """

    document: str
    client: str = ""
    outcome: str = ""
    exit_code: int = 0
    operations: int = 0
    methods: int = 0
    modules: int = 0
    failed: int = 0
    numbered: int = 0
    longest_name: str = ""
    errors: int = 0
    warnings: int = 0
    lines: int = 0
    seconds: float = 0.0
    peak_mib: float = 0.0
    problem: str = ""
    rules: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def is_as_it_should_be(self) -> bool:
        return self.outcome in ("whole", "refused")


# --- which documents -------------------------------------------------------------------------------------------------


def documents(given: Iterable[Path]) -> list[tuple[str, Path]]:
    """Return every document with its provider: the folder, or the file, right below what was given."""
    found: list[tuple[str, Path]] = []
    for path in given:
        if path.is_dir():
            inside = sorted(item for item in path.rglob("*") if item.suffix in (".json", ".yaml", ".yml"))
            found += [(item.relative_to(path).parts[0], item) for item in inside if item.name != "index.json"]
        else:
            found.append((path.name, path))
    return found


def sample(found: Sequence[tuple[str, Path]], limit: int, seed: int) -> list[Path]:
    """Draw one document of each provider in turn, until there are enough; all of them without a limit."""
    if not limit:
        return [path for _, path in found]
    chance = random.Random(seed)
    by_provider: dict[str, list[Path]] = {}
    for provider, path in found:
        by_provider.setdefault(provider, []).append(path)
    for paths in by_provider.values():
        chance.shuffle(paths)
    providers = sorted(by_provider)
    chance.shuffle(providers)
    rounds = max(map(len, by_provider.values()), default=0)
    drawn = [by_provider[name][turn] for turn in range(rounds) for name in providers if turn < len(by_provider[name])]
    return drawn[:limit]


# --- one document ----------------------------------------------------------------------------------------------------


def examine(path: Path, limits: argparse.Namespace) -> Row:
    """Generate the package of a document and take it apart, each in a process of its own."""
    row = Row(str(path))
    keep = limits.keep / _slug(path) if limits.keep else None
    with tempfile.TemporaryDirectory(prefix="documents-") as folder:
        target = keep or Path(folder) / "client"
        if keep is not None:
            shutil.rmtree(keep, ignore_errors=True)
        _generate(row, path, target, limits)
        if row.outcome:
            return row
        found = _child(["--take-apart", str(path), str(target), row.client], limits)
        try:
            facts = json.loads(found.output)
        except ValueError:
            row.outcome, row.problem = "broken", _last_line(found.errors) or f"exit status {found.code}"
            return row
    for name, value in facts.items():
        setattr(row, name, value)
    whole = row.methods == row.operations and row.exit_code == GENERATED and not row.failed and not row.problem
    row.outcome = "whole" if whole else "broken" if row.failed or row.problem else "lost"
    return row


def _generate(row: Row, path: Path, target: Path, limits: argparse.Namespace) -> None:
    made = _child(["--generate", str(path), str(target)], limits)
    row.exit_code, row.seconds, row.peak_mib = made.code, round(made.seconds, 2), round(made.peak_kib / MIB, 1)
    if made.code == REFUSED and made.errors.startswith("error: "):
        is_known = any(word in made.errors for word in ("is not an OpenAPI document", "has no operations"))
        row.outcome, row.problem = "refused" if is_known else "crash", made.errors.splitlines()[0]
    elif made.code == -signal.SIGALRM:
        row.outcome, row.problem = "timeout", f"not done after {limits.seconds} s"
    elif made.code not in (GENERATED, LOST) or "Traceback" in made.errors:
        row.outcome, row.problem = "crash", _last_line(made.errors)
    else:
        report = json.loads(made.output or '{"findings": []}')
        severities = [finding["severity"] for finding in report["findings"]]
        row.errors, row.warnings = severities.count("error"), severities.count("warning")
        for finding in report["findings"]:
            row.rules[finding["rule"]] = row.rules.get(finding["rule"], 0) + 1
        row.client = report.get("client", "")
        if "package" not in report:
            row.outcome, row.problem = "lost", made.errors.splitlines()[0] if made.errors else "nothing was written"


@dataclass(frozen=True, slots=True)
class _Ended:
    code: int
    output: str
    errors: str
    seconds: float
    peak_kib: int


def _child(arguments: list[str], limits: argparse.Namespace) -> _Ended:
    bounds = ["--seconds", str(limits.seconds), "--mib", str(limits.mib)]
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([sys.executable, "-P", __file__, *arguments, *bounds], stdout=output, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        output.seek(0)
        errors.seek(0)
        return _Ended(process.returncode, output.read(), errors.read(), seconds, usage.ru_maxrss)


def _bound(seconds: int, mib: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (mib * 1024**2, mib * 1024**2))
    signal.alarm(seconds)


def _slug(path: Path) -> str:
    return re.sub(r"[^\w.-]+", "-", "-".join(path.with_suffix("").parts[-3:]))


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


# --- inside of the children ------------------------------------------------------------------------------------------


def generate(path: str, target: str) -> None:
    """Be the command."""
    from clientsmith.cli.main import cli

    cli(["generate", path, "-o", target, "--format", "json"], prog_name="clientsmith")


def take_apart(path: Path, target: Path, client: str) -> dict[str, Any]:
    """Return the facts of a document and the package that was made of it."""
    from clientsmith.emit.check import check_files

    package = next(item for item in (target / "src").iterdir() if (item / "_version.py").exists())
    files = {str(item.relative_to(target)): item.read_bytes() for item in sorted(target.rglob("*.py"))}
    facts: dict[str, Any] = {
        "operations": operations_in(path),
        "lines": sum(text.count(b"\n") for text in files.values()),
    }
    problems: list[str] = []
    for name, content in files.items():
        try:
            ast.parse(content)
        except (SyntaxError, ValueError) as problem:
            problems.append(f"{name}: {problem}")
    if not problems:
        try:
            check_files(files)
        except Exception as problem:
            problems.append(str(problem))
    sys.path.insert(0, str(target / "src"))
    sys.dont_write_bytecode = True
    modules: list[ModuleType] = []
    names = sorted(_module_name(item, target / "src") for item in package.rglob("*.py"))
    for name in names:
        try:
            modules.append(importlib.import_module(name))
        except BaseException as problem:
            problems.append(f"import {name}: {type(problem).__name__}: {problem}")
    facts["modules"], facts["failed"] = len(names), len(problems)
    sync, unsync = (_reached(modules, is_async=colour) for colour in (False, True))
    facts["methods"] = len(sync.keys() & unsync.keys())
    methods = sorted({method for reached in sync.values() for method in reached}, key=lambda name: (-len(name), name))
    facts["longest_name"] = methods[0] if methods else ""
    facts["numbered"] = sum(bool(re.search(r"_\d+$", name)) for name in methods)
    if not problems:
        problems += _construct(package.name, client)
    facts["problem"] = problems[0][:300] if problems else ""
    return facts


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def operations_in(path: Path) -> int:
    """Count the operations of a document as its text has them; path items may stand elsewhere in it."""
    text = path.read_text("utf-8-sig")
    try:
        root = json.loads(text)
    except ValueError:
        import yaml

        root = yaml.load(text, getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # every scalar is text
    items = [(key, item) for part in ("paths", "x-ms-paths") for key, item in (root.get(part) or {}).items()]
    return sum(_operations_of(_target(root, item)) for key, item in items if not key.startswith("x-"))


def _operations_of(item: Any) -> int:
    if not isinstance(item, dict):
        return 0
    more = item.get("additionalOperations")
    return sum(key.lower() in METHODS for key in item) + (len(more) if isinstance(more, dict) else 0)


def _target(root: Any, item: Any) -> Any:
    reference = item.get("$ref") if isinstance(item, dict) else None
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return item
    for token in reference[2:].split("/"):
        root = root.get(token.replace("~1", "/").replace("~0", "~")) if isinstance(root, dict) else None
    return root


def _reached(modules: Iterable[ModuleType], *, is_async: bool) -> dict[tuple[str, str], set[str]]:
    """Return the operations that methods of one colour send, and the methods' names."""
    reached: dict[tuple[str, str], set[str]] = {}
    for module in modules:
        parts = module.__name__.split(".")
        if ("aio" in parts[1:2]) is is_async and "models" not in parts[1:2]:  # a group may be called so, too
            for name, function in _methods_in(module):
                for operation in _operations_named(function):
                    reached.setdefault(operation, set()).add(name)
    return reached


def _methods_in(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for owner in vars(module).values():
        if inspect.isclass(owner) and owner.__module__ == module.__name__:
            for name, member in vars(owner).items():
                if inspect.isfunction(member) and not name.startswith("_"):
                    yield name, inspect.unwrap(member)


def _operations_named(function: Any) -> Iterator[tuple[str, str]]:
    """Yield method and path of every `Operation` whose name stands in a function, inner functions included."""
    from clientsmith.core.operations import Operation

    names: set[str] = set()
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [constant for constant in code.co_consts if inspect.iscode(constant)]
    scopes: list[Mapping[str, Any]] = [function.__globals__]
    scopes += [vars(value) for name in names if inspect.ismodule(value := function.__globals__.get(name))]
    for scope in scopes:
        for name in names & scope.keys():
            if isinstance(value := scope[name], Operation):
                yield value.method, value.path


def _construct(package: str, name_of_client: str) -> list[str]:
    """Make the sync and the async client, with a credential of each kind until one is taken."""
    from clientsmith.core.credentials import BasicCredential, KeyCredential
    from clientsmith.core.errors import CredentialError

    credentials = (KeyCredential("key"), BasicCredential("user", "secret"), None)
    problems: list[str] = []
    for name in (package, f"{package}.aio"):
        client = getattr(importlib.import_module(name), name_of_client)
        refusals: list[str] = []
        for credential in credentials:
            try:
                client("https://service.test", credential)
                break
            except CredentialError as problem:
                refusals.append(f"{type(problem).__name__}: {problem}")
            except Exception as problem:
                problems.append(f"{name}.{client.__name__}: {type(problem).__name__}: {problem}")
                break
        if len(refusals) == len(credentials):
            problems.append(f"{name}.{client.__name__}: {refusals[0]}")
    return problems


# --- report ----------------------------------------------------------------------------------------------------------


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    outcomes = [row.outcome for row in rows]
    made = [row for row in rows if row.modules]
    lost = [row for row in rows if row.exit_code == GENERATED and row.outcome == "lost"]
    return {
        "documents": len(rows),
        **{name: outcomes.count(name) for name in ("whole", "refused", "lost", "broken", "crash", "timeout")},
        "packages whose every module imports": sum(not row.failed for row in made),
        "operations": sum(row.operations for row in made),
        "operations emitted": sum(row.methods for row in made),
        "operations lost with exit 0": sum(row.operations - row.methods for row in lost),
        "numbered names": sum(row.numbered for row in made),
        "lines": sum(row.lines for row in made),
        "seconds": round(sum(row.seconds for row in rows), 1),
        "peak MiB": max((row.peak_mib for row in rows), default=0),
    }


def as_line(row: Row) -> str:
    what = f"{row.outcome:<8}{row.methods:>6,}/{row.operations:<6,}{row.lines:>9,}"
    return f"{what}{row.seconds:>8.2f} s{row.peak_mib:>8.1f} MiB  {row.document}" + (
        f"  {row.problem}" if row.problem else ""
    )


def write_csv(rows: Sequence[Row], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [part.name for part in fields(Row)])
        writer.writeheader()
        writer.writerows({**asdict(row), "rules": json.dumps(row.rules, sort_keys=True)} for row in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("given", nargs="*", type=Path, metavar="FILE_OR_FOLDER")
    parser.add_argument("--limit", type=int, default=0, help="how many documents; all by default")
    parser.add_argument("--seed", type=int, default=1, help="which ones (default: 1)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--seconds", type=int, default=120, help="each child may take so long (default: 120)")
    parser.add_argument("--mib", type=int, default=3000, help="each child may use so much memory (default: 3000)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the packages here")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write one CSV row a document")
    parser.add_argument("--format", choices=["text", "json"], default="text")
    parser.add_argument("--all", action="store_true", help="print the rows of documents that went well too")
    for name, count in (("--generate", 2), ("--take-apart", 3)):  # how this program starts itself
        parser.add_argument(name, nargs=count, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.generate or options.take_apart:
        _bound(options.seconds, options.mib)
        if options.generate:
            generate(*options.generate)
        document, target, client = options.take_apart
        print(json.dumps(take_apart(Path(document), Path(target), client)))
        return 0
    rows: list[Row] = []
    chosen = sample(documents(options.given), options.limit, options.seed)
    with ThreadPoolExecutor(options.jobs) as pool:
        for row in pool.map(lambda path: examine(path, options), chosen):
            rows.append(row)
            if options.format == "text" and (options.all or not row.is_as_it_should_be):
                print(as_line(row), flush=True)
    if options.output:
        write_csv(rows, options.output)
    if options.format == "json":
        print(json.dumps({"summary": summary(rows), "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        print("\n".join(f"{name:<38}{value:>12,}" for name, value in summary(rows).items()))
    return int(not all(row.is_as_it_should_be for row in rows))


if __name__ == "__main__":
    sys.exit(main())
