"""From a site's table to a model that a second person approved, in a real browser."""

import csv
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
    page.get_by_role("button", name="Take this step").click()


def test_a_cohort_becomes_a_model_that_a_second_person_approved(
    walker: Walker, table: Path
) -> None:
    page, (first, second) = walker.page, STATISTICIANS
    walker.sign_in(first)
    page.get_by_role("link", name="Laboratory").click()
    expect(page.get_by_text("None yet")).to_be_visible()
    walker.look("laboratory-empty")
    page.get_by_role("link", name="How to prepare the files").click()
    page.wait_for_url("**/laboratory/guide/*/")
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
    walker.sign_out()

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

    # It can be retired without a mouse, and then nothing more is asked of it.
    page.goto(address)
    page.get_by_role("radio", name="Stop serving").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Retire", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("A newer one is on its way")
    page.keyboard.press("Enter")
    expect(page.get_by_text("our-first is retired now.")).to_be_visible()
    expect(page.get_by_role("button", name="Take this step")).to_have_count(0)
    expect(page.get_by_role("button", name="Look now")).to_have_count(0)
    walker.look("model-retired")


def told_and_refused(walker: Walker) -> None:
    """The browser notes every refusal of the server as an error of its own."""
    assert all("Failed to load resource" in one for one in walker.noticed)
    walker.noticed.clear()


def add_cohort(page: Page, path: Path, schema: Path) -> None:
    page.goto("/laboratory/")
    page.set_input_files("#cohort-file", path)
    page.set_input_files("#schema-file", schema)
    page.get_by_role("button", name="Add cohort").click()
    page.wait_for_url("**/laboratory/cohorts/*/")


def send_outcomes(page: Page, text: str) -> None:
    page.goto("/laboratory/")
    sent = {"name": "heard.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("#outcomes-file", sent)
    page.get_by_role("button", name="Record outcomes").click()


def test_what_cannot_be_done_is_said_where_it_is_seen(walker: Walker, table: Path) -> None:
    page = walker.page
    walker.sign_in(STATISTICIANS[0])
    with table.open(newline="") as file:
        people = list(csv.DictReader(file))
    schema = table.with_suffix(".json")

    def written(name: str, rows: list[dict[str, str]]) -> Path:
        path = table.with_name(name)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, people[0])
            writer.writeheader()
            writer.writerows(rows)
        return path

    knowing = [one | {"grip": one["hip_time_years"]} for one in people]
    add_cohort(page, written("knows.csv", knowing), schema)
    expect(page.get_by_role("heading", name="This cohort cannot be used")).to_be_visible(
        timeout=CHECKED_WITHIN_MS
    )
    expect(page.get_by_text("Something here knows the future: the column grip")).to_be_visible()
    expect(page.get_by_role("button", name="Train")).to_have_count(0)
    walker.look("cohort-refused")

    # People who broke nothing teach nothing; the run says so, and nothing is registered.
    well = [one for one in people if one["any_event"] == "False"][:150]
    add_cohort(page, written("well.csv", well), schema)
    training = page.get_by_role("region", name="Train engines on it")
    training.get_by_label("Name of the model").fill("our-first/../x", timeout=CHECKED_WITHIN_MS)
    for box in training.get_by_role("checkbox").all():
        box.set_checked(box.get_attribute("value") == "cox")
    training.get_by_role("button", name="Train").click()
    # What is wrong has the focus, wherever the page was.
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    told_and_refused(walker)
    training.get_by_label("Name of the model").fill("our-second")
    training.get_by_role("button", name="Train").click()
    page.wait_for_url("**/laboratory/runs/*/")
    expect(page.get_by_role("heading", name="It did not work")).to_be_visible(
        timeout=TRAINED_WITHIN_MS
    )
    why = "The cohort holds no fracture after baseline: nothing to learn."
    expect(page.get_by_text(why, exact=True)).to_be_visible()
    walker.look("run-failed")
    page.get_by_role("link", name="Back to the laboratory").click()
    expect(page.get_by_role("link", name="Check of well.csv")).to_be_visible()
    expect(page.get_by_role("link", name="our-second", exact=True)).to_have_count(0)


def test_outcomes_are_answered_row_by_row(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    walker.new_patient("Outcome Olga")
    walker.sign_out()
    walker.sign_in(STATISTICIANS[1])
    send_outcomes(page, "record_number,what\nOutcome-Olga,hip\n")
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("lacks the columns date, outcome")
    told_and_refused(walker)
    rows = "Outcome-Olga,none,2026-01-31\nOutcome-Olga,hip,31.1.2026\nNobody,hip,2026-01-31\n"
    send_outcomes(page, f"record_number,outcome,date\n{rows}")
    of_patients = page.get_by_role("region", name="What became of your patients")
    said = of_patients.get_by_role("status")
    expect(said).to_contain_text("1 recorded, 0 known before, 2 left out")
    expect(said).to_contain_text("Row 2: a date is written as 2026-06-01.")
    expect(said).to_be_in_viewport()
    walker.look("outcomes")
    # Reloading an answer, or a bookmark of it, leads to the page that asks.
    page.goto("/laboratory/outcomes/")
    expect(page).to_have_url(re.compile("/laboratory/$"))


def test_the_laboratory_is_not_for_everybody(walker: Walker) -> None:
    page = walker.page
    walker.sign_in()
    expect(page.get_by_role("link", name="Laboratory")).to_have_count(0)
    page.goto("/laboratory/")
    expect(page.get_by_role("heading", name="That is not allowed")).to_be_visible()
    told_and_refused(walker)
