"""The region editor in a real browser: mouse, keyboard, undo, levels, landmarks, a phone."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from imaging.phantoms import dxa_spine_dicom
from tests.browser.conftest import Site, Walker
from tests.browser.test_journey import MEASURED_WITHIN_MS, wait_until_corrected, wait_until_measured

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def spine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("spine") / "spine.dcm"
    path.write_bytes(dxa_spine_dicom(11))
    return path


@pytest.fixture(scope="module")
def address(browser: Browser, site: Site, spine: Path) -> Iterator[str]:
    """A measured spine that every test corrects without saving."""
    context = browser.new_context(base_url=site.address)
    person = Walker(context.new_page())
    person.sign_in()
    person.new_patient("Editor One")
    person.upload(spine)
    wait_until_measured(person.page)
    yield person.page.url
    context.close()


@pytest.fixture
def editing(walker: Walker, address: str) -> Page:
    walker.sign_in()
    walker.page.goto(address)
    walker.page.get_by_text("Correct the regions", exact=True).click()
    return walker.page


def corners(page: Page, index: int) -> list[list[float]]:
    text = page.locator(f"#region-{index}-corners").input_value()
    return [[float(part) for part in line.split(",")] for line in text.splitlines()]


def region(page: Page, name: str) -> Locator:
    return page.locator(f'.is-editable .region[aria-label^="{name},"]')


def shown(page: Page) -> list[float]:
    box = page.locator("svg[data-picture]").get_attribute("viewBox")
    assert box is not None
    return [float(part) for part in box.split()]


def said(page: Page) -> Locator:
    return page.locator("[data-said]")


def dragged(page: Page, element: Locator, right: float, down: float) -> None:
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=3)
    page.mouse.up()


def test_arrows_move_a_region_and_its_corners_and_say_where(editing: Page, walker: Walker) -> None:
    before = corners(editing, 1)
    region(editing, "L2").focus()
    editing.keyboard.press("ArrowRight")
    editing.keyboard.press("Shift+ArrowDown")
    moved = corners(editing, 1)
    for one, other in zip(before, moved, strict=True):
        assert other == pytest.approx([one[0] + 1, one[1] + 10], abs=0.11)
    expect(said(editing)).to_contain_text("L2: column")
    editing.keyboard.press("Enter")
    focused = editing.locator(".handle-target:focus")
    expect(focused).to_have_attribute("aria-label", re.compile("L2, corner 1 of"))
    editing.keyboard.press("Tab")
    editing.keyboard.press("ArrowLeft")
    nudged = corners(editing, 1)
    assert nudged[0] == moved[0]
    assert nudged[1] == pytest.approx([moved[1][0] - 1, moved[1][1]], abs=0.11)
    walker.look("editor-keyboard")
    editing.keyboard.press("Control+z")
    assert corners(editing, 1) == moved
    editing.keyboard.press("Control+y")
    assert corners(editing, 1) == nudged
    expect(editing.get_by_role("button", name="Confirm regions and use")).to_be_disabled()
    editing.get_by_text("Undo my changes").click()
    assert corners(editing, 1) == before


def test_a_corner_is_added_and_removed(editing: Page) -> None:
    before = corners(editing, 0)
    region(editing, "L1").focus()
    editing.keyboard.press("Insert")
    assert len(corners(editing, 0)) == len(before) + 1
    added = editing.locator(".handle-target:focus").get_attribute("aria-label")
    # So many corners show only while their region is picked.
    first = editing.locator('.handle-target[aria-label^="L1, corner 1 "]')
    expect(first).not_to_have_class(re.compile("is-resting"))
    region(editing, "L2").focus()
    expect(first).to_have_class(re.compile("is-resting"))
    region(editing, "L1").focus()
    editing.locator(f'.handle-target[aria-label="{added}"]').focus()
    expect(first).not_to_have_class(re.compile("is-resting"))
    editing.keyboard.press("Delete")
    assert corners(editing, 0) == before
    editing.get_by_role("button", name="Undo", exact=True).click()
    assert len(corners(editing, 0)) == len(before) + 1
    editing.get_by_role("button", name="Undo", exact=True).click()
    for _ in range(len(before) - 3):
        region(editing, "L1").focus()
        editing.keyboard.press("Enter")
        editing.keyboard.press("Delete")
    assert len(corners(editing, 0)) == 3
    editing.keyboard.press("Enter")
    expect(editing.get_by_role("button", name="Remove corner")).to_be_disabled()
    editing.keyboard.press("Delete")
    expect(said(editing)).to_contain_text("needs at least 3 corners")


def test_the_line_between_two_levels_moves_both(editing: Page) -> None:
    upper, lower = corners(editing, 0), corners(editing, 1)
    line = editing.locator('.level-line[aria-label="Line between L1 and L2"]')
    dragged(editing, line, 0, 12)
    moved_upper, moved_lower = corners(editing, 0), corners(editing, 1)
    changed = [a != b for a, b in zip(upper, moved_upper, strict=True)]
    assert sum(changed) == 2  # its lower edge
    assert sum(a != b for a, b in zip(lower, moved_lower, strict=True)) == 2  # its upper edge
    assert max(row for _, row in moved_upper) > max(row for _, row in upper)
    line.focus()
    editing.keyboard.press("ArrowUp")
    assert max(row for _, row in corners(editing, 0)) == pytest.approx(
        max(row for _, row in moved_upper) - 1, abs=0.11
    )


def test_all_names_move_by_one_level(editing: Page) -> None:
    editing.get_by_role("button", name="Names one level up").click()
    names = [editing.locator(f"#region-{index}-id").input_value() for index in range(4)]
    assert names == ["T12", "L1", "L2", "L3"]
    # The lines between levels are named with them.
    lines = [one.input_value() for one in editing.locator("[data-all-regions] [data-id]").all()[4:]]
    assert [name for name in lines if "/" in name][:2] == ["T11/T12", "T12/L1"]
    expect(said(editing)).to_contain_text("Levels are now T12, L1, L2, L3")
    expect(editing.locator("[data-picture] text").first).to_have_text("T12")
    for _ in range(2):
        editing.get_by_role("button", name="Names one level down").click()
    editing.get_by_role("button", name="Names one level down").click()
    expect(said(editing)).to_contain_text("No level is left")


def test_zoom_and_contrast_change_what_is_seen_and_nothing_else(
    editing: Page, walker: Walker
) -> None:
    before = corners(editing, 0)
    whole = shown(editing)
    editing.get_by_role("button", name="Zoom in").click()
    editing.get_by_text("Window and level", exact=True).click()
    editing.get_by_label("Dark and bright exchanged").check()
    editing.get_by_label("Window", exact=True).fill("50")
    assert shown(editing)[2] < whole[2]
    line = editing.locator("svg[data-picture] feFuncR")
    # A window of half the range, exchanged: twice as steep, downwards.
    assert float(line.get_attribute("slope") or 0) == pytest.approx(-2)
    assert float(line.get_attribute("intercept") or 0) == pytest.approx(1.5)
    walker.look("editor-zoomed")
    # Dragging a corner still lands where the pointer is.
    middle = corners(editing, 1)
    dragged(editing, editing.locator('.handle-target[aria-label^="L2, corner 1 "]'), 7, 0)
    assert corners(editing, 1)[0][0] > middle[0][0]
    assert corners(editing, 0) == before
    editing.get_by_role("button", name="Whole picture").click()
    assert shown(editing) == whole
    editing.get_by_label("Without regions").check()
    expect(editing.locator("[data-picture] .region").first).to_be_hidden()


def test_a_corrected_scan_stands_beside_its_automatic_version(walker: Walker, spine: Path) -> None:
    walker.sign_in()
    walker.new_patient("Editor Two")
    walker.upload(spine)
    page = walker.page
    wait_until_measured(page)
    page.get_by_text("Correct the regions", exact=True).click()
    region(page, "L3").focus()
    page.keyboard.press("Shift+ArrowLeft")
    page.get_by_role("button", name="Measure with these regions").click()
    wait_until_corrected(page)
    page.get_by_text("Compare with the automatic version").click()
    table = page.locator("#compared table")
    expect(table).to_contain_text("Lumbar texture score")
    expect(page.locator("#compared figure")).to_have_count(2)
    walker.look("editor-compared")


def test_a_refused_picture_takes_landmarks(walker: Walker, tmp_path: Path) -> None:
    picture = tmp_path / "plain.png"
    Image.radial_gradient("L").resize((300, 400)).save(picture)
    walker.sign_in()
    walker.new_patient("Editor Three")
    walker.upload(picture)
    page = walker.page
    expect(page.get_by_role("heading", name="Place regions yourself")).to_be_visible(
        timeout=MEASURED_WITHIN_MS
    )
    page.get_by_role("button", name="New landmarks").click()
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Insert")
    page.locator("#region-0-id").fill("some_points")
    assert corners(page, 0) == [[140, 200], [150, 210]]
    page.get_by_role("button", name="New line").click()
    page.locator("#region-1-id").fill("some_line")
    walker.look("editor-landmarks")
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator("#region-1-id")).to_have_count(0)
    page.get_by_role("button", name="Measure with these regions").click()
    expect(page.get_by_role("heading", name="Bone is not measured")).to_be_visible(
        timeout=MEASURED_WITHIN_MS
    )


def test_a_finger_on_a_phone_moves_a_corner(browser: Browser, site: Site, address: str) -> None:
    context = browser.new_context(
        base_url=site.address,
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
    )
    person = Walker(context.new_page())
    person.sign_in()
    page = person.page
    page.goto(address)
    page.get_by_text("Correct the regions", exact=True).tap()
    before = [corners(page, index) for index in range(4)]
    dragged(page, page.locator("line.handle").first, -9, 0)
    # Corners lie close for a finger: the one on top moves, and it alone.
    after = [corners(page, index) for index in range(4)]
    moved = [
        (old, new)
        for one, other in zip(before, after, strict=True)
        for old, new in zip(one, other, strict=True)
        if old != new
    ]
    assert len(moved) == 1
    assert moved[0][1][0] < moved[0][0][0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert person.noticed == []
    context.close()


def test_the_keyboard_leads_from_the_button_through_the_regions_to_the_tools(
    walker: Walker, address: str
) -> None:
    walker.sign_in()
    page = walker.page
    page.goto(address)
    button = page.get_by_role("button", name="Correct", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#correct")).to_have_attribute("open", "")
    expect(region(page, "L1")).to_be_focused()
    # Going on from the button, the picture comes first and then its regions.
    button.focus()
    page.keyboard.press("Tab")
    expect(page.locator("svg[data-picture]").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[data-picture] :focus")).to_have_count(1)
