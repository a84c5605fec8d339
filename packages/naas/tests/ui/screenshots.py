"""Takes the pictures of the guide: `python packages/naas/tests/ui/screenshots.py URL KEY FOLDER`.

URL is a running service with simulated devices in its inventory (docs/guide/naas-web-page.md says how to start one),
KEY an admin's API key.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

SIZE = {"width": 1280, "height": 800}


def main(url: str, key: str, folder: Path) -> None:
    """Sign in, run a command everywhere, and take pictures."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for scheme, suffix in (("light", ""), ("dark", "-dark")):
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            page.goto(f"{url}/ui")
            page.fill("#key", key)
            page.click("button[type=submit]")
            page.wait_for_selector("h1:has-text('Jobs')")
            page.goto(f"{url}/ui#/run")
            page.click("text=Choose all shown")
            page.fill("#commands", "show ip interface brief")
            page.click("button:text-is('Run')")
            page.wait_for_selector(".sides")
            page.screenshot(path=folder / f"naas-run{suffix}.png")
            if not suffix:
                for section in ("jobs", "devices"):
                    page.goto(f"{url}/ui#/{section}")
                    page.wait_for_selector("main table")
                    page.screenshot(path=folder / f"naas-{section}.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
