"""A clinician in the hospital's record: a chart, a card, Trabecula in its place, and back."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from riskapp.management.mock_ehr.starting import connections_of
from tests.browser.conftest import Walker
from tests.browser.serving import Site
from tests.smart.serving import Way, hospital

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def record(site: Site) -> Iterator[Way]:
    """The made-up hospital beside the product, connected as the demo connects it."""
    with hospital(site.address, signs=True) as way:
        listed = connections_of(way.address, site.address, "Browser clinic")
        (site.folder / "connections.toml").write_text(listed, encoding="utf-8")
        yield way


def fits(walker: Walker, name: str) -> None:
    """What holds a frame is no wider than the screen; its inside is judged on its own pages."""
    for width, height in ((360, 780), (1440, 900)):
        walker.page.set_viewport_size({"width": width, "height": height})
        assert walker.page.evaluate("document.documentElement.scrollWidth") <= width
        walker.photograph(f"{name}-{width}")


def test_from_a_chart_to_a_card_to_trabecula_and_back_into_the_chart(
    walker: Walker, record: Way
) -> None:
    page = walker.page
    page.goto(f"{record.address}/")
    walker.look("mock-people")
    page.get_by_role("link", name="Ines Albrecht").click()
    expect(page.locator(".card").first).to_contain_text("very high risk")
    walker.look("mock-chart")
    page.get_by_role("link", name="Open Trabecula").first.click()
    app = page.frame_locator(".app-frame")
    expect(app.get_by_text("From Mock hospital: Body weight: 132 lb")).to_be_visible()
    expect(app.locator("#answer .outcome-figure").first).to_be_visible()
    app.locator("#from-1 summary").click()
    expect(app.get_by_text("answers no question that is asked here").first).to_be_visible()
    fits(walker, "mock-app")
    app.get_by_role("button", name="Save assessment").click()
    app.get_by_role("button", name="Send to Mock hospital").click()
    expect(app.get_by_text("Mock hospital has it, confirmed")).to_be_visible()
    fits(walker, "mock-app-sent")
    shown = app.locator(".outcome-figure strong").first.inner_text()
    page.get_by_role("link", name="Chart").click()
    risks = page.locator("#risks")
    expect(risks.get_by_role("row")).not_to_have_count(0)
    expect(risks).to_contain_text(shown.replace("\N{NO-BREAK SPACE}%", ""))
    walker.look("mock-chart-after")


def test_a_card_is_set_aside_and_an_order_asks_again(walker: Walker, record: Way) -> None:
    page = walker.page
    page.goto(f"{record.address}/patients/harold-finch/")
    page.locator(".card").first.get_by_role("button", name="Set aside").click()
    expect(page.get_by_text("Told to Trabecula: overridden")).to_be_visible()
    page.goto(f"{record.address}/patients/ines-albrecht/")
    page.get_by_role("link", name="Order a DXA").click()
    expect(page.get_by_text("order-select")).to_be_visible()
    walker.look("mock-order")
    page.locator(".card").first.get_by_role("button", name="Take the bone density").click()
    expect(page.get_by_text("Told to Trabecula: accepted")).to_be_visible()
    assert [one["outcome"] for one in record.ehr.feedback] == ["overridden", "accepted"]


def test_trabecula_opens_a_record_by_itself(walker: Walker, record: Way, site: Site) -> None:
    page = walker.page
    page.goto("/smart/standalone/")
    walker.look("records")
    page.get_by_role("link", name="Mock hospital").click()
    maria = page.get_by_role("button", name="Maria")
    expect(maria).to_be_visible()
    walker.look("mock-choose")
    maria.click()
    expect(page.get_by_text("From Mock hospital: Body weight: 68.5 kg")).to_be_visible()


def test_another_person_under_one_number_is_for_a_person_to_decide(
    walker: Walker, record: Way, page: Page
) -> None:
    walker.sign_in()
    walker.page.goto("/patients/new/")
    for label, value in (("Name", "Tom Oye"), ("Record number", "MH-1002")):
        walker.page.get_by_label(label).fill(value)
    walker.page.get_by_label("Date of birth").fill("1961-07-02")
    walker.page.get_by_label("Female").check()
    walker.page.get_by_role("button", name="Register").click()
    walker.page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
    walker.page.goto("/smart/standalone/")
    walker.page.get_by_role("link", name="Mock hospital").click()
    walker.page.get_by_role("button", name="Thomas").click()
    expect(walker.page.get_by_role("heading", name="Is it the same person?")).to_be_visible()
    walker.look("same-person")
    walker.page.get_by_role("button", name="It is one person: go on").click()
    walker.page.wait_for_url("**/assessments/new/")


def test_a_launch_that_fails_is_one_sentence(walker: Walker) -> None:
    walker.page.goto("/smart/callback/?state=x&code=y")
    expect(walker.page.get_by_role("alert")).to_contain_text("belongs to no launch")
    walker.look("launch-problem")
    walker.noticed.clear()  # the browser notes that it was answered 400
