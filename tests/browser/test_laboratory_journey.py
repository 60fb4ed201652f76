"""From a site's table to a model that a second person approved, in a real browser."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, STATISTICIANS, Walker

pytestmark = pytest.mark.browser
CHECKED_WITHIN_MS, TRAINED_WITHIN_MS = 60_000, 120_000


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated cohort with one column that is the site's own, and its JSON beside it."""
    path = tmp_path_factory.mktemp("cohort") / "our-people.csv"
    asked = ["--people", "600", "--seed", "3", "--age-from", "65", "--site-column", "grip:0.7"]
    subprocess.run([sys.executable, "manage.py", "simulate", path, *asked], cwd=ROOT, check=True)
    return path


def take_step(page: Page, step: str, why: str) -> None:
    page.get_by_role("radio", name=step, exact=True).check()
    page.get_by_label("Why", exact=True).fill(why)
    page.get_by_role("button", name="Do it").click()


def test_a_cohort_becomes_a_model_that_a_second_person_approved(
    walker: Walker, table: Path
) -> None:
    page, (first, second) = walker.page, STATISTICIANS
    walker.sign_in(first)
    page.get_by_role("link", name="Laboratory").click()
    expect(page.get_by_text("None yet")).to_be_visible()
    walker.look("laboratory-empty")
    page.get_by_role("link", name="How to prepare the files").click()
    walker.look("laboratory-guide")
    page.go_back()

    # The check tells what was read before anything can be learned from it.
    page.set_input_files("#cohort-file", table)
    page.set_input_files("#schema-file", table.with_suffix(".json"))
    page.get_by_role("button", name="Add cohort").click()
    page.wait_for_url("**/laboratory/cohorts/*/")
    expect(page.get_by_role("heading", name="What the check found")).to_be_visible(
        timeout=CHECKED_WITHIN_MS
    )
    expect(page.get_by_role("main")).to_contain_text("trained on simulated people")
    expect(page.get_by_role("row", name=re.compile("Hip fracture"))).to_be_visible()
    page.get_by_text("What is known of the people").click()
    expect(page.get_by_role("row", name=re.compile("^Grip"))).to_contain_text("your own")
    walker.look("cohort")

    training = page.get_by_role("region", name="Train engines on it")
    for box in training.get_by_role("checkbox").all():
        box.set_checked(box.get_attribute("value") == "cox")
    training.get_by_label("Name of the model").fill("our-first")
    training.get_by_role("button", name="Train").click()
    page.wait_for_url("**/laboratory/runs/*/")
    # The page follows the run by itself, and the run goes on without the page.
    expect(page.get_by_role("heading", name="What it made")).to_be_visible(
        timeout=TRAINED_WITHIN_MS
    )
    walker.look("run")
    page.get_by_role("link", name="our-first").click()
    page.wait_for_url("**/laboratory/models/*/")
    address = page.url

    # Who trained it cannot be the one who approves it.
    expect(page.get_by_role("radio", name="Approve", exact=True)).to_be_disabled()
    expect(page.get_by_text("simulated", exact=True).first).to_be_visible()
    page.get_by_text("Card", exact=True).click()
    walker.look("model")
    page.get_by_role("button", name="Sign out").click()

    walker.sign_in(second)
    page.goto(address)
    take_step(page, "Approve", "Read the card; ours to try")
    expect(page.get_by_text("our-first is approved now.")).to_be_visible()
    take_step(page, "Serve", "For clinicians of this clinic")
    expect(page.get_by_text("our-first is serving now.")).to_be_visible()
    expect(page.get_by_role("list").get_by_text(f"{second}: Read the card")).to_be_visible()
    walker.look("model-serving")
    page.goto("/models/")
    expect(page.locator("#our-first")).to_contain_text("serving")
