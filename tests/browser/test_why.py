"""Why, in a real browser: an opened line, what-if from the keyboard, and engines on one axis."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Walker, figure

pytestmark = pytest.mark.browser


def test_reasons_are_opened_and_moved_from_the_keyboard(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    address = walker.new_patient("Journey Why")
    page.goto(f"{address}assessments/new/")
    page.get_by_label("Population", exact=True).select_option("gb")
    page.locator("#prior_fragility_fracture").get_by_label("Yes").check()
    page.get_by_label("Femoral neck T-score", exact=True).fill("-2.2")
    expect(page.locator("#answer .for-major")).to_contain_text("\u22122.2")

    # A line says who would have another number; it stays open, and is asked anew, while typing.
    line = page.locator("#why-maj-prior_fragility_fracture")
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(line.locator(".others-like")).to_contain_text("without a prior fragility fracture")
    expect(line).to_contain_text("not the effect of changing")
    before = line.locator("strong").first.inner_text()
    page.get_by_label("Femoral neck T-score", exact=True).fill("-3")
    expect(line.locator("strong").first).not_to_have_text(before)

    page.get_by_role("button", name="Save assessment").click()
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}/(#|$)"))
    recorded = figure(page, 0)
    page.locator("#what-if-fold > summary").focus()
    page.keyboard.press("Enter")
    slider = page.get_by_role("slider", name="Femoral neck T-score")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#if-femoral_neck_t_score")).to_have_value("-2")
    rows = page.locator("#what-if-answer .drawn-rows").first.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(recorded)
    expect(page.locator("#what-if-spoken")).to_contain_text("femoral neck T-score \u22122")
    expect(page.get_by_text("Losing weight or stopping a medicine")).to_be_visible()
    moved = rows.nth(1).inner_text().split()

    # The address says the same again, by itself, and starting over forgets it.
    page.get_by_role("link", name="An address for just this comparison").click()
    page.wait_for_url(re.compile(r"what-if/\?if-femoral_neck_t_score=-2$"))
    assert page.locator(".drawn-rows tbody tr").nth(1).inner_text().split() == moved
    page.get_by_role("link", name="Start over").click()
    expect(page.get_by_text("Nothing is moved yet")).to_be_visible()
    expect(page.locator("#if-femoral_neck_t_score")).to_have_value("-3")


# Words of charts that lie on others, in a box without the room above and below their letters.
ON_OTHERS = """() => [...document.querySelectorAll('svg.chart')].flatMap(chart => {
  const words = [...chart.querySelectorAll('text')].map(one => [
    one.textContent, one.getBoundingClientRect(),
  ]).filter(([, box]) => box.width)
  return words.flatMap(([text, box], at) => words.slice(at + 1).filter(([, other]) =>
    box.left < other.right && other.left < box.right &&
    box.top + 3 < other.bottom && other.top + 3 < box.bottom
  ).map(([other]) => `${text} on ${other}`))
})"""


def test_words_of_charts_never_lie_on_each_other(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    address = walker.new_patient("Journey Lines", born="1943-05-01")
    page.goto(f"{address}assessments/new/")
    page.get_by_label("Population", exact=True).select_option("gb")
    page.locator("#prior_fragility_fracture").get_by_label("No", exact=True).check()
    page.get_by_label("Femoral neck T-score", exact=True).fill("0")
    expect(page.locator("#answer .for-major")).to_contain_text("T-score: 0")
    page.get_by_role("button", name="Save assessment").click()
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}/(#|$)"))
    of_major = page.locator(".same-age .of-major .threshold-name")
    expect(of_major).to_have_text([re.compile("treat"), re.compile("very high")])
    for width in (360, 720, 1000, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for outcome in ("major", "hip"):
            page.locator(f".why input[value={outcome}]").check(force=True)
            assert page.evaluate(ON_OTHERS) == [], f"{outcome} on a screen of {width} px"
    page.emulate_media(media="print")
    assert page.evaluate(ON_OTHERS) == [], "in print"
