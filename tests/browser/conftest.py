"""The product as it is really run, and a real browser in front of it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "var" / "screenshots"
AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
USERNAME, PASSWORD = "journey", "a-long-walk-in-the-park"
STATISTICIANS = ("stella", "tom")
START_WITHIN_S = 180
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
MAKE_CLINICIAN = f"""
from riskapp.actions.registering import register_clinician
from riskapp.actions.permitting import make_statistician
register_clinician(username={USERNAME!r}, password={PASSWORD!r}, organisation="Browser clinic")
for name in {STATISTICIANS!r}:
    make_statistician(
        register_clinician(username=name, password={PASSWORD!r}, organisation="Browser clinic")
    )
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: their event loop would make Django refuse the database."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@dataclass(frozen=True, slots=True)
class Site:
    """A served product with a database of its own."""

    address: str


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Migrate, collect, make a clinician, serve; the worker measures as in real life."""
    env = os.environ | {
        "TRABECULA_DATA_DIR": str(tmp_path_factory.mktemp("site")),
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "OMP_NUM_THREADS": "1",
    }
    for arguments in (
        ["migrate", "--verbosity", "0"],
        ["collectstatic", "--noinput", "--verbosity", "0"],
        ["shell", "--verbosity", "0", "--command", MAKE_CLINICIAN],
    ):
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server)
        yield Site(address)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + START_WITHIN_S
    while time.monotonic() < give_up_at:
        assert server.poll() is None, "the server ended before it answered"
        try:
            with urlopen(f"{address}/health/live", timeout=5):
                return
        except OSError:  # not there yet, or slow to answer
            time.sleep(0.2)
    pytest.fail("the server did not start")


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
        if message.type in ("error", "warning"):
            self.noticed.append(message.text)

    def sign_in(self, username: str = USERNAME) -> None:
        self.page.goto("/sign-in/")
        self.page.get_by_label("User name").fill(username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/")

    def new_patient(self, name: str, born: str = "1954-06-01") -> str:
        self.page.goto("/patients/new/")
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
        """Judge accessibility and photograph the page at both widths."""
        violations = self.page.evaluate(
            AXE + "; axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
        )
        told = [
            (one["impact"], one["id"], one["nodes"][0]["html"][:200], one["help"])
            for one in violations
        ]
        assert not told, f"{name}: {json.dumps(told, indent=1)}"
        SHOTS.mkdir(parents=True, exist_ok=True)
        for width, height in ((360, 780), (1440, 900)):
            self.page.set_viewport_size({"width": width, "height": height})
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} px wide on a screen of {width}"
            # What sticks to the screen is photographed at its own place only from the top.
            self.page.evaluate("window.scrollTo(0, 0)")
            self.page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)

    def print(self, name: str) -> int:
        """Print to paper; the number of sheets."""
        path = SHOTS / f"{name}.pdf"
        self.page.pdf(path=path, format="A4", prefer_css_page_size=True)
        return len(PdfReader(path).pages)


@pytest.fixture
def walker(context: BrowserContext) -> Iterator[Walker]:
    person = Walker(context.new_page())
    yield person
    assert person.noticed == [], "the browser complained"


def figure(page: Page, which: int) -> str:
    return page.locator("#answer .outcome-figure strong").nth(which).inner_text()
