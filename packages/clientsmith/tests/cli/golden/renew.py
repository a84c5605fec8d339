"""Write the golden plans anew: run it after a change that was meant to change them, and read the difference."""

from __future__ import annotations

import os
from pathlib import Path

from click.testing import CliRunner
from clientsmith.cli.main import cli

HERE = Path(__file__).parent
SPECS = HERE.parents[1] / "specs"


def main() -> None:
    os.chdir(SPECS)
    for path in sorted(SPECS.iterdir()):
        if path.suffix in (".json", ".yaml"):
            result = CliRunner().invoke(cli, ["plan", path.name], prog_name="clientsmith")
            (HERE / f"{path.name}.txt").write_text(f"{result.stdout}--- stderr\n{result.stderr}")


if __name__ == "__main__":
    main()
