"""Every page of a clinic in which everything has happened: seen in every light, and how heavy."""

import gzip
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Response

from tests.browser import pictures
from tests.browser.conftest import Walker
from tests.browser.serving import USERNAME, Site, filled_site

pytestmark = pytest.mark.browser
HEAVIEST_KB = 150
# Dark, as some choose; light; and the few colours that a person sets for the whole system.
LIGHTS = (("dark", "none"), ("light", "none"), ("light", "active"))
UNNAMED = ("sign_in", "shared")  # pages of those who are not signed in


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with filled_site(tmp_path_factory.mktemp("stories")) as site:
        yield site


def test_every_page_is_fit_for_every_eye_and_every_line(browser: Browser, stories: Site) -> None:
    context = browser.new_context(
        base_url=stories.address, viewport={"width": 1440, "height": 900}, locale="en-GB"
    )
    walker = Walker(context.new_page())
    weights: dict[str, int] = {}
    if pictures.WANTED:
        pictures.forget_old()

    def weigh(response: Response) -> None:
        if response.request.resource_type in ("document", "stylesheet", "script"):
            body = response.body() if response.ok else b""
            # Pages leave as they are (what they answer is secret); static files are compressed.
            sent = gzip.compress(body) if "/static/" in response.url else body
            weights[response.url] = len(sent)

    walker.page.on("response", weigh)
    told = []
    for name in sorted(stories.pages, key=lambda one: one not in UNNAMED):
        if name not in UNNAMED and "Sign out" not in walker.page.content():
            walker.sign_in(USERNAME)
        weights.clear()
        walker.page.goto(stories.pages[name], wait_until="networkidle")
        if sum(weights.values()) > HEAVIEST_KB * 1000:
            told.append((name, "heavy", weights.copy()))
        told += [(name, *one) for one in seen(walker, name)]
        if pictures.WANTED:
            pictures.photograph(walker.page, name)
        told += [(name, "the browser complained", one) for one in walker.noticed]
        walker.noticed.clear()
    if pictures.WANTED:
        pictures.write_table(list(stories.pages))
    assert not told, json.dumps(told, indent=1)
    context.close()


def seen(walker: Walker, name: str) -> Iterator[tuple[object, ...]]:
    page = walker.page
    for scheme, forced in LIGHTS:
        page.emulate_media(color_scheme=scheme, forced_colors=forced)
        yield from ((scheme, forced, *one) for one in walker.judged())
    page.emulate_media(color_scheme="light", forced_colors="none")
    for width in (720, 360, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield ("is wider than the screen", width, wide)
