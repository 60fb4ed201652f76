"""The record in a real browser: live, from the keyboard, without script, in the dark."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Site, Walker, figure

pytestmark = pytest.mark.browser
LOADED_WITHIN_MS = 60_000  # the learned engines, when a server is first asked for them


def test_the_record_can_be_filled_in_from_the_keyboard(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    address = walker.new_patient("Journey Four")
    page.goto(f"{address}assessments/new/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")  # it may be remembered from an earlier record
    page.keyboard.press("U")  # the list of populations jumps to United Kingdom
    expect(page.get_by_label("Population", exact=True)).to_have_value("gb")
    expect(page.locator("#answer .outcome-figure")).to_have_count(2)
    before = figure(page, 0)
    first = page.locator("#prior_fragility_fracture input:checked")
    first.focus()
    page.keyboard.press("ArrowRight")  # from not known round to yes
    expect(page.locator("#prior_fragility_fracture").get_by_label("Yes")).to_be_checked()
    expect(page.locator("#answer .outcome-figure strong").first).not_to_have_text(before)
    definition = page.locator("#prior_fragility_fracture summary")
    definition.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("A fracture in adult life that came by itself")).to_be_visible()
    page.get_by_role("button", name="Save assessment").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}/(#|$)"))


def test_a_number_never_outlives_the_record_it_belongs_to(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    address = walker.new_patient("Journey Six")
    page.goto(f"{address}assessments/new/")
    page.get_by_label("Population", exact=True).select_option("gb")
    expect(page.locator("#answer .outcome-figure")).to_have_count(2)
    beside = page.locator("#prior_fragility_fracture [data-cost-here]")
    expect(beside).to_contain_text("knowing it would narrow the interval by")

    # Back from another page, the refilled form is asked about again.
    page.locator("#prior_fragility_fracture").get_by_label("Yes").check()
    expect(page.locator("#answer .for-major").first).to_contain_text(
        "Prior fragility fracture: yes"
    )
    shown = figure(page, 0)
    page.goto("/models/")
    page.go_back()
    expect(page.locator("#prior_fragility_fracture").get_by_label("Yes")).to_be_checked()
    expect(page.locator("#answer .outcome-figure strong").first).to_have_text(shown)

    # The server gone, the old number goes too.
    page.route("**/assessments/answer/", lambda route: route.abort())
    page.get_by_label("Femoral neck T-score", exact=True).fill("-1")
    expect(page.locator("#answer")).to_contain_text("The server did not answer")
    expect(page.locator("#answer .outcome-figure")).to_have_count(0)
    walker.noticed.clear()  # the broken connection, which was meant


def test_opened_engines_are_asked_again_when_the_record_changes(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    address = walker.new_patient("Journey Seven")
    page.goto(f"{address}assessments/new/")
    page.get_by_label("Population", exact=True).select_option("gb")
    page.locator("#engines > summary").click()
    compared = page.locator("#engines-answer tbody tr").first
    expect(compared).to_be_visible(timeout=LOADED_WITHIN_MS)
    expect(compared).to_contain_text(figure(page, 0).split()[0])
    before = figure(page, 0)
    page.locator("#prior_fragility_fracture").get_by_label("Yes").check()
    expect(page.locator("#answer .outcome-figure strong").first).not_to_have_text(before)
    expect(compared).to_contain_text(figure(page, 0).split()[0])
    expect(page.locator("#engines-answer")).not_to_contain_text("Asking")


def test_everything_needed_works_without_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    walker = Walker(context.new_page())
    page = walker.page
    walker.sign_in()
    address = walker.new_patient("Journey Five")
    page.goto(f"{address}assessments/new/")
    page.get_by_label("Population", exact=True).select_option("gb")
    page.get_by_role("button", name="Calculate").click()
    calculated = figure(page, 0)
    page.get_by_role("button", name="Save assessment").click()
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}/(#|$)"))
    assert figure(page, 0) == calculated
    page.locator("#engines > summary").click()
    expect(page.locator("#engines-answer noscript p")).to_be_visible()
    expect(page.get_by_text("Asking them")).to_be_hidden()
    context.close()


def test_nothing_is_lost_in_the_dark(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.address, color_scheme="dark")
    walker = Walker(context.new_page())
    walker.sign_in()
    address = walker.new_patient("Journey Eight")
    walker.page.goto("/")
    walker.look("worklist-dark")
    walker.page.goto(f"{address}assessments/new/")
    walker.page.get_by_label("Population", exact=True).select_option("gb")
    expect(walker.page.locator("#answer .outcome-figure")).to_have_count(2)
    walker.look("record-dark")
    context.close()
