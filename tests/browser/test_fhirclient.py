"""The made-up hospital is honest: SMART's own JavaScript client completes both launches with it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from riskapp.management.mock_ehr.permits import Launch
from tests.browser.sample_app import serving
from tests.smart.serving import Way, hospital

pytestmark = pytest.mark.browser
SCOPE = "openid fhirUser offline_access patient/Patient.r patient/Observation.rs"
LAUNCH = """FHIR.oauth2.authorize({{clientId: "sample-app", redirectUri: "/", scope: "{scope}",
pkceMode: "required"{iss}}});"""
READY = """FHIR.oauth2.ready().then(async client => {
  const patient = await client.patient.read();
  const found = await client.request(
    `Observation?patient=${client.patient.id}&category=vital-signs`,
    {pageLimit: 0, flat: true},
  );
  await client.refresh();
  const again = await client.patient.read();
  document.getElementById("told").textContent =
    `${again.name[0].family}, ${patient.birthDate}, ${found.length} vital signs, ` +
    `encounter ${client.encounter.id}, by ${client.user.fhirUser.split("/").pop()}`;
}).catch(wrong => { document.getElementById("told").textContent = `Failed: ${wrong.message}`; });"""


@pytest.fixture(scope="session")
def base_url() -> str:
    """Trabecula has no part in this, and need not be started."""
    return ""


@pytest.fixture(scope="module")
def record() -> Iterator[Way]:
    with hospital() as way:
        yield way


@pytest.fixture(scope="module")
def sample_app(record: Way) -> Iterator[str]:
    """A page of SMART's client library, at an address of its own."""
    pages = {
        "/launch": LAUNCH.format(scope=f"launch {SCOPE}", iss=""),
        "/alone": LAUNCH.format(scope=f"launch/patient {SCOPE}", iss=f', iss: "{record.base}"'),
        "/": READY,
    }

    with serving(pages) as address:
        yield address


def test_smarts_own_client_is_launched_from_the_record(
    page: Page, record: Way, sample_app: str
) -> None:
    launch = record.ehr.permits.give(Launch("ines-albrecht", "ines-albrecht-visit"), 60)
    page.goto(f"{sample_app}/launch?iss={record.base}&launch={launch}")
    expect(page.locator("#told")).to_have_text(
        "Albrecht, 1951-03-14, 34 vital signs, encounter ines-albrecht-visit, by rosa-lindt"
    )


def test_smarts_own_client_opens_the_record_by_itself(
    page: Page, record: Way, sample_app: str
) -> None:
    page.goto(f"{sample_app}/alone")
    page.get_by_role("button", name="Harold Finch").click()
    expect(page.locator("#told")).to_have_text(
        "Finch, 1941-01-30, 2 vital signs, encounter null, by rosa-lindt"
    )
