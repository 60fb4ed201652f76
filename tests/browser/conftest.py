"""The product as it is really run, and a real browser in front of it."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from pypdf import PdfReader

from tests.browser import pictures
from tests.browser.serving import ROOT, Site, working_site

SHOTS = ROOT / "var" / "screenshots"
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
EVERY_RULE = """axe.run(document, {
  resultTypes: ["violations"],
  rules: Object.fromEntries(axe.getRules().map(rule => [rule.ruleId, {enabled: true}])),
}).then(told => told.violations.map(one => [
  one.id, one.nodes[0].html.slice(0, 200), one.nodes[0].failureSummary,
]))"""
USERNAME, PASSWORD = "journey", "a-long-walk-in-the-park"
STATISTICIANS = ("stella", "tom")
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
MAKE_CLINICIAN = f"""
from riskapp.actions.registering import register_clinician
from riskapp.actions.managing_people import make_statistician
register_clinician(username={USERNAME!r}, password={PASSWORD!r}, organisation="Browser clinic")
for name in {STATISTICIANS!r}:
    make_statistician(
        register_clinician(username=name, password={PASSWORD!r}, organisation="Browser clinic")
    )
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: their event loop would make Django refuse the database."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Collect, make a clinician, serve; the worker measures as in real life."""
    with working_site(tmp_path_factory.mktemp("site"), MAKE_CLINICIAN) as served:
        yield served


@pytest.fixture(scope="session")
def base_url(site: Site) -> str:
    return site.address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = shutil.which("chromium")
    assert chromium, "The browser tests need Chromium: on Debian, install the package chromium."
    # Chromium refuses to sandbox itself for root, as which containers run tests.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return browser_type_launch_args | {"executable_path": chromium, "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"}


class Walker:
    """A person at the browser who notices what a person would notice, and more."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.noticed: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.noticed.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        # A question that a newer one replaces is given up, which htmx notes as two errors.
        replaced = message.text.startswith(("htmx:sendAbort", "htmx:afterRequest"))
        if message.type in ("error", "warning") and not replaced:
            self.noticed.append(message.text)

    def sign_in(self, username: str = USERNAME, at: str = "") -> None:
        self.page.goto(f"{at}/sign-in/")
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda address: "/sign-in/" not in address)

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.page.get_by_label("User name")).to_be_visible()

    def new_patient(self, name: str, born: str = "1954-06-01", at: str = "") -> str:
        self.page.goto(f"{at}/patients/new/")
        self.page.get_by_label("Name").fill(name)
        self.page.get_by_label("Record number").fill(re.sub(r"\W", "-", name))
        self.page.get_by_label("Date of birth").fill(born)
        self.page.get_by_label("Female").check()
        self.page.get_by_role("button", name="Register").click()
        self.page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
        return self.page.url

    def upload(self, *paths: Path) -> None:
        self.page.set_input_files("#files", paths)
        self.page.get_by_role("button", name="Upload scan").click()
        self.page.wait_for_url("**/scans/*/")

    def look(self, name: str) -> None:
        """Judge accessibility in light and dark, and the width on three screens."""
        for scheme in ("dark", "light"):
            self.page.emulate_media(color_scheme=scheme)
            told = self.judged()
            assert not told, f"{name}, {scheme}: {json.dumps(told, indent=1)}"
        # 720 px is a screen of 1440 at 200 % zoom.
        for width, height in ((360, 780), (720, 450), (1440, 900)):
            self.page.set_viewport_size({"width": width, "height": height})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} px wide on a screen of {width}"
            if width != 720:
                self.photograph(f"{name}-{width}")

    def judged(self) -> list[list[str]]:
        """What axe has against the page, by all its rules: AAA, best practice, experiments too."""
        # A click waits until the next page has begun, not until its styles are there.
        self.page.wait_for_load_state()
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        return self.page.evaluate(EVERY_RULE)

    def photograph(self, name: str) -> None:
        """Where pictures are wanted, for people to look at: nothing is told from them."""
        if pictures.WANTED:
            # What sticks to the screen is photographed at its own place only from the top.
            self.page.evaluate("window.scrollTo(0, 0)")
            self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    def print(self, name: str) -> int:
        """Print to paper; the number of sheets."""
        printed = self.page.pdf(format="A4", prefer_css_page_size=True)
        if pictures.WANTED:
            SHOTS.mkdir(parents=True, exist_ok=True)
            (SHOTS / f"{name}.pdf").write_bytes(printed)
        return len(PdfReader(BytesIO(printed)).pages)


@pytest.fixture
def walker(context: BrowserContext) -> Iterator[Walker]:
    person = Walker(context.new_page())
    yield person
    assert person.noticed == [], "the browser complained"


def figure(page: Page, which: int) -> str:
    return page.locator("#answer .outcome-figure strong").nth(which).inner_text()
