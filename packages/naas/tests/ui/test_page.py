"""The web page, as a person with a browser meets it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from naas.api import ui

from .conftest import ADMIN_SECRET, new_key

pytestmark = pytest.mark.xdist_group("ui")

STYLE = Path(ui.__file__).parent / "static" / "style.css"
SECTIONS = ["jobs", "run", "devices", "backups", "schedules", "keys", "audit"]


def go(page: Any, section: str) -> None:
    page.evaluate(f"location.hash = '#/{section}'")
    page.wait_for_selector(f"nav a[aria-current=page][href='#/{section}']")
    page.wait_for_selector("h1")


def run(page: Any, *commands: str) -> None:
    go(page, "run")
    page.click("text=Choose all shown")
    page.fill("#commands", "\n".join(commands))
    page.click("button:text-is('Run')")
    page.wait_for_selector("h2:has-text('2 of 2 devices')")


def test_a_wrong_key_is_told_beside_the_form(page: Any) -> None:
    page.fill("#key", "nothing-that-exists")
    page.click("button[type=submit]")
    page.wait_for_selector("form [role=alert]:has-text('That did not work')")
    assert page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_without_a_complaint_of_the_browser(signed_in: Any, section: str) -> None:
    go(signed_in, section)
    assert signed_in.locator("main [role=alert]").count() == 0


@pytest.mark.parametrize("section", SECTIONS)
def test_a_narrow_window_is_not_wider_than_itself(signed_in: Any, section: str) -> None:
    signed_in.set_viewport_size({"width": 400, "height": 800})
    go(signed_in, section)
    assert signed_in.evaluate("document.documentElement.scrollWidth") <= 400


def test_equal_answers_stand_together_and_differing_ones_beside(signed_in: Any) -> None:
    run(signed_in, "show same", "show clock")
    signed_in.wait_for_selector("h2:has-text('all 2 answers are equal')")
    other = signed_in.locator("section[aria-label='show clock'] .changed")
    assert other.inner_text() == "192.0.2.2> show clock"
    signed_in.select_option("section[aria-label='show clock'] select", "1")
    assert other.inner_text() == "192.0.2.1> show clock"


def test_devices_are_called_by_their_names(signed_in: Any) -> None:
    run(signed_in, "show clock")
    assert signed_in.locator(".sides h3").all_inner_texts() == ["sw1 baseline", "sw2"]
    go(signed_in, "jobs")
    signed_in.wait_for_selector("td:text-is('sw1')")


def test_the_filter_and_the_group_narrow_what_is_chosen(signed_in: Any) -> None:
    go(signed_in, "run")
    signed_in.select_option("#group", "site2")
    signed_in.click("text=Choose all shown")
    signed_in.wait_for_selector("text=1 of 2 chosen")
    assert signed_in.locator(".choices label:visible").count() == 1


def test_nothing_chosen_is_told_where_it_happens(signed_in: Any) -> None:
    go(signed_in, "run")
    signed_in.click("button:text-is('Run')")
    signed_in.wait_for_selector("form [role=alert]:has-text('at least one device and one command')")


def test_configuration_asks_first_and_no_means_no(signed_in: Any) -> None:
    go(signed_in, "run")
    signed_in.click("text=Choose all shown")
    signed_in.fill("#commands", "ntp server 192.0.2.9")
    signed_in.check("#is-config")
    signed_in.click("button:text-is('Run')")
    signed_in.wait_for_selector("dialog:has-text('Change the configuration of 2 devices?')")
    signed_in.keyboard.press("Escape")
    signed_in.wait_for_selector("dialog", state="detached")
    assert signed_in.locator("h2:has-text('devices')").count() == 0


def test_markup_of_a_device_is_text(signed_in: Any) -> None:
    run(signed_in, "show markup", "show escapes")
    assert "<img src=x" in signed_in.locator("section[aria-label='show markup'] pre").inner_text()
    assert signed_in.locator("main img, main script").count() == 0
    assert signed_in.title() != "owned"
    assert signed_in.locator("section[aria-label='show escapes'] pre").inner_text().strip() == "red end"


@pytest.mark.parametrize("command", ["show much", "show lines"])
def test_much_output_does_not_freeze_the_page(signed_in: Any, command: str) -> None:
    run(signed_in, command)
    signed_in.wait_for_selector(f"section[aria-label='{command}'] pre")
    assert signed_in.evaluate("1 + 1") == 2
    assert signed_in.evaluate("document.querySelector('main pre').textContent.length") <= 300_000


def test_comparing_two_long_outputs_is_quick(signed_in: Any) -> None:
    took = signed_in.evaluate("""async () => {
        const { marked } = await import("/ui/compare.js");
        const a = Array.from({length: 10000}, (_, i) => `a ${i}`).join("\\n"), started = performance.now();
        marked(a, a.replaceAll("a 1", "b 1"));
        return performance.now() - started;
    }""")
    assert took < 1000


def test_an_ended_key_leads_to_the_sign_in_and_back(page: Any, url: str) -> None:
    made = new_key(url)
    page.fill("#key", made["token"])
    page.click("button[type=submit]")
    page.wait_for_selector("h1:has-text('Jobs')")
    assert httpx.delete(f"{url}/v2/api-keys/{made['key_id']}", auth=("x", ADMIN_SECRET)).status_code == 204
    page.evaluate("location.hash = '#/devices'")
    page.wait_for_selector("#key")
    page.fill("#key", new_key(url)["token"])
    page.click("button[type=submit]")
    page.wait_for_selector("h1:has-text('Devices')")


def test_credentials_stay_in_the_tab(signed_in: Any) -> None:
    assert signed_in.evaluate("[localStorage.length, document.cookie]") == [0, ""]
    go(signed_in, "devices")
    assert "stored-secret" not in signed_in.content()


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


PAIRS = [
    (ink, paper)
    for paper in ("paper", "shade")
    for ink in ("ink", "dim", "accent", "bad", "warn", "good", "busy")
] + [("on-accent", "accent"), ("paper", "bad"), ("ink", "added"), ("ink", "removed"), ("ink", "changed"), ("ink", "line"),
     ("warn", "changed")]  # fmt: skip


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(scheme: int) -> None:
    colours = dict(
        re.findall(r"--([\w-]+): (#[0-9a-f]{6})", re.findall(r":root \{(.*?)\}", STYLE.read_text(), re.S)[scheme])
    )
    poor = {pair: contrast(*(colours[name] for name in pair)) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < 4.5} == {}
