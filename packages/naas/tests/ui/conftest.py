"""The page in a browser: one headless Chromium and one service for the session."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ADMIN_SECRET = "adminsecretadminsecret"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="the page is tested with playwright")
    if CHROMIUM is None:
        pytest.skip("the page is tested in Chromium: no program `chromium` is installed")
    with playwright.sync_playwright() as started:
        launched = started.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with two devices in its inventory."""
    folder = tmp_path_factory.mktemp("ui")
    script = Path(__file__).with_name("served.py")
    arguments = [sys.executable, str(script), "serve", "--port", "0", "--database", str(folder / "naas.db")]
    log = (folder / "log").open("w")
    process = subprocess.Popen(arguments, env=_environment(), stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        ready = process.stdout.readline()
        assert " listening on " in ready, (folder / "log").read_text()
        address = ready.split()[-1]
        with httpx.Client(base_url=address, auth=("x", ADMIN_SECRET)) as client:
            _fill(client)
        yield address
    finally:
        process.kill()
        process.wait(10)
        log.close()


def _environment() -> dict[str, str]:
    return {**os.environ, "NAAS_ADMIN_SECRET": ADMIN_SECRET, "NAAS_RATE_LIMIT_ENABLED": "false"}


def new_key(url: str, role: str = "admin") -> dict[str, str]:
    answer = httpx.post(f"{url}/v2/api-keys", json={"role": role, "name": "page"}, auth=("x", ADMIN_SECRET))
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


def _fill(client: httpx.Client) -> None:
    token = client.post("/v2/api-keys", json={"role": "admin"}).json()["token"]
    client.auth = None
    client.headers["Authorization"] = f"Bearer {token}"
    login = {"name": "lab", "username": "admin", "password": "stored-secret"}
    assert client.post("/v2/credentials", json=login).status_code == 201
    for number, platform in enumerate(("cisco_ios", "juniper_junos"), 1):
        device = {"name": f"sw{number}", "host": f"192.0.2.{number}", "platform": platform}
        told = client.post("/v2/devices", json={**device, "credential": "lab", "groups": [f"site{number}"]})
        assert told.status_code == 201, told.text


@pytest.fixture
def page(browser: Any, url: str) -> Iterator[Any]:
    """A page nobody is signed in on; whatever the browser complains of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    opened.goto(f"{url}/ui")
    yield opened
    context.close()
    assert complaints == []


def _is_complaint(said: Any) -> bool:
    # That a request was refused is an answer of the service, which tests ask for; the browser notes it as an error.
    return said.type in ("error", "warning") and "the server responded with a status of 40" not in said.text


@pytest.fixture
def signed_in(page: Any, url: str) -> Any:
    page.fill("#key", new_key(url)["token"])
    page.click("button[type=submit]")
    page.wait_for_selector("h1:has-text('Jobs')")
    return page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser is a program that nobody here wrote: `make test-real`, in a process of its own, since Playwright keeps
    an event loop running in its thread."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.real)
