"""What `clientsmith check` says of packages of others, and how often it is right.

    python benchmarks/check/packages.py [--folder DIR] [--package NAME] [--run] [--markdown]
    python benchmarks/check/packages.py --precision [--unlabelled]
    python benchmarks/check/packages.py --agreement

Packages are pinned in `packages.toml` and downloaded by pip (so pip's configuration says from where) into a folder of
their own, which is kept only if `--folder` names one: reports are kept there too, and read again unless `--fresh`.
Printed is a row for each package: how many guidelines are met, not met, waived and not applicable, how many places are
told, and the seconds of the command: of the clock, and of the processor, which is what counts where other things run
beside it. `--run` judges with the run-time half, each package in an environment of its own.

`--precision` draws a sample of the findings and looks the labels up in `labels.toml`, where a person has written for
each whether the guideline is really broken there. The sample is stratified: findings are grouped by guideline and
package, each group is shuffled by a hash (so that another finding more or less moves no other), and the groups take
turns until the sample is full; the rare finding counts as much as the frequent one. `--unlabelled` prints what of the
sample still wants a label. `--agreement` compares with `verdicts.toml`, where a person judged guidelines by hand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import resource
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

HERE: Final = Path(__file__).parent
PACKAGES: Final[tuple[str, ...]] = tuple(tomllib.loads((HERE / "packages.toml").read_text("utf-8"))["packages"])
SAMPLE: Final = 200  # as many as a person judges in an hour or two; a share of 2 % is then four findings
SEED: Final = "2026-11-22"


@dataclass(frozen=True)
class Found:
    """One finding about a package."""

    package: str
    rule: str
    file: str
    line: int
    symbol: str
    hint: str
    fingerprint: str


@dataclass(frozen=True)
class Judged:
    """The report about one package, and what it took."""

    package: str
    report: Mapping[str, Any]
    seconds: float
    processor_seconds: float

    @property
    def name(self) -> str:
        """The package's name, without its version."""
        return self.package.partition("==")[0]

    @property
    def verdicts(self) -> dict[str, str]:
        """The verdict of each guideline."""
        return {each["id"]: each["verdict"] for each in self.report["guidelines"]}

    @property
    def findings(self) -> list[Found]:
        """All findings, in the order of the guidelines."""
        return [
            Found(self.name, rule["id"], *(each[key] for key in ("file", "line", "symbol", "hint", "fingerprint")))
            for rule in self.report["guidelines"]
            for each in rule.get("findings", ())
        ]


# --- downloads and reports -------------------------------------------------------------------------------------------


def download(package: str, folder: Path) -> Path:
    """Download the wheel of a pinned release, unless it is there, and return its place."""
    name, _, version = package.partition("==")
    pattern = f"{re.sub('[-.]+', '_', name)}-{version}-*.whl"
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*command, "--dest", str(folder), package], check=True, timeout=300, stderr=subprocess.DEVNULL)
    return next(folder.glob(pattern))


def environment(wheel: Path, folder: Path) -> Path:
    """Install a wheel with its dependencies, and aiohttp, into an environment of its own; return its interpreter."""
    place = folder / wheel.stem
    python = place / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", "--python", sys.executable, place], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
        subprocess.run([*install, str(wheel), "aiohttp", "requests"], check=True, timeout=600)
    return python


def judged(package: str, folder: Path, *, run: bool, fresh: bool) -> Judged:
    """Judge a package by the command, unless its report is there."""
    kept = folder / "reports" / f"{package}{'-run' if run else ''}.json"
    if fresh or not kept.exists():
        wheel = download(package, folder)
        half = ["--python", str(environment(wheel, folder / "environments"))] if run else ["--static"]
        command = [sys.executable, "-m", "clientsmith.cli.main", "check", str(wheel), *half, "--format", "json"]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900, cwd=folder)
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1):
            raise SystemExit(f"{package}: {done.stderr.strip()}")
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps([json.loads(done.stdout), seconds, processor]), encoding="utf-8")
    report, seconds, processor = json.loads(kept.read_text(encoding="utf-8"))
    return Judged(package, report, seconds, processor)


# --- the sample ------------------------------------------------------------------------------------------------------


def sample(findings: Iterable[Found], size: int = SAMPLE) -> list[Found]:
    """Return a stratified sample: the groups of guideline and package take turns, each in the order of a hash."""
    groups: defaultdict[tuple[str, str], list[Found]] = defaultdict(list)
    for each in findings:
        groups[each.rule, each.package].append(each)
    shuffled = [sorted(groups[key], key=_shuffled) for key in sorted(groups)]
    taken = [each for turn in zip_longest(*shuffled) for each in turn if each is not None]
    return taken[:size]


