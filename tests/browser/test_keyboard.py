"""From the worklist to a saved assessment with the keyboard alone; and nothing moves meanwhile."""

import re

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.conftest import Walker

pytestmark = pytest.mark.browser
MOST_STOPS = 120
FOCUSED = """() => {
  const one = document.activeElement, box = one.getBoundingClientRect();
  // The label of a switch shows the focus of the control that it covers.
  const shown = [one, one.closest("label"), one.closest(".three-way, .switch")].filter(Boolean);
  const seen = style => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== "none";
  const label = one.labels?.[0]?.innerText;
  return {
    words: (label || one.getAttribute("aria-label") || one.innerText || "").trim(),
    name: one.name || "", body: one === document.body,
    visible: shown.some(each => seen(getComputedStyle(each))),
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}"""


def tab_to(page: Page, words: str) -> None:
    """Go on with Tab until something with these words has the focus, which is always seen."""
    before = None
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        # A date's own small parts are the browser's, and so is the way they show the focus.
        if stop["body"] or stop["words"] == before:
            continue
        before = stop["words"]
        assert stop["visible"], f"nobody sees that {stop['words'] or stop['name']!r} has the focus"
        assert stop["inside"], f"{stop['words'] or stop['name']!r} has the focus out of sight"
        if re.search(words, stop["words"]):
            return
    raise AssertionError(f"Tab never came to {words!r}")


def heights(page: Page) -> list[float]:
    """Where the answer's heading and the field under the hands stand."""
    return page.evaluate(
        """() => [document.activeElement, document.querySelector(".outcome-figure")]
          .map(one => one.getBoundingClientRect().top)"""
    )


def is_answer(reply: Response, sent: str) -> bool:
    """Whether the server answered a record that holds what was typed."""
    return reply.url.endswith("/assessments/answer/") and f"={sent}&" in (
        reply.request.post_data or ""
    )


def test_an_assessment_is_made_with_the_keyboard_alone(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "^New patient")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/new/")
    for words, typed in (("^Name", "Kay Board"), ("^Record number", "K-1"), ("^Date of birth", "")):
        tab_to(page, words)
        page.keyboard.type(typed or "06011954")
    page.keyboard.press("Tab")  # past the date's own button
    tab_to(page, "^(Female|Male)")
    page.keyboard.press("Space")
    tab_to(page, "^Register")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/patients/[0-9a-f-]{36}/$"))
    tab_to(page, "^New assessment")
    page.keyboard.press("Enter")
    page.wait_for_url("**/assessments/new/")
    tab_to(page, "^Population")
    page.keyboard.press("Home")  # it may be remembered from an earlier record
    page.keyboard.press("U")
    expect(page.locator("#answer .outcome-figure")).to_have_count(2)

    # What the hands are at and what the eyes are on stay where they are while the answer changes.
    for words, typed in (("^Weight", "61.5"), ("^Height", "160")):
        tab_to(page, words)
        before = heights(page)
        shown = page.locator("#answer .outcome-figure").first.inner_text()
        # Numbers half typed may be asked about too; what counts is the answer to the whole.
        with page.expect_response(lambda reply, sent=typed: is_answer(reply, sent)):
            page.keyboard.type(typed)
        expect(page.locator("#record.htmx-request")).to_have_count(0)
        expect(page.locator("#answer .outcome-figure")).to_have_count(2)
        if words == "^Height":
            expect(page.locator("#answer .outcome-figure").first).not_to_have_text(shown)
        assert heights(page) == pytest.approx(before, abs=1)
    tab_to(page, "^Save assessment")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}/(#|$)"))
    # Tab leads round the whole page and out of it again.
    for _ in range(MOST_STOPS * 2):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
    else:
        raise AssertionError("the focus is caught on the page")
