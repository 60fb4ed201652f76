"""From an assessment to the two printed pages on which patient and clinician decide."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Walker
from tests.web.lay_people import PEOPLE, page_of

pytestmark = pytest.mark.browser


def test_an_assessment_becomes_two_pages_to_decide_on(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    page.goto(f"{walker.new_patient('Journey Choice')}assessments/new/")
    page.get_by_label("Population", exact=True).select_option("gb")
    page.get_by_label("Femoral neck T-score", exact=True).fill("-2.5")
    page.get_by_role("button", name="Save assessment").click()
    page.get_by_role("main").get_by_role("link", name="Decide together").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Your bones: what may happen, and what you can do"
    )

    # The exact words stand beside each block once they are asked for, and are never printed.
    exact = page.get_by_text("Major osteoporotic fracture").first
    expect(exact).to_be_hidden()
    page.get_by_label("For the clinician").check()
    expect(exact).to_be_visible()
    walker.look("decide-for-clinicians")
    page.get_by_label("For the clinician").uncheck()

    # Choices are left out and taken back without script; no medicine always stays.
    drip = page.get_by_role("row", name=re.compile("A drip once a year"))
    expect(drip).to_be_visible()
    page.get_by_label("A drip once a year").uncheck()
    expect(drip).to_be_hidden()
    expect(page.get_by_role("img", name=re.compile("Zoledronate"))).to_be_hidden()
    expect(page.get_by_role("img", name=re.compile("No bone medicine")).first).to_be_visible()
    page.get_by_label("A drip once a year").check()
    expect(drip).to_be_visible()
    # Troubles that only the first row told are told in the others once it is left out.
    expect(drip).not_to_contain_text("thigh bone", use_inner_text=True)
    first = page.get_by_role("checkbox", name=re.compile("Alendronate"))
    first.uncheck()
    expect(drip).to_contain_text("thigh bone", use_inner_text=True)
    expect(drip).not_to_contain_text("told above", use_inner_text=True)
    first.check()

    page.get_by_label("Not breaking a hip").check()
    assert walker.print("decide-choosing") == 2
    for name in PEOPLE:
        page.locator("main").evaluate("(main, words) => { main.innerHTML = words }", page_of(name))
        assert walker.print("decide-of-somebody") == 2, name