def _shuffled(found: Found) -> str:
    return hashlib.sha256(f"{SEED}{found.fingerprint}".encode()).hexdigest()


def labels() -> dict[str, Mapping[str, Any]]:
    """Return what people said of findings, by fingerprint."""
    path = HERE / "labels.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


# --- what is printed -------------------------------------------------------------------------------------------------


def overview(reports: Iterable[Judged]) -> Iterator[tuple[str, ...]]:
    """Yield the table of packages."""
    yield "package", "profile", "met", "not met", "waived", "n/a", "findings", "s", "CPU s"
    for each in reports:
        counts = (str(each.report["summary"][word]) for word in ("met", "not met", "waived", "n/a"))
        times = f"{each.seconds:.1f}", f"{each.processor_seconds:.1f}"
        yield each.package, each.report["profile"], *counts, f"{len(each.findings):,}", *times


def precision(reports: Iterable[Judged]) -> Iterator[tuple[str, ...]]:
    """Yield the table of false positives by guideline."""
    known = labels()
    findings = [each for report in reports for each in report.findings]
    drawn = sample(findings)
    rows: defaultdict[str, list[bool]] = defaultdict(list)
    for each in drawn:
        if each.fingerprint in known:
            rows[each.rule].append(bool(known[each.fingerprint]["true"]))
    yield "guideline", "findings", "in the sample", "judged", "false"
    for rule in sorted({each.rule for each in findings}):
        counts = sum(each.rule == rule for each in findings), sum(each.rule == rule for each in drawn)
        yield rule, f"{counts[0]:,}", str(counts[1]), str(len(rows[rule])), str(rows[rule].count(False))
    told = [each for judgements in rows.values() for each in judgements]
    share = f"{told.count(False)} ({100 * told.count(False) / len(told):.1f} %)" if told else "0"
    yield "all", f"{len(findings):,}", str(len(drawn)), str(len(told)), share
    # Beyond the sample: whatever was ever judged, and how much of it is still told.
    still = [known[each.fingerprint] for each in findings if each.fingerprint in known]
    wrong = [sum(not each["true"] for each in several) for several in (known.values(), still)]
    yield "ever judged", "", "", str(len(known)), str(wrong[0])
    yield "of these, still told", "", "", str(len(still)), str(wrong[1])


def agreement(reports: Iterable[Judged]) -> Iterator[tuple[str, ...]]:
    """Yield the table of what a person and the command say of the same guideline."""
    by_hand = tomllib.loads((HERE / "verdicts.toml").read_text(encoding="utf-8"))
    yield "package", "guideline", "by hand", "check", ""
    same = total = 0
    for report in reports:
        for rule, label in by_hand.get(report.name, {}).items():
            said, wanted = report.verdicts[rule], "met" if label["met"] else "not met"
            same, total = same + (said == wanted), total + 1
            yield report.name, rule, wanted, said, "" if said == wanted else label["why"]
    yield "all", str(total), "", f"{same} alike", ""


def printed(rows: Iterable[tuple[str, ...]], *, markdown: bool) -> None:
    """Print a table, aligned or as Markdown."""
    table = list(rows)
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    for number, row in enumerate(table):
        if markdown:
            print(f"| {' | '.join(row)} |")
            if not number:
                print(f"|{' --- |' * len(row)}")
        else:
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def main() -> None:
    """Print the table that was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where downloads and reports are kept")
    parser.add_argument("--package", action="append", choices=PACKAGES, help="only this one")
    parser.add_argument("--run", action="store_true", help="the run-time half too, in an environment of its own")
    parser.add_argument("--fresh", action="store_true", help="judge again what has a report")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--precision", action="store_true", help="the share of false positives in the sample")
    parser.add_argument("--unlabelled", action="store_true", help="what of the sample has no label yet")
    parser.add_argument("--agreement", action="store_true", help="compare with what a person judged")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).resolve()
        wanted = options.package or PACKAGES
        reports = [judged(each, folder, run=options.run, fresh=options.fresh) for each in wanted]
        if options.unlabelled:
            known = labels()
            for each in sample(found for report in reports for found in report.findings):
                if each.fingerprint not in known:
                    print(each.fingerprint, each.package, each.rule, f"{each.file}:{each.line}", each.symbol, each.hint)
        table = precision if options.precision else agreement if options.agreement else overview
        if not options.unlabelled:
            printed(table(reports), markdown=options.markdown)


if __name__ == "__main__":
    main()
