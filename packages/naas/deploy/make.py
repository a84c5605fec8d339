"""Write what the deployment files and the guide take from the code: run it after a change of the settings.

    python packages/naas/deploy/make.py

It puts the tables of settings into the guide to configuration, and their schema into that of the Helm chart's values.
A test says when this was forgotten.
"""

from __future__ import annotations

import json
from pathlib import Path

from naas.config.describe import chart_schema, settings_tables

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parents[2] / "docs" / "guide" / "naas-configuration.md"
VALUES_SCHEMA = HERE / "charts" / "naas" / "values.schema.json"

BEGIN = "<!-- settings: made from the code -->\n"
END = "<!-- end of settings -->"


def guide(text: str) -> str:
    """Return the guide with the tables of now."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}{settings_tables()}{END}{rest.partition(END)[2]}"


def values_schema(text: str) -> str:
    """Return the schema of the values with the settings of now."""
    schema = json.loads(text)
    schema["$defs"]["settings"] = chart_schema()
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    GUIDE.write_text(guide(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
    VALUES_SCHEMA.write_text(values_schema(VALUES_SCHEMA.read_text(encoding="utf-8")), encoding="utf-8")
