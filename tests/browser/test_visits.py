"""Two visits of one person in a real browser: sent, corrected by keyboard, and compared."""

from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from playwright.sync_api import Locator, expect

from imaging.phantoms import dxa_spine_dicom
from tests.browser.conftest import Walker
from tests.browser.test_journey import wait_until_measured

pytestmark = pytest.mark.browser


def dated(folder: Path, seed: int, day: str) -> Path:
    dataset = pydicom.dcmread(BytesIO(dxa_spine_dicom(seed)))
    dataset.StudyDate = day
    path = folder / day
    dataset.save_as(path)
    return path


def view_of(picture: Locator) -> list[float]:
    return [float(part) for part in (picture.get_attribute("viewBox") or "").split()]


def test_two_visits_are_sent_corrected_by_keyboard_and_compared(
    walker: Walker, tmp_path: Path
) -> None:
    page = walker.page
    walker.sign_in()
    patient = walker.new_patient("Two Visits")
    page.set_input_files("#files", dated(tmp_path, 11, "20240312"))
    expect(page.get_by_text("Chosen: 20240312,")).to_be_visible()
    page.get_by_role("button", name="Upload scan").click()
    page.wait_for_url("**/scans/*/")
    wait_until_measured(page)
    page.get_by_role("button", name="Confirm regions").click()
    page.wait_for_url("**/assessments/new/")
    page.goto(patient)
    walker.upload(dated(tmp_path, 12, "20260402"))
    wait_until_measured(page)
    expect(page.get_by_role("link", name="Compare with 2024")).to_be_visible()

    page.get_by_role("button", name="Correct", exact=True).click()
    page.get_by_text("Beside 12 March 2024").click()
    expect(page.locator(".beside .scan-picture")).to_be_visible()
    page.locator('.is-editable .region[aria-label^="L2,"]').focus()
    corners = page.locator("#region-1-corners")
    states = [corners.input_value()]
    for key in ("Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
        page.wait_for_timeout(900)  # so that each is a step of its own
        states.append(corners.input_value())
    for key, at in (("z", 1), ("z", 0), ("y", 1), ("y", 2), ("z", 1), ("z", 0)):
        page.keyboard.press(f"Control+{key}")
        assert corners.input_value() == states[at]
    walker.look("editor-beside")
    page.get_by_role("button", name="Confirm regions").click()
    page.wait_for_url("**/assessments/new/")

    page.goto(f"{patient}compare/")
    expect(page.get_by_text("both on the same scale in mm")).to_be_visible()
    earlier, later = (page.locator(".visit-pair .scan-picture").nth(at) for at in (0, 1))
    whole = view_of(earlier)
    page.get_by_role("button", name="Zoom in").click()
    assert view_of(earlier)[2] == pytest.approx(whole[2] / 1.4, rel=1e-3)
    assert view_of(later) == pytest.approx(view_of(earlier), rel=1e-3)
    walker.look("two-visits")
    page.get_by_label("One scan").select_option(index=1)
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
