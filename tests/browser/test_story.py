"""What happened to a person, written down and found again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Walker

pytestmark = pytest.mark.browser


def test_a_fracture_stands_on_the_timeline_and_in_the_next_assessment(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    address = walker.new_patient("Journey Story")
    page.get_by_role("link", name="Add fracture").first.click()
    page.get_by_label("Which bone").select_option("Forearm")
    page.get_by_label("Year").fill("2999")
    page.locator("#is_fragility").get_by_label("Yes").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("The date lies in the future.")
    expect(page.get_by_label("Which bone")).to_have_value("forearm")
    walker.noticed.clear()  # the refusal, which was meant

    page.get_by_label("Month").fill("9")
    page.get_by_label("Year").fill("2024")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(address)
    told = page.locator(".timeline li")
    expect(told).to_contain_text("Forearm fracture")
    expect(told).to_contain_text("Sep 2024")

    page.get_by_role("link", name="New assessment").first.click()
    prior = page.locator("#prior_fragility_fracture")
    expect(prior.get_by_label("Yes")).to_be_checked()
    expect(prior).to_contain_text("From the fracture of September 2024")
    page.get_by_label("Population", exact=True).select_option("gb")
    explained = page.locator("#answer .for-major").first
    expect(explained).to_contain_text("Prior fragility fracture: yes")
    page.get_by_role("button", name="Save assessment").click()
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}/(#|$)"))
    shown = page.locator("#answer .outcome-figure strong").first.inner_text()

    page.get_by_role("link", name="Record what was decided").click()
    page.get_by_label("What was decided").select_option("Start treatment")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(address)
    expect(page.locator(".page-heading")).to_contain_text("start treatment")
    expect(page.locator("#risk-heading + p")).to_contain_text(shown)
    walker.look("patient-story")
    page.get_by_role("link", name="Fractures", exact=True).click()
    expect(told).to_have_count(1)
