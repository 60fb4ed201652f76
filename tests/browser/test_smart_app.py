"""SMART's own JavaScript client, at an origin of its own, opens Trabecula by itself."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Walker
from tests.browser.serving import PASSWORD, USERNAME, Site, working_site

pytestmark = pytest.mark.browser
CLIENT = Path(__file__).parent / "vendor" / "fhirclient-2.6.3.pure.min.js"
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
    scopes=["patient/*.rs", "launch/patient", "offline_access", "openid"],
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
scope: "launch/patient openid offline_access patient/*.rs", pkceMode: "required",
iss: "BASE/fhir"});"""
READY = """FHIR.oauth2.ready().then(async client => {
  const patient = await client.patient.read();
  await client.refresh();
  const all = await client.request("RiskAssessment", {flat: true});
  const other = await client.request("Patient?name=Anna", {flat: true});
  document.getElementById("told").textContent =
    `${patient.birthDate}, ${all.length} assessment, ${other.length} of somebody else`;
}).catch(wrong => { document.getElementById("told").textContent = `Failed: ${wrong.message}`; });"""


class App:
    """A page of the client library; it may be told where to go once it is known."""

    def __init__(self) -> None:
        self.base = ""
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                kind = "text/javascript" if path == "/client.js" else "text/html"
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.end_headers()
                self.wfile.write(CLIENT.read_bytes() if path == "/client.js" else app.page(path))

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, path: str) -> bytes:
        script = LAUNCH if path == "/launch" else READY
        script = script.replace("ORIGIN", self.origin).replace("BASE", self.base)
        return (
            '<!DOCTYPE html><html lang="en"><head><title>App</title><link rel="icon" href="data:,">'
            f'<script src="/client.js"></script></head><body><p id="told"></p><script>{script}'
            "</script></body></html>"
        ).encode()


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    made = App()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="session")
def site(app: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    people = PEOPLE.replace("ORIGIN", app.origin)
    with working_site(tmp_path_factory.mktemp("smart-app"), people) as site:
        app.base = site.address
        yield site


def test_an_app_in_a_browser_reads_the_patient_that_was_chosen(
    page: Page, app: App, site: Site
) -> None:
    walker = Walker(page)
    page.goto(f"{app.origin}/launch")
    page.get_by_label("User name").fill(USERNAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="May sample-app act for you?")).to_be_visible()
    walker.look("consent")
    page.get_by_label("Find a patient").fill("bert")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Berta Example").check()
    page.get_by_role("button", name="Allow", exact=True).click()
    expect(page.locator("#told")).to_have_text("1951-01-02, 1 assessment, 0 of somebody else")
    assert not walker.noticed


def test_the_pages_of_a_sign_in_service_are_fit_for_every_eye(page: Page, site: Site) -> None:
    walker = Walker(page)
    page.goto(f"{site.address}/sign-in/")
    expect(page.get_by_role("link", name="Sign in with City Hospital")).to_be_visible()
    walker.look("sign in with a service")
    page.goto(f"{site.address}/sign-in/with/hospital/back/?state=guessed")
    expect(page.get_by_role("alert")).to_contain_text("start again")
    walker.look("not signed in")
    page.goto(f"{site.address}/oauth/authorize?response_type=code&client_id=nobody")
    expect(page.get_by_role("main")).to_contain_text("is not known")
    walker.look("refused")
