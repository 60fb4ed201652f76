"""An assessment goes back to the record: once, in the end, whatever happens on the way."""

from collections.abc import Callable
from datetime import timedelta
from wsgiref.types import WSGIEnvironment

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions import delivery_ways
from riskapp.actions.delivering import deliver_next
from riskapp.actions.own_keys import own_public_keys
from riskapp.actions.registering import register_clinician
from riskapp.management.mock_ehr.starting import mock_ehr
from riskapp.models import Assessment, AuditEvent, Delivery, EhrLaunch, Patient
from tests.fhir.validating import check
from tests.smart.conftest import CLINIC, NAME, PATIENT, Clinician
from tests.smart.serving import TRABECULA, Way

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]
assert delivery_ways
WORKER = "here:1:1"


@pytest.fixture(autouse=True)
def plain_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report is laid out by others; here its bytes are enough."""

    class Made:
        content = b"%PDF-1.7 made for a test"

    monkeypatch.setattr("riskapp.web.report.make_report", lambda **_: Made)
    assert site.REPORT_MAKER == "riskapp.web.report.make_report"


@pytest.fixture
def stored(clinician: Clinician) -> Assessment:
    """The form as it was filled in, and saved."""
    form = clinician.opens()["Location"]
    saved = clinician.pages.post(
        form,
        {
            "population": "gb",
            "age_years": "75",
            "femoral_neck_t_score": "-2.6",
            "dxa_date": "2026-03-01",
            "prior_fragility_fracture": "true",
            "weight_kg": "59.87",
            "height_cm": "160",
            "rheumatoid_arthritis": "false",
            "save": "1",
        },
    )
    assert saved.status_code == 302, saved.content.decode()
    return Assessment.objects.get()


def press_send(clinician: Clinician, stored: Assessment) -> str:
    clinician.pages.post(f"/assessments/{stored.id}/send/", {"ehr": NAME})
    return shown(clinician, stored)


def shown(clinician: Clinician, stored: Assessment) -> str:
    page = clinician.pages.get(f"/assessments/{stored.id}/").content.decode()
    return page.partition('id="send-back"')[2].partition("</section>")[0]


def there(way: Way, kind: str) -> list[dict[str, object]]:
    """What the hospital holds of a type that Trabecula wrote."""
    found = way.ehr.hospital.search(kind, [("patient", PATIENT)])
    return [one for one in found if len(str(one["id"])) == 32]


def unsigned(clinician: Clinician) -> str:
    return clinician.comes_back(clinician.answered(clinician.asks())).content.decode()


def again_now() -> None:
    Delivery.objects.update(run_after=timezone.now())
    deliver_next(WORKER)


def test_a_confirmed_assessment_stands_in_the_record(
    clinician: Clinician, stored: Assessment, way: Way
) -> None:
    assert "Send to Mock hospital" in shown(clinician, stored)
    assert "On its way to Mock hospital" in press_send(clinician, stored)
    assert deliver_next(WORKER)
    assert "Mock hospital has it, confirmed" in shown(clinician, stored)
    (risk,) = there(way, "RiskAssessment")
    (report,) = there(way, "DiagnosticReport")
    observed = there(way, "Observation")
    estimate = stored.estimates[0]["outcomes"]["major_osteoporotic"]["probability_10y"]
    assert risk["prediction"][0]["probabilityDecimal"] == pytest.approx(100 * estimate, abs=0.05)
    assert risk["subject"] == {"reference": f"Patient/{PATIENT}"}
    assert risk["encounter"] == {"reference": f"Encounter/{PATIENT}-visit"}
    named = {one.get("reference") for one in risk["basis"]}
    assert "Observation/ines-albrecht-obs-5" in named, "the T-score that the record holds"
    for one in observed:
        assert f"Observation/{one['id']}" in named
    assert report["presentedForm"][0]["data"]
    # What came from the record is not written to it once more; what was typed here is.
    codes = [code["code"] for one in observed for code in one["code"]["coding"]]
    assert "rheumatoid_arthritis" in codes
    assert not {"29463-7", "38263-0"} & set(codes)
    for one in (risk, report, *observed):
        check(one)
    assert AuditEvent.objects.filter(action="delivery.confirm").count() == 1


@pytest.mark.parametrize("together", [True, False])
def test_an_answer_that_is_lost_does_not_write_twice(
    clinician: Clinician, stored: Assessment, way: Way, together: bool
) -> None:
    way.ehr.creates_in_transactions = together

    def lost(environ: WSGIEnvironment, answer: Callable[[], bytes]) -> bytes | None:
        told = answer()
        wrote = environ["REQUEST_METHOD"] == "POST" and "fhir" in environ["PATH_INFO"]
        return None if wrote else told

    press_send(clinician, stored)
    way.trouble = lost
    assert deliver_next(WORKER)
    assert "did not answer in time" in shown(clinician, stored)
    way.trouble = None
    again_now()
    assert "confirmed" in shown(clinician, stored)
    kinds = ("RiskAssessment", "DiagnosticReport")
    assert [len(there(way, kind)) for kind in kinds] == [1, 1]
    (risk,), observed = there(way, "RiskAssessment"), there(way, "Observation")
    named = {one.get("reference") for one in risk["basis"]}
    assert {f"Observation/{one['id']}" for one in observed} <= named
    assert len(observed) == 1


def test_pressing_twice_sends_once(clinician: Clinician, stored: Assessment, way: Way) -> None:
    press_send(clinician, stored)
    press_send(clinician, stored)
    deliver_next(WORKER)
    assert not deliver_next(WORKER)
    assert len(there(way, "RiskAssessment")) == 1


def test_a_token_that_has_ended_is_renewed(
    clinician: Clinician, stored: Assessment, way: Way
) -> None:
    press_send(clinician, stored)
    EhrLaunch.objects.update(tokens_until=timezone.now() - timedelta(hours=1))
    before = EhrLaunch.objects.get().secrets
    way.asked.clear()
    deliver_next(WORKER)
    assert "confirmed" in shown(clinician, stored)
    assert ("POST", "/auth/token") in way.asked
    assert EhrLaunch.objects.get().secrets != before


def test_where_nothing_renews_it_a_new_launch_sends_what_waits(
    clinician: Clinician, stored: Assessment, way: Way
) -> None:
    press_send(clinician, stored)
    # The record was restarted and knows none of its tokens.
    way.ehr.permits._held.clear()
    deliver_next(WORKER)
    assert "no longer takes the token" in shown(clinician, stored)
    again_now()
    told = shown(clinician, stored)
    assert "no longer lets Trabecula in for you: open the patient from there once more." in told
    clinician.opens()
    assert deliver_next(WORKER), "due at once, although the next try was later"
    assert "confirmed" in shown(clinician, stored)


def test_what_the_record_will_never_take_is_given_up_with_a_sentence(
    clinician: Clinician, stored: Assessment, way: Way
) -> None:
    way.ehr.hospital.transact = _refuse  # type: ignore[method-assign]
    press_send(clinician, stored)
    deliver_next(WORKER)
    told = shown(clinician, stored)
    assert "Not sent to Mock hospital" in told
    assert "The record refused it (400)." in told


def _refuse(bundle: object) -> None:
    raise ValueError("not today")


def test_a_record_that_takes_less_is_sent_less(
    clinician: Clinician, stored: Assessment, way: Way
) -> None:
    EhrLaunch.objects.update(scopes=["patient/*.rs", "patient/RiskAssessment.c"])
    press_send(clinician, stored)
    deliver_next(WORKER)
    assert there(way, "DiagnosticReport") == there(way, "Observation") == []
    (risk,) = there(way, "RiskAssessment")
    ours = [one for one in risk["basis"] if "." in one.get("reference", "").rpartition("/")[2]]
    assert ours == []


def test_a_record_that_takes_none_of_it_says_so(clinician: Clinician, stored: Assessment) -> None:
    EhrLaunch.objects.update(scopes=["patient/*.rs"])
    press_send(clinician, stored)
    deliver_next(WORKER)
    assert "takes neither risk assessments nor reports" in shown(clinician, stored)


def test_who_did_not_open_the_patient_there_cannot_send(
    clinician: Clinician, stored: Assessment, owner: User
) -> None:
    clinician.pages.force_login(owner)
    sent = clinician.pages.post(f"/assessments/{stored.id}/send/", {"ehr": NAME})
    assert sent.status_code == 404, "another organisation"
    by = register_clinician(username="near", password=None, organisation=CLINIC)
    clinician.pages.force_login(by)
    assert "Send to Mock hospital" not in shown(clinician, stored)
    page = clinician.pages.post(
        f"/assessments/{stored.id}/send/", {"ehr": NAME}, follow=True
    ).content.decode()
    assert "Open the patient from Mock hospital first" in page
    assert not Delivery.objects.exists()


def test_a_record_that_wants_signed_requests_gets_them(
    clinician: Clinician, connect: Callable[..., None], way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    way.ehr = mock_ehr(TRABECULA)
    assert "did not give a token" in unsigned(clinician)
    connect('auth = "private_key_jwt"')

    monkeypatch.setattr("riskapp.management.mock_ehr.permits.keys_at", lambda _: own_public_keys())
    assert clinician.opens()["Location"].endswith("/assessments/new/")
    assert Patient.objects.count() == 1
