"""Every page of a clinic in which everything has happened: seen in every light, and how heavy."""

import gzip
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Response

from tests.browser import pictures
from tests.browser.conftest import Walker
from tests.browser.serving import USERNAME, Site, filled_site

pytestmark = pytest.mark.browser
HEAVIEST_KB = 150
# Dark, as some choose; light; and the few colours that a person sets for the whole system.
LIGHTS = (("dark", "none"), ("light", "none"), ("light", "active"))
UNNAMED = ("sign_in", "shared", "one_time_link")  # pages of those who are not signed in


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with filled_site(tmp_path_factory.mktemp("stories")) as site:
        if pictures.WANTED:
            pictures.forget_old()
        yield site
        if pictures.WANTED:
            pictures.write_table(list(site.pages))


@pytest.fixture(scope="module")
def stranger(browser: Browser, stories: Site) -> Iterator[Walker]:
    context = browser.new_context(
        base_url=stories.address, viewport={"width": 1440, "height": 900}, locale="en-GB"
    )
    yield Walker(context.new_page())
    context.close()


@pytest.fixture(scope="module")
def statistician(browser: Browser, stories: Site) -> Iterator[Walker]:
    context = browser.new_context(
        base_url=stories.address, viewport={"width": 1440, "height": 900}, locale="en-GB"
    )
    walker = Walker(context.new_page())
    walker.sign_in(USERNAME)
    yield walker
    context.close()


def test_every_page_has_its_purpose(stories: Site) -> None:
    assert stories.pages.keys() == pictures.PURPOSES.keys()


@pytest.mark.parametrize("name", pictures.PURPOSES)
def test_a_page_is_light_and_fit_for_every_eye(
    name: str, stories: Site, stranger: Walker, statistician: Walker
) -> None:
    walker = stranger if name in UNNAMED else statistician
    walker.noticed.clear()
    weights = opened(walker.page, stories.pages[name])
    assert sum(weights.values()) <= HEAVIEST_KB * 1000, weights
    for scheme, forced in LIGHTS:
        walker.page.emulate_media(color_scheme=scheme, forced_colors=forced)
        assert walker.judged() == [], (scheme, forced)
    walker.page.emulate_media(color_scheme="light", forced_colors="none")
    for width in (720, 360, 1440):
        walker.page.set_viewport_size({"width": width, "height": 900})
        wide = walker.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
    if pictures.WANTED:
        pictures.photograph(walker.page, name)
    assert walker.noticed == [], "the browser complained"


def opened(page: Page, address: str) -> dict[str, int]:
    """Go there; the bytes of each document, style and script that came."""
    came: list[Response] = []

    def note(response: Response) -> None:
        came.append(response)

    page.on("response", note)
    page.goto(address, wait_until="networkidle")
    page.remove_listener("response", note)
    return {
        one.url: _sent(one.url, one.body()) if one.ok else 0
        for one in came
        if one.request.resource_type in ("document", "stylesheet", "script")
    }


def _sent(url: str, body: bytes) -> int:
    # Pages leave as they are (what they answer is secret); static files are compressed.
    return len(gzip.compress(body) if "/static/" in url else body)
