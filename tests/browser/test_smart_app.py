"""SMART's own JavaScript client, at an origin of its own, opens Trabecula and is opened from it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Walker
from tests.browser.sample_app import serving
from tests.browser.serving import PASSWORD, Site

pytestmark = pytest.mark.browser
USERNAME = "anna"
PEOPLE = f"""
from datetime import date
from riskapp.actions.api_clients import add_client
from riskapp.actions.assessing import assess
from riskapp.actions.registering import register_clinician, register_patient
by = register_clinician(username="{USERNAME}", password="{PASSWORD}", organisation="Clinic A")
for name, born in (("Anna Example", 1950), ("Berta Example", 1951)):
    one = register_patient(
        by=by, name=name, record_number=name[:1], date_of_birth=date(born, 1, 2), sex="female"
    )
    assess(by=by, patient=one, answers=dict(population="gb"))
made = add_client(
    name="sample-app", organisation="Clinic A", public=True, redirect_uris=["ORIGIN/"],
    scopes=["patient/*.rs", "launch", "launch/patient", "offline_access", "openid"],
    launch_url="ORIGIN/launch",
)
made.client.application.client_id = "sample-app"
made.client.application.save()
from django.conf import settings
settings.CONNECTIONS_FILE.write_text(
    '[[identity_provider]]\\nname = "hospital"\\nshown_as = "City Hospital"\\n'
    'organisation = "Clinic A"\\nissuer = "https://login.example"\\nclient_id = "x"\\n'
)
"""
LAUNCH = """FHIR.oauth2.authorize({clientId: "sample-app", redirectUri: "ORIGIN/",
scope: "SCOPE openid offline_access patient/*.rs", pkceMode: "required"ISS});"""
READY = """FHIR.oauth2.ready().then(async client => {
  const patient = await client.patient.read();
  await client.refresh();
  const all = await client.request("RiskAssessment", {flat: true});
  const other = await client.request("Patient?name=Anna", {flat: true});
  document.getElementById("told").textContent =
    `${patient.birthDate}, ${all.length} assessment, ${other.length} named Anna`;
}).catch(wrong => { document.getElementById("told").textContent = `Failed: ${wrong.message}`; });"""


@pytest.fixture(scope="module")
def app(site: Site) -> Iterator[str]:
    """Where the sample app is; the site knows it, and has a clinic of its own for it."""
    pages = {"/": READY}
    with serving(pages) as origin:
        asked = LAUNCH.replace("ORIGIN", origin)
        pages["/launch"] = asked.replace("SCOPE", "launch").replace("ISS", "")
        by_itself = f', iss: "{site.address}/fhir"'
        pages["/alone"] = asked.replace("SCOPE", "launch/patient").replace("ISS", by_itself)
        site.do(PEOPLE.replace("ORIGIN", origin))
        yield origin


def test_an_app_in_a_browser_reads_the_patient_that_was_chosen(walker: Walker, app: str) -> None:
    page = walker.page
    page.goto(f"{app}/alone")
    page.get_by_label("User name").fill(USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="May sample-app act for you?")).to_be_visible()
    walker.look("consent")
    page.get_by_label("Find a patient").fill("bert")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Anna Example")).to_have_count(0)
    page.get_by_label("Berta Example").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.locator("#told")).to_have_text("1951-01-02, 1 assessment, 0 named Anna")


def test_an_app_is_opened_from_a_patients_page(walker: Walker, app: str) -> None:
    page = walker.page
    walker.sign_in(USERNAME)
    walker.new_patient("Cora Example", "1952-01-02")
    page.get_by_role("link", name="sample-app").click()
    expect(
        page.get_by_text("It is about Cora Example, Cora-Example, born 2 January 1952")
    ).to_be_visible()
    walker.look("consent-opened")
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.locator("#told")).to_have_text("1952-01-02, 0 assessment, 0 named Anna")


def test_the_pages_of_a_sign_in_service_are_fit_for_every_eye(walker: Walker, app: str) -> None:
    page = walker.page
    page.goto("/sign-in/")
    expect(page.get_by_role("link", name="Sign in with City Hospital")).to_be_visible()
    walker.look("sign in with a service")
    page.goto("/sign-in/with/hospital/back/?state=guessed")
    expect(page.get_by_role("alert")).to_contain_text("start again")
    walker.look("not signed in")
    page.goto("/oauth/authorize?response_type=code&client_id=nobody")
    expect(page.get_by_role("main")).to_contain_text("is not known")
    walker.look("refused")
    walker.noticed.clear()  # the browser notes that both were refused
