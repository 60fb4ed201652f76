"""The record as it is really filled in: not known, unlikely, wrong, and in other units."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Walker, figure

pytestmark = pytest.mark.browser
STONES = "[stone_av]+[lb_av]"
# Sum of layout shifts, those within half a second of typing included: nothing may jump.
WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""
MOST_SHIFT = 0.1  # "good" by Web Vitals, web.dev/articles/cls


def test_a_record_is_filled_in_with_unknown_unlikely_and_wrong_answers(walker: Walker) -> None:
    page = walker.page
    page.add_init_script(WATCH)
    walker.sign_in()
    address = walker.new_patient("Journey Units")
    page.goto(f"{address}assessments/new/")
    page.get_by_label("Population", exact=True).select_option("gb")
    answered = page.locator("#answer .outcome-figure")
    expect(answered).to_have_count(2)

    # Not known looks like an answer, and says what it costs.
    neck = page.locator("[data-field=femoral_neck_t_score]")
    edge = "el => getComputedStyle(el).borderTopStyle"
    assert neck.locator("input").evaluate(edge) == "dashed"
    expect(neck).to_contain_text("knowing it would narrow the interval by about")
    page.get_by_label("Femoral neck T-score", exact=True).fill("-2.2")
    expect(neck).not_to_contain_text("Averaged over")
    assert neck.locator("input").evaluate(edge) == "solid"

    # Unlikely is told and does not stop the answer.
    page.get_by_label("Weight", exact=True).fill("40")
    page.get_by_label("Height", exact=True).fill("185")
    weight = page.locator("[data-field=weight_kg]")
    expect(weight).to_contain_text("Body mass index 11.7, lower than 499 in 500")
    expect(answered).to_have_count(2)

    # The unit is turned where it stands; the answer and the place in the form stay.
    before = figure(page, 0)
    unit = page.get_by_label("Unit of Weight")
    unit.focus()
    unit.select_option(STONES)
    expect(page.get_by_label("Weight, stones")).to_have_value("6")
    expect(page.get_by_label("Weight, pounds")).to_have_value("4.2")
    expect(unit).to_be_focused()
    assert figure(page, 0) == before

    # Wrong is told in the unit in use, and the number goes.
    page.get_by_label("Weight, stones").fill("99")
    told = "Weight is 99 st 4.2 lb; expected 3 st 13.2 lb to 39 st 5.1 lb."
    expect(weight.locator(".error-text")).to_have_text(told)
    expect(page.locator("#answer")).to_contain_text(told)
    expect(answered).to_have_count(0)
    expect(page.get_by_label("Weight, stones")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Save assessment").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary").get_by_role("link").click()
    expect(page.get_by_label("Weight, stones")).to_be_focused()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("9")
    expect(answered).to_have_count(2)
    expect(page.locator("#error-summary")).to_have_count(0)
    assert page.evaluate("window.shifted") < MOST_SHIFT
    walker.look("record-units")
    unit.select_option("kg")  # as it is remembered for those who come after
    expect(page.get_by_label("Weight", exact=True)).to_be_visible()
    walker.noticed.clear()  # the refused form, which was meant
