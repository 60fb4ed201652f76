"""From sign-in to the printed page, in a real browser against the served product."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from imaging.phantoms import dxa_spine_dicom
from imaging.phantoms.dxa_report import pdf_of_text
from tests.browser.conftest import Walker, figure
from tests.imaging.reports.pages import HOLOGIC_HIP

pytestmark = pytest.mark.browser
REAL_SPINE = (
    Path(__file__).parents[2].parent / "shared" / "data" / "scans" / "dxa_ge_lunar" / "ap_spine.dcm"
)
MEASURED_WITHIN_MS = 60_000


@pytest.fixture(scope="session")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("phantom") / "spine.dcm"
    path.write_bytes(dxa_spine_dicom(7))
    return path


def wait_until_measured(page: Page) -> None:
    expect(page.get_by_role("button", name="Confirm regions and use")).to_be_visible(
        timeout=MEASURED_WITHIN_MS
    )


def wait_until_corrected(page: Page) -> None:
    """The button to confirm stood on the page before too; the new version did not."""
    expect(page.get_by_role("cell", name="corrected by hand")).to_be_visible(
        timeout=MEASURED_WITHIN_MS
    )
    wait_until_measured(page)


def test_a_scan_and_a_record_become_an_explained_probability(walker: Walker, phantom: Path) -> None:
    page = walker.page
    walker.sign_in()
    walker.look("worklist-before")
    walker.new_patient("Journey One")
    walker.look("patient-new")
    walker.upload(phantom)

    # The page asks by itself until the worker is done.
    wait_until_measured(page)
    for level in ("L1", "L2", "L3", "L4"):
        expect(page.locator(f'[data-picture] .region[data-region="{level}"]')).to_be_visible()
    expect(page.get_by_text("areal density cannot be read from them")).to_be_visible()
    walker.look("scan")

    # Correct a region by dragging one of its corners; the numbers follow.
    page.get_by_text("Correct the regions", exact=True).click()
    page.get_by_text("By numbers").first.click()
    corners = page.locator("#region-0-corners")
    before = corners.input_value()
    handle = page.locator("line.handle").first
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 6, y - 4, steps=4)
    page.mouse.up()
    expect(corners).not_to_have_value(before)
    # Nobody confirms the old regions meaning the new ones; and all can be undone.
    confirm = page.get_by_role("button", name="Confirm regions and use")
    expect(confirm).to_be_disabled()
    moved = corners.input_value()
    page.get_by_text("Undo my changes").click()
    expect(confirm).to_be_enabled()
    expect(corners).to_have_value(before)
    corners.fill(moved)
    expect(confirm).to_be_disabled()
    walker.look("scan-correcting")
    page.get_by_role("button", name="Measure with these regions").click()
    wait_until_corrected(page)
    expect(page.get_by_role("cell", name="placed automatically")).to_be_visible()

    page.get_by_role("button", name="Confirm regions and use").click()
    page.wait_for_url("**/assessments/new/")
    expect(page.get_by_text("The regions are confirmed")).to_be_visible()
    # Whoever assessed somebody before finds their population chosen already.
    page.get_by_label("Population", exact=True).select_option("")
    expect(page.get_by_text("Still needed for an answer")).to_be_visible()
    assert page.get_by_label("Lumbar texture score", exact=True).input_value() != ""
    walker.look("record-empty")

    # Live: the same document answers as it is filled in.
    page.evaluate("window.isTheSameDocument = true")
    page.get_by_label("Population", exact=True).select_option("gb")
    expect(page.locator("#answer .outcome-figure")).to_have_count(2)
    unsure = figure(page, 0)
    page.get_by_label("Weight", exact=True).fill("61.5")
    page.get_by_label("Height", exact=True).fill("160")
    page.locator("#prior_fragility_fracture").get_by_label("Yes").check()
    page.locator("#current_smoker").get_by_label("No", exact=True).check()
    page.locator("#glucocorticoids").get_by_label("No", exact=True).check()
    page.get_by_label("Femoral neck T-score", exact=True).fill("-2.2")
    expect(page.locator("#answer .for-major").first).to_contain_text("\u22122.2")
    assert figure(page, 0) != unsure
    assert page.evaluate("window.isTheSameDocument") is True
    expect(page.locator("#spoken-answer")).to_contain_text(figure(page, 0))

    # A slip is answered beside its field, and mended without reloading.
    page.get_by_label("Height", exact=True).fill("1.6")
    beside = page.locator("[data-field=height_cm] [data-problem]")
    expect(beside).to_contain_text("expected 100 to 230 cm")
    expect(page.get_by_label("Height", exact=True)).to_have_attribute("aria-invalid", "true")
    walker.look("record-with-error")
    page.get_by_label("Height", exact=True).fill("160")
    expect(beside).to_be_hidden()
    expect(page.locator("#answer .outcome-figure")).to_have_count(2)

    # Why: of major at first, of hip on demand; it stays chosen while typing.
    expect(page.locator(".for-hip")).to_be_hidden()
    page.locator("#answer .switch").get_by_label("Hip").check()
    expect(page.locator(".for-hip")).to_be_visible()
    page.get_by_label("Femoral neck T-score", exact=True).fill("-2.5")
    expect(page.locator("#answer .for-hip")).to_contain_text("\u22122.5")
    expect(page.locator(".for-hip")).to_be_visible()

    # Learned engines are folded away and asked only when opened.
    page.locator("#engines > summary").click()
    expect(page.locator("#engines-answer")).to_contain_text("LightGBM", timeout=30_000)
    walker.look("record")

    live = figure(page, 0), figure(page, 1)
    page.get_by_role("button", name="Save assessment").click()
    page.wait_for_url(re.compile(r"/assessments/[0-9a-f-]{36}/(#|$)"))
    assert (figure(page, 0), figure(page, 1)) == live
    walker.look("assessment")
    # The report is made for paper; the page itself brings the scan along.
    assert walker.print("assessment") <= 4

    page.get_by_role("main").get_by_role("link", name="Decide together").click()
    expect(page.get_by_role("heading", name="Your risk of a broken bone")).to_be_visible()
    assert "Journey" not in page.content()
    walker.look("decide")
    # The risk, the choice, and what goes with it and is to be asked.
    assert walker.print("decide") <= 3

    page.goto("/")
    row = page.get_by_role("row", name=re.compile("Journey One"))
    expect(row).to_contain_text("parental hip fracture")  # it might change the category
    walker.look("worklist")


def test_a_real_dxa_spine_too_old_to_be_used_by_itself_can_be_chosen(walker: Walker) -> None:
    if not REAL_SPINE.exists():
        pytest.skip("the real DXA spine is not beside this repository")
    walker.sign_in()
    walker.new_patient("Journey Two")
    walker.upload(REAL_SPINE)
    ours = walker.page.get_by_role("button", name="It is this patient’s scan: measure it")
    expect(ours).to_be_visible(timeout=MEASURED_WITHIN_MS)
    walker.look("scan-of-another")
    ours.click()
    page = walker.page
    confirm = page.get_by_role("button", name="Confirm regions")
    expect(confirm).to_be_visible(timeout=MEASURED_WITHIN_MS)
    # It is of 2012: too old to be used by itself, which is said before and after.
    expect(confirm).to_have_text("Confirm regions")
    expect(page.get_by_text("the scan is older than 5 years")).to_be_visible()
    walker.look("scan-real")
    confirm.click()
    page.wait_for_url("**/assessments/new/")
    texture = page.get_by_label("Lumbar texture score", exact=True)
    expect(texture).to_have_value("")
    choice = page.get_by_label("Lumbar texture score: which scan")
    expect(choice).to_be_visible()
    walker.look("record-choosing")
    choice.select_option(index=1)
    page.get_by_role("button", name="Use these measurements").click()
    expect(page.get_by_text("Chosen although the scan is older than 5 years")).to_be_visible()
    assert -1 <= float(texture.input_value()) <= 1


def test_two_visits_show_what_changed(walker: Walker, tmp_path: Path) -> None:
    later = HOLOGIC_HIP.replace("2021", "2023").replace("3.07      0.627", "2.84      0.580")
    walker.sign_in()
    # As the reports print it: one that names somebody else waits for a person.
    page, address = walker.page, walker.new_patient("Jane Zebra Doe")
    for name, text in (("first.pdf", HOLOGIC_HIP), ("second.pdf", later)):
        (tmp_path / name).write_bytes(pdf_of_text(text))
        page.goto(address)
        walker.upload(tmp_path / name)
        confirm = page.get_by_role("button", name="Confirm numbers")
        expect(confirm).to_be_visible(timeout=MEASURED_WITHIN_MS)
        if name == "first.pdf":
            walker.look("report")
            assert walker.print("report") <= 2
        confirm.click()
        page.wait_for_url("**/assessments/new/")
    page.goto(address)
    page.get_by_role("link", name="Change over time").click()
    neck = page.get_by_role("row", name="left femoral neck")
    expect(neck).to_contain_text("More than repeating the scan alone changes")
    expect(neck.get_by_role("img")).to_have_accessible_name(re.compile("95 % interval"))
    walker.look("changes")
    assert walker.print("changes") == 1


def test_a_file_that_is_no_scan_is_answered_kindly(walker: Walker, tmp_path: Path) -> None:
    note = tmp_path / "note.dcm"
    note.write_text("This is not a scan.")
    walker.sign_in()
    walker.new_patient("Journey Three")
    walker.upload(note)
    expect(walker.page.get_by_text("What can be measured")).to_be_visible(
        timeout=MEASURED_WITHIN_MS
    )
    walker.look("scan-refused")
