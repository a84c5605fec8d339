"""Ten consecutive releases of five real packages: our verdict beside what their maintainers did.

    python benchmarks/diff/releases.py [--folder DIR] [--package NAME] [--markdown]

Releases are pinned below and downloaded by pip (so pip's configuration says from where) into a folder of their own,
which is kept only if `--folder` names one. Printed is a row for each pair: what breaks, what is new, which version that
demands, which part of the version has grown, and the seconds of opening and comparing: of the clock, and of the
processor, which is what counts where other things run beside it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from clientsmith.apidiff.bump import bump_between
from clientsmith.apidiff.difference import Difference, Kind
from clientsmith.apidiff.python import compare_packages
from clientsmith.apidiff.verdict import Verdict, judge
from clientsmith.distributions import opened
from packaging.version import Version

# Pinned on 2026-11-22: the newest final releases that the index had, oldest first; ten pairs a package.
_PINNED: Final = {
    "azure-core": "1.35.0 1.35.1 1.36.0 1.37.0 1.38.0 1.38.1 1.38.2 1.38.3 1.39.0 1.40.0 1.41.0",
    "stripe": "15.3.0 15.3.1 15.4.0 15.5.0 15.5.1 15.6.0 15.6.1 15.6.2 16.0.0 16.0.1 16.1.0",
    "httpx": "0.24.0 0.24.1 0.25.0 0.25.1 0.25.2 0.26.0 0.27.0 0.27.1 0.27.2 0.28.0 0.28.1",
    "attrs": "22.2.0 23.1.0 23.2.0 24.1.0 24.2.0 24.3.0 25.1.0 25.2.0 25.3.0 25.4.0 26.1.0",
    "openai": "3.43.0 3.44.0 3.45.0 3.46.0 3.48.0 3.49.0 3.50.0 3.51.0 3.52.0 3.53.0 3.54.0",
}
RELEASES: Final = {name: tuple(versions.split()) for name, versions in _PINNED.items()}


@dataclass(frozen=True)
class Row:
    """One pair of releases."""

    package: str
    verdict: Verdict
    differences: list[Difference]
    seconds: float
    processor_seconds: float

    def cells(self) -> tuple[str, ...]:
        """Return what the table shows."""
        old, new = self.verdict.old, self.verdict.new
        assert old is not None
        assert new is not None
        counts = self.verdict.counts
        rules = Counter(one.rule for one in self.differences if one.kind is Kind.BREAKING)
        most = ", ".join(f"{count} {rule}" for rule, count in rules.most_common(3))
        return (
            self.package,
            f"{old} -> {new}",
            str(counts[Kind.BREAKING]),
            str(counts[Kind.ADDITION]),
            str(self.verdict.demanded) if self.verdict.bump else "any",
            bump_between(old, new).name.lower(),
            "too small" if self.verdict.is_too_small else "enough",
            f"{self.seconds:.1f}",
            f"{self.processor_seconds:.1f}",
            most,
        )


def download(package: str, version: str, folder: Path) -> Path:
    """Download the wheel of a release, unless it is there, and return its place."""
    place = folder / f"{package}-{version}"
    if not any(place.glob("*.whl")):
        place.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        subprocess.run(
            [*command, "--dest", str(place), f"{package}=={version}"],
            check=True,
            timeout=300,
            stderr=subprocess.DEVNULL,
        )
    return next(place.glob("*.whl"))


def measured(package: str, old: str, new: str, folder: Path) -> Row:
    """Compare two releases."""
    files = download(package, old, folder), download(package, new, folder)
    start, processor = time.perf_counter(), time.process_time()
    with opened(str(files[0])) as before, opened(str(files[1])) as after:
        differences = compare_packages(before, after)
    seconds, processor_seconds = time.perf_counter() - start, time.process_time() - processor
    return Row(package, judge(differences, Version(old), Version(new)), differences, seconds, processor_seconds)


_HEAD: Final = (
    "package",
    "releases",
    "breaking",
    "additions",
    "demanded",
    "done",
    "verdict",
    "s",
    "CPU s",
    "most often",
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where downloads are kept")
    parser.add_argument("--package", action="append", choices=list(RELEASES), help="only this one")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        print(_line(_HEAD, markdown=options.markdown))
        if options.markdown:
            print(_line(("---",) * len(_HEAD), markdown=True))
        slowest: dict[str, float] = {}
        for package in options.package or RELEASES:
            for old, new in pairwise(RELEASES[package]):
                row = measured(package, old, new, folder)
                slowest[package] = max(slowest.get(package, 0.0), row.processor_seconds)
                print(_line(row.cells(), markdown=options.markdown), flush=True)
    print(
        "\nslowest pair, seconds of the processor:",
        ", ".join(f"{name} {seconds:.1f}" for name, seconds in slowest.items()),
    )


def _line(cells: tuple[str, ...], *, markdown: bool) -> str:
    return f"| {' | '.join(cells)} |" if markdown else "\t".join(cells)


if __name__ == "__main__":
    main()
