"""A clinician shares the patient's page; the patient opens it on a phone; the link is revoked."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Walker

pytestmark = pytest.mark.browser


def test_a_page_is_shared_opened_on_a_phone_and_taken_back(
    walker: Walker, browser: Browser, base_url: str
) -> None:
    page = walker.page
    walker.sign_in()
    walker.new_patient("Sheila Shared")
    page.get_by_role("link", name="Assessment").first.click()
    page.get_by_label("Population").select_option("gb")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Decide together").last.click()
    page.get_by_role("link", name="Share by a link").click()
    page.get_by_label("Days that it works").fill("7")
    page.get_by_role("button", name="Make a link").click()
    field = page.get_by_label("Link to the patient’s page")
    link = field.input_value()
    assert link.startswith(f"{base_url}/shared/")
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert token not in page.url
    walker.look("share-links")

    phone = browser.new_context(viewport={"width": 360, "height": 780})
    patient = Walker(phone.new_page())
    patient.page.goto(link)
    expect(patient.page.get_by_role("heading", level=1)).to_contain_text("Your bones")
    assert "Sheila" not in patient.page.content()
    assert phone.cookies() == []
    patient.look("shared")
    assert patient.print("shared") == 2
    assert patient.noticed == []

    page.reload()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status").filter(has_text="revoked")).to_be_visible()
    expect(page.get_by_role("cell", name="1 time")).to_be_visible()
    patient.page.reload()
    expect(patient.page.get_by_role("heading", level=1)).to_have_text("This link does not work")
    phone.close()
