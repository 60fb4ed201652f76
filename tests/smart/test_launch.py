"""A record opens Trabecula: the whole way, and each thing that may go wrong on it."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from wsgiref.types import WSGIEnvironment

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from riskapp.actions import launching
from riskapp.models import EhrAccount, EhrLaunch, ImportedRecord, Patient
from tests.smart.conftest import CLINIC, Clinician, sentence
from tests.smart.serving import Way
from tests.trail import done

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


def test_a_record_opens_the_form_filled_in_with_what_it_holds(
    clinician: Clinician, way: Way
) -> None:
    asked = clinician.asks()
    sent = parse_qs(urlsplit(asked["Location"]).query)
    assert sent["code_challenge_method"] == ["S256"]
    assert sent["aud"] == [way.base]
    assert {"launch", "openid", "fhirUser", "patient/Observation.crs"} <= set(
        sent["scope"][0].split()
    )
    back = clinician.comes_back(clinician.answered(asked))
    form = clinician.pages.get(back["Location"])
    patient = Patient.objects.get()
    assert form["Location"] == f"/patients/{patient.id}/assessments/new/"
    assert (patient.record_number, patient.name, patient.sex, patient.organisation.name) == (
        "MH-1001",
        "Ines Albrecht",
        "female",
        CLINIC,
    )
    page = clinician.pages.get(form["Location"]).content.decode()
    assert "From Mock hospital: DXA femur T-score: -2.6 T-score, 1 March 2026." in page
    assert "Body weight: 132 lb" in page
    assert 'value="59.87"' in page  # 132 lb
    assert "answers no question that is asked here" in page
    (account,) = EhrAccount.objects.all()
    assert (account.issuer, account.subject) == (way.base, "rosa-lindt")
    assert not account.user.has_usable_password()
    (imported,) = set(done(action="record.import"))
    assert imported[1] == "rosa-lindt@Mock hospital>via Mock hospital"


def test_the_same_person_opened_again_is_one_account_and_one_patient(clinician: Clinician) -> None:
    for _ in range(2):
        assert clinician.opens()["Location"].endswith("/assessments/new/")
    counted = [one.objects.count() for one in (EhrAccount, Patient, ImportedRecord)]
    assert counted == [1, 1, 1]


def test_a_record_that_is_not_configured_is_refused_and_never_asked(clinician: Clinician) -> None:
    for iss in ("http://169.254.169.254/latest", "https://evil.example/fhir", "", "file:///etc"):
        refused = clinician.pages.get("/smart/launch", {"iss": iss, "launch": "x"})
        assert refused.status_code == 400
        assert sentence(refused) == launching.UNKNOWN_RECORD
    assert clinician.way.asked == []
    assert not EhrLaunch.objects.exists()


def test_an_answer_counts_once_and_loading_it_again_opens_the_same(
    clinician: Clinician, way: Way
) -> None:
    answer = clinician.answered(clinician.asks())
    first = clinician.comes_back(answer)
    way.asked.clear()
    again = clinician.comes_back(answer)
    assert again["Location"] == first["Location"]
    assert ("POST", "/auth/token") not in way.asked
    elsewhere = Client().get("/smart/callback/", answer)
    assert sentence(elsewhere) == launching.NOT_OURS
    clinician.pages.logout()
    assert sentence(clinician.comes_back(answer)) == launching.NOT_OURS


def test_an_answer_to_another_question_or_browser_is_not_taken(clinician: Clinician) -> None:
    answer = clinician.answered(clinician.asks())
    for strange in ({**answer, "state": "another"}, {"code": answer["code"]}):
        assert sentence(clinician.comes_back(strange)) == launching.NOT_OURS
    assert sentence(Client().get("/smart/callback/", answer)) == launching.NOT_OURS
    assert not EhrAccount.objects.exists()


def test_an_answer_that_comes_too_late_is_not_taken(clinician: Clinician) -> None:
    answer = clinician.answered(clinician.asks())
    asked_at = timezone.now() - launching.ANSWER_WITHIN - timedelta(seconds=1)
    EhrLaunch.objects.update(asked_at=asked_at)
    assert sentence(clinician.comes_back(answer)) == launching.TOO_LATE


def test_a_code_that_has_expired_at_the_record_ends_the_launch(
    clinician: Clinician, way: Way
) -> None:
    way.ehr.permits.code_s = -1
    refused = clinician.comes_back(clinician.answered(clinician.asks()))
    assert refused.status_code == 400
    assert "did not give a token" in sentence(refused)


def test_a_code_of_another_launch_fails_at_the_challenge(clinician: Clinician) -> None:
    first, second = (clinician.answered(clinician.asks()) for _ in range(2))
    refused = clinician.comes_back({"state": first["state"], "code": second["code"]})
    assert "did not give a token" in sentence(refused)


@pytest.mark.parametrize(
    ("error", "told"),
    [("access_denied", launching.DECLINED), ("server_error", launching.FAILED)],
)
def test_a_refusal_of_the_record_is_one_sentence(
    clinician: Clinician, error: str, told: str
) -> None:
    state = clinician.answered(clinician.asks())["state"]
    hostile = {"state": state, "error": error, "error_description": "<script>"}
    refused = clinician.comes_back(hostile)
    assert sentence(refused) == told
    assert b"<script>" not in refused.content.partition(b"</head>")[2]


def test_a_restart_in_the_middle_loses_nothing(clinician: Clinician) -> None:
    answer = clinician.answered(clinician.asks())
    cookies = clinician.pages.cookies
    clinician.pages = Client()
    clinician.pages.cookies = cookies
    assert clinician.comes_back(answer).status_code == 302


def test_a_record_of_version_1_is_asked_in_its_scopes(clinician: Clinician, way: Way) -> None:
    way.ehr.permissions = {"permission-v1"}
    asked = clinician.asks()
    scopes = parse_qs(urlsplit(asked["Location"]).query)["scope"][0].split()
    assert {"patient/Observation.read", "patient/Observation.write"} <= set(scopes)
    assert not [one for one in scopes if one.endswith((".rs", ".crs", ".r"))]
    back = clinician.comes_back(clinician.answered(asked))
    assert clinician.pages.get(back["Location"])["Location"].endswith("/assessments/new/")


def test_who_launches_must_be_named_by_a_token_that_holds(clinician: Clinician, way: Way) -> None:
    way.ehr.withheld = {"openid"}
    refused = clinician.comes_back(clinician.answered(clinician.asks()))
    assert "did not say who you are" in sentence(refused)
    way.ehr.withheld = set()
    # Signed by somebody else under the name of the right key.
    forged = type(way.ehr.permits)([]).identity_key
    keys = way.ehr.permits.keys()
    way.ehr.permits.identity_key = forged
    way.ehr.permits.keys = lambda: keys  # type: ignore[method-assign]
    refused = clinician.comes_back(clinician.answered(clinician.asks()))
    assert "cannot be believed" in sentence(refused)
    assert not EhrAccount.objects.exists()
    assert len(done(action="sign_in.failed")) == 2


def test_a_configuration_that_leads_elsewhere_is_not_followed(
    clinician: Clinician, way: Way
) -> None:
    def elsewhere(environ: WSGIEnvironment, answer: Callable[[], bytes]) -> bytes:
        return answer().replace(way.address.encode(), b"http://127.0.0.1:9")

    way.trouble = elsewhere
    refused = clinician.asks()
    assert refused.status_code == 400
    assert "an address that this site has not configured" in sentence(refused)


def test_a_launch_of_somebody_else_answers_like_none(clinician: Clinician, owner: User) -> None:
    clinician.opens()
    launch = EhrLaunch.objects.get()
    other = Client()
    other.force_login(owner)
    assert other.get(f"/smart/opened/{launch.id}/").status_code == 404
    assert Client().get(f"/smart/opened/{launch.id}/").status_code == 302


def test_tokens_are_not_readable_in_the_database(clinician: Clinician) -> None:
    clinician.opens()
    launch = EhrLaunch.objects.get()
    assert launch.tokens_until is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT secrets FROM riskapp_ehrlaunch")
        lies = bytes(cursor.fetchone()[0])
    assert launch.secrets["access"].encode() not in lies
    assert b"access" not in lies


def test_standalone_names_the_records_of_the_users_organisation_only(
    clinician: Clinician, stranger: User
) -> None:
    assert b"Mock hospital" in Client().get("/smart/standalone/").content
    pages = Client()
    pages.force_login(stranger)
    assert b"Mock hospital" not in pages.get("/smart/standalone/").content
    asked = clinician.pages.get("/smart/standalone/Mock%20hospital/")
    sent = parse_qs(urlsplit(asked["Location"]).query)
    assert "launch" not in sent
    assert "launch/patient" in sent["scope"][0].split()
    assert clinician.pages.get("/smart/standalone/another/").status_code == 404


def test_only_the_record_that_opened_a_session_may_frame_it(
    clinician: Clinician, connect: Callable[..., None], way: Way, owner: User
) -> None:
    connect(f'framed_by = ["{way.address}"]')
    clinician.opens()
    page = clinician.pages.get("/")
    assert f"frame-ancestors {way.address}" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page
    pages = Client()
    pages.force_login(owner)
    for address in ("/", "/patients/new/"):
        page = pages.get(address)
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "DENY"
