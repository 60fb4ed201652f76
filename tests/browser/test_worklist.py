"""By keyboard alone: find a person, filter the list, open who waits."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Walker

pytestmark = pytest.mark.browser


def test_the_worklist_is_worked_by_keyboard_alone(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    walker.new_patient("Wanda Waiting")
    walker.new_patient("Walter Waiting")
    page.goto("/")

    page.keyboard.press("/")
    expect(page.get_by_label("Find a patient")).to_be_focused()
    page.keyboard.type("waiting")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=waiting*")
    expect(page.get_by_text("2 found for “waiting”")).to_be_visible()
    walker.look("worklist-found")

    page.get_by_role("link", name=re.compile("^To assess")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?waits=assess*")
    expect(page.locator("[data-row]")).to_have_text(["Wanda Waiting", "Walter Waiting"])

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Walter Waiting", exact=True)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name="Wanda Waiting", exact=True)).to_be_focused()

    # Single keys can be switched off; arrows within the list stay.
    page.keyboard.press("?")
    expect(page.get_by_text("to the search")).to_be_visible()
    page.get_by_label("Use single keys").focus()
    page.keyboard.press("Space")
    page.get_by_role("link", name="Wanda Waiting", exact=True).focus()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Wanda Waiting", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Walter Waiting", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/*/")
    expect(page.get_by_text("Walter Waiting").first).to_be_visible()

    page.goto("/recall/")
    walker.look("recall")
