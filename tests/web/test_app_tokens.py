"""What an app may with its token: one patient, as long as its person may, renewed for no more."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import jwt
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken

from riskapp.actions.api_clients import add_client
from riskapp.actions.oauth.validator import Validator
from riskapp.models import ApiClient, AuditEvent, Patient, RedeemedCode
from tests.signing import FORM, assertion, bearer, form, key_set
from tests.trail import done
from tests.web.consenting import (
    BACK,
    SCOPES,
    address,
    app,
    granted,
    redeem,
    renew,
    second,
    signed_in,
    told_back,
)

__all__ = ["address", "app", "granted", "second", "signed_in"]


def test_a_token_reaches_the_chosen_patient_and_nobody_else(
    granted: Any, patient: Patient, second: Patient
) -> None:
    told = granted()
    assert told["patient"] == str(patient.id)
    assert told["need_patient_banner"] is True
    assert told["expires_in"] == 3600
    assert "refresh_token" not in told
    caller = bearer(told["access_token"])
    assert caller.get(f"/api/v1/patients/{patient.id}/").status_code == 200
    assert caller.get(f"/api/v1/patients/{patient.id}/fractures/").status_code == 200
    assert caller.get(f"/api/v1/patients/{second.id}/").status_code == 404
    assert caller.get(f"/api/v1/patients/{second.id}/fractures/").status_code == 404
    found = caller.get("/api/v1/patients/").json()["results"]
    assert [one["id"] for one in found] == [str(patient.id)]
    for listed in ("/api/v1/worklist/?waits=everyone", "/api/v1/recall/"):
        rows = caller.get(listed).json()["results"]
        assert {row["patient"]["id"] for row in rows} <= {str(patient.id)}
    # What is of no patient, and what changes something, was not allowed.
    assert caller.get("/api/v1/precisions/").status_code == 403
    assert caller.post(f"/api/v1/patients/{patient.id}/fractures/", {}).status_code == 403


def test_what_is_done_through_an_app_is_told_so(granted: Any, patient: Patient) -> None:
    caller = bearer(granted("launch/patient patient/Condition.c")["access_token"])
    hip = {"site": "hip", "happened_on": "2020"}
    reply = caller.post(f"/api/v1/patients/{patient.id}/fractures/", hip)
    assert reply.status_code == 201, reply.content
    assert done(action="fracture.record") == [("fracture.record", "owner>app")]


def test_a_token_for_one_patient_registers_no_other(
    signed_in: Client, address: Any, patient: Patient
) -> None:
    add_client(
        name="wide", organisation="Clinic A", scopes=["patient/*.cruds"], redirect_uris=[BACK],
        public=True,
    )  # fmt: skip
    wide = ApiClient.objects.get(name="wide")
    where = address(client_id=wide.application.client_id, scope="patient/*.cruds")
    choice = {"decision": "allow", "patient": str(patient.id)}
    code = told_back(signed_in.post(where, choice))["code"]
    caller = bearer(redeem(Client(), wide, code).json()["access_token"])
    new = {"name": "E", "record_number": "7", "date_of_birth": "1950-01-01", "sex": "female"}
    assert caller.post("/api/v1/patients/", new).status_code == 403
    assert Patient.objects.count() == 1
    # Nor does it file images, which may be anybody's.
    kind = 'multipart/related; type="application/dicom"; boundary=x'
    assert caller.post("/dicomweb/studies", b"--x--", content_type=kind).status_code == 403
    # Nor does it read what was made about everybody.
    for made in (str(uuid4()), f"{uuid4()}/RiskAssessment.ndjson"):
        assert caller.get(f"/fhir/RiskAssessment/$assess-all/{made}").status_code == 403


def test_scopes_of_the_person_are_not_narrowed_to_the_patient(
    granted: Any, patient: Patient, second: Patient
) -> None:
    caller = bearer(granted("patient/Patient.r user/Patient.s")["access_token"])
    assert len(caller.get("/api/v1/patients/").json()["results"]) == 2
    assert caller.get(f"/api/v1/patients/{second.id}/").status_code == 404


def test_a_scope_with_a_search_in_it_is_not_granted_as_if_it_had_none(granted: Any) -> None:
    labs = "patient/Observation.rs?category=http://loinc.org|laboratory"
    told = granted(f"launch/patient {labs} patient/Patient.r")
    assert told["scope"].split() == ["launch/patient", "patient/Patient.r"]


def test_a_code_is_redeemed_once_by_who_asked_for_it(
    signed_in: Client, app: ApiClient, address: Any, patient: Patient
) -> None:
    choice = {"decision": "allow", "patient": str(patient.id)}
    other = add_client(
        name="other", organisation="Clinic A", scopes=SCOPES, redirect_uris=[BACK], public=True
    ).client
    code = told_back(signed_in.post(address(), choice))["code"]
    for client, wrong in (
        (app, {"code_verifier": "b" * 64}),
        (app, {"redirect_uri": "https://app.example/other"}),
        (other, {}),
    ):
        reply = redeem(Client(), client, code, **wrong)
        assert reply.status_code in (400, 401)
        assert reply.json()["error"] in ("invalid_grant", "invalid_request")
    assert redeem(Client(), app, "another").json()["error"] == "invalid_grant"
    assert redeem(Client(), app, code).status_code == 200


def test_a_code_that_is_shown_again_ends_the_tokens_that_came_of_it(
    signed_in: Client, app: ApiClient, address: Any, patient: Patient
) -> None:
    """RFC 6749, section 4.1.2: refused, and what was issued on it revoked; renewed ones too."""
    other = add_client(
        name="other", organisation="Clinic A", scopes=SCOPES, redirect_uris=[BACK], public=True
    ).client
    where = address(scope="launch/patient patient/Patient.rs offline_access")
    choice = {"decision": "allow", "patient": str(patient.id)}
    kept, stolen = (told_back(signed_in.post(where, choice))["code"] for _ in range(2))
    first, untouched = (redeem(Client(), app, code).json() for code in (stolen, kept))
    second = renew(app, first["refresh_token"]).json()
    # Another program that shows it only shows that it knows it.
    assert redeem(Client(), other, stolen).json()["error"] == "invalid_grant"
    assert bearer(second["access_token"]).get("/api/v1/patients/").status_code == 200

    assert redeem(Client(), app, stolen, code_verifier="b" * 64).json()["error"] == "invalid_grant"
    assert AuditEvent.objects.filter(action="client.code_shown_again").count() == 1
    assert bearer(second["access_token"]).get("/api/v1/patients/").status_code == 401
    assert renew(app, second["refresh_token"]).json()["error"] == "invalid_grant"
    assert bearer(untouched["access_token"]).get("/api/v1/patients/").status_code == 200


def test_of_two_who_show_a_code_at_once_neither_keeps_a_token(
    signed_in: Client,
    app: ApiClient,
    address: Any,
    patient: Patient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choice = {"decision": "allow", "patient": str(patient.id)}
    code = told_back(signed_in.post(address(), choice))["code"]
    save = Validator.save_bearer_token

    def save_after_another(self: Any, *args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(Validator, "save_bearer_token", save)
        assert redeem(Client(), app, code).status_code == 200
        save(self, *args, **kwargs)

    monkeypatch.setattr(Validator, "save_bearer_token", save_after_another)
    assert redeem(Client(), app, code).json()["error"] == "invalid_grant"
    assert not AccessToken.objects.exists()


def test_another_patient_cannot_be_named_at_the_token_endpoint(
    signed_in: Client, app: ApiClient, address: Any, patient: Patient, second: Patient
) -> None:
    where = address(scope="user/Patient.s")
    code = told_back(signed_in.post(where, {"decision": "allow"}))["code"]
    reply = redeem(Client(), app, code, launched_patient_id=str(second.id), patient="x")
    assert "patient" not in reply.json()
    assert not hasattr(AccessToken.objects.get(), "launched")


def test_a_token_is_renewed_for_the_same_patient_and_the_old_one_ends(
    app: ApiClient, granted: Any, patient: Patient
) -> None:
    first = granted("launch/patient patient/Patient.r offline_access")
    assert not RefreshToken.objects.filter(token=first["refresh_token"]).exists()
    second = renew(app, first["refresh_token"]).json()
    assert second["patient"] == str(patient.id)
    assert bearer(first["access_token"]).get("/api/v1/patients/").status_code == 401
    assert bearer(second["access_token"]).get(f"/api/v1/patients/{patient.id}/").status_code == 200
    # Used twice: somebody has a copy, and all that came of it ends.
    assert renew(app, first["refresh_token"]).json()["error"] == "invalid_grant"
    assert renew(app, second["refresh_token"]).json()["error"] == "invalid_grant"


def test_of_two_who_renew_by_one_token_at_once_neither_goes_on(
    app: ApiClient, granted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = granted("launch/patient patient/Patient.r offline_access")["refresh_token"]
    save, others = Validator.save_bearer_token, []

    def save_after_another(self: Any, *args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(Validator, "save_bearer_token", save)
        others.append(renew(app, first).json())
        save(self, *args, **kwargs)

    monkeypatch.setattr(Validator, "save_bearer_token", save_after_another)
    assert renew(app, first).json()["error"] == "invalid_grant"
    assert renew(app, others[0]["refresh_token"]).json()["error"] == "invalid_grant"
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize(("minutes", "renewed"), [(-1, 200), (0, 400)])
def test_a_token_is_renewed_until_its_consent_is_ninety_days_old(
    app: ApiClient, granted: Any, minutes: int, renewed: int
) -> None:
    token = granted("launch/patient patient/Patient.r offline_access")["refresh_token"]
    token = renew(app, token).json()["refresh_token"]
    age = timedelta(days=90, minutes=minutes)
    RedeemedCode.objects.update(redeemed_at=timezone.now() - age)
    assert renew(app, token).status_code == renewed


def test_a_token_is_renewed_for_less_and_never_for_more(app: ApiClient, granted: Any) -> None:
    token = granted("launch/patient patient/Patient.rs offline_access")["refresh_token"]
    for more in ("patient/Condition.r", "patient/*.rs", "patient/Patient.cruds"):
        assert renew(app, token, scope=more).json()["error"] == "invalid_scope"
    assert renew(app, token, scope="patient/Patient.r").json()["scope"] == "patient/Patient.r"


def test_only_a_public_app_renews_without_saying_who_it_is(
    app: ApiClient, granted: Any, patient: Patient
) -> None:
    told = granted("launch/patient patient/Patient.r offline_access")
    asked = urlencode({"grant_type": "refresh_token", "refresh_token": told["refresh_token"]})
    app.application.client_type = "confidential"
    app.application.save()
    assert Client().post("/oauth/token", asked, FORM).status_code == 401
    app.application.client_type = "public"
    app.application.save()
    assert Client().post("/oauth/token", asked, FORM).status_code == 200
    wrong = urlencode({"grant_type": "refresh_token", "refresh_token": "x"})
    assert Client().post("/oauth/token", wrong, FORM).status_code == 401


def test_who_may_not_sign_in_any_more_is_out_through_apps_too(
    app: ApiClient, granted: Any, owner: User, patient: Patient
) -> None:
    told = granted("launch/patient patient/Patient.r offline_access")
    owner.is_active = False
    owner.save()
    assert bearer(told["access_token"]).get("/api/v1/patients/").status_code == 401
    asked = {
        "grant_type": "refresh_token",
        "refresh_token": told["refresh_token"],
        "client_id": app.application.client_id,
    }
    reply = Client().post("/oauth/token", urlencode(asked), FORM)
    assert reply.json()["error"] == "invalid_grant"


def test_an_app_with_keys_signs_for_its_code(
    signed_in: Client, address: Any, patient: Patient
) -> None:
    keyed = add_client(
        name="keyed", organisation="Clinic A", scopes=SCOPES, redirect_uris=[BACK],
        keys=key_set("es384"),
    ).client  # fmt: skip
    client_id = keyed.application.client_id
    choice = {"decision": "allow", "patient": str(patient.id)}
    code = told_back(signed_in.post(address(client_id=client_id), choice))["code"]
    assert redeem(Client(), keyed, code).status_code == 401
    proof = form("", "", assertion(client_id, "es384"))
    told = redeem(
        Client(), keyed, code, **{k: v for k, v in proof.items() if k.startswith("client_")}
    )
    assert told.status_code == 200, told.content


def test_who_signed_in_is_told_signed(granted: Any, owner: User) -> None:
    told = granted("openid patient/Patient.r", nonce="n-1")
    keys = jwt.PyJWKSet.from_dict(Client().get("/oauth/jwks.json").json())
    head = jwt.get_unverified_header(told["id_token"])
    claims = jwt.decode(
        told["id_token"],
        keys[head["kid"]].key,
        algorithms=["RS256"],
        audience=ApiClient.objects.get(name="app").application.client_id,
        issuer="http://testserver/oauth",
    )
    assert (claims["sub"], claims["nonce"]) == (str(owner.pk), "n-1")
