"""SMART apps that people use: sign-in, consent for one patient, code, token, refresh."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import jwt
import pytest
from django.contrib.auth.models import User
from django.test import Client
from oauth2_provider.models import AccessToken, RefreshToken
from rest_framework.test import APIClient

from riskapp.actions.api_clients import add_client
from riskapp.actions.registering import register_patient
from riskapp.models import ApiClient, AuditEvent, Patient
from tests.signing import assertion, form, key_set

FORM = "application/x-www-form-urlencoded"
BACK = "https://app.example/back"
VERIFIER = "a" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
SCOPES = [
    "patient/*.rs", "patient/Condition.c", "user/Patient.s", "launch/patient", "offline_access",
    "openid",
]  # fmt: skip


@pytest.fixture
def app(db: None) -> ApiClient:
    """An app that can keep no secret, of the owner's organisation."""
    return add_client(
        name="app", organisation="Clinic A", scopes=SCOPES, redirect_uris=[BACK], public=True
    ).client


@pytest.fixture
def second(owner: User, patient: Patient) -> Patient:
    return register_patient(
        by=owner, name="Zoe", record_number="Z1", date_of_birth=patient.date_of_birth, sex="female"
    )


@pytest.fixture
def address(app: ApiClient) -> Callable[..., str]:
    """Where the app sends people, with one thing done otherwise; ``None`` leaves it out."""

    def made(**other: Any) -> str:
        told = {
            "response_type": "code",
            "client_id": app.application.client_id,
            "redirect_uri": BACK,
            "scope": "launch/patient patient/*.rs",
            "state": "xyz",
            "aud": "http://testserver/fhir",
            "code_challenge": CHALLENGE.decode(),
            "code_challenge_method": "S256",
        } | other
        return "/oauth/authorize?" + urlencode({k: v for k, v in told.items() if v is not None})

    return made


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def told_back(reply: Any) -> dict[str, str]:
    """What the app is sent back with."""
    assert reply.status_code == 302, reply.content
    assert reply["Location"].startswith(BACK)
    return {k: v[0] for k, v in parse_qs(urlsplit(reply["Location"]).query).items()}


def redeem(client: Client, app: ApiClient, code: str, **other: str) -> Any:
    told = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "client_id": app.application.client_id,
        "code_verifier": VERIFIER,
    } | other
    return client.post("/oauth/token", urlencode(told), FORM)


def bearer(token: str) -> APIClient:
    caller = APIClient()
    caller.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return caller


@pytest.fixture
def granted(signed_in: Client, app: ApiClient, address: Any, patient: Patient) -> Any:
    """Go through it all for the patient, and give what the token endpoint tells."""

    def through(scope: str = "launch/patient patient/*.rs", **more: str) -> dict[str, Any]:
        where = address(scope=scope, **more)
        choice = {"decision": "allow", "patient": str(patient.id)}
        code = told_back(signed_in.post(where, choice))["code"]
        reply = redeem(Client(), app, code)
        assert reply.status_code == 200, reply.content
        return dict(reply.json())

    return through


def test_who_is_not_signed_in_signs_in_first(client: Client, address: Any) -> None:
    reply = client.get(address())
    assert reply.status_code == 302
    assert reply["Location"].startswith("/sign-in/?next=/oauth/authorize")


def test_the_page_says_who_asks_for_what(
    signed_in: Client, address: Any, patient: Patient, second: Patient
) -> None:
    reply = signed_in.get(address())
    text = reply.content.decode()
    assert reply.status_code == 200
    assert "app.example" in text
    assert "Read and search: everything in the record, of the patient that you choose" in text
    assert str(patient.id) in text
    assert str(second.id) in text
    assert "form-action 'self' https://app.example" in reply["Content-Security-Policy"]
    narrowed = signed_in.get(address(find="zo")).content.decode()
    assert str(second.id) in narrowed
    assert str(patient.id) not in narrowed


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
    assert AuditEvent.objects.last().by == "owner>app"


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


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "user/Patient.d"}, "invalid_scope"),
        ({"scope": "system/Patient.r"}, "invalid_scope"),
        ({"aud": "https://other.example/fhir"}, "invalid_request"),
        ({"aud": None}, "invalid_request"),
        ({"aud": "http://testserver/fhir/Patient"}, "invalid_request"),
        ({"scope": "openid patient/Patient.r", "prompt": "none"}, "login_required"),
    ],
)
def test_what_cannot_be_granted_goes_back_to_the_app(
    signed_in: Client, address: Any, other: Any, error: str
) -> None:
    told = told_back(signed_in.get(address(**other)))
    assert (told["error"], told["state"]) == (error, "xyz")
    assert told["iss"] == "http://testserver/oauth"


def test_a_question_without_a_state_is_sent_back(signed_in: Client, address: Any) -> None:
    told = told_back(signed_in.get(address(state=None)))
    assert told["error"] == "invalid_request"
    assert "code" not in told


def test_a_scope_with_a_search_in_it_is_not_granted_as_if_it_had_none(granted: Any) -> None:
    labs = "patient/Observation.rs?category=http://loinc.org|laboratory"
    told = granted(f"launch/patient {labs} patient/Patient.r")
    assert told["scope"].split() == ["launch/patient", "patient/Patient.r"]


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "\x00"},
        {"redirect_uri": "https://app.example/back/"},
        {"redirect_uri": "https://app.example/back?x=1"},
        {"redirect_uri": "https://app.example:444/back"},
        {"redirect_uri": "https://APP.example/back"},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": "https://app.example@evil.example/back"},
        {"response_type": None},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_the_apps(
    signed_in: Client, address: Any, other: Any
) -> None:
    for method in (signed_in.get, signed_in.post):
        reply = method(address(**other))
        assert reply.status_code == 400
        assert "is not known" in reply.content.decode()


def test_no_is_told_to_the_app(signed_in: Client, address: Any, patient: Patient) -> None:
    told = told_back(signed_in.post(address(), {"decision": "deny"}))
    assert (told["error"], told["state"]) == ("access_denied", "xyz")


def test_a_patient_must_be_chosen_of_the_own_organisation(
    signed_in: Client, address: Any, patient: Patient, stranger: User
) -> None:
    theirs = register_patient(
        by=stranger, name="T", record_number="1", date_of_birth=patient.date_of_birth, sex="male"
    )
    for chosen in ("", "x", str(theirs.id)):
        reply = signed_in.post(address(), {"decision": "allow", "patient": chosen})
        assert reply.status_code == 400
        assert "Choose the patient" in reply.content.decode()


def test_an_app_of_another_organisation_is_refused(
    client: Client, stranger: User, address: Any
) -> None:
    client.force_login(stranger)
    assert client.get(address()).status_code == 403
    assert client.post(address(), {"decision": "allow"}).status_code == 403


def test_a_consent_is_given_on_our_own_page_only(owner: User, address: Any) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(owner)
    assert strict.post(address(), {"decision": "allow"}).status_code == 403


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
    assert redeem(Client(), app, code).json()["error"] == "invalid_grant"


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

    def renew(token: str) -> Any:
        told = {"grant_type": "refresh_token", "refresh_token": token}
        told |= {"client_id": app.application.client_id}
        return Client().post("/oauth/token", urlencode(told), FORM)

    second = renew(first["refresh_token"]).json()
    assert second["patient"] == str(patient.id)
    assert bearer(first["access_token"]).get("/api/v1/patients/").status_code == 401
    assert bearer(second["access_token"]).get(f"/api/v1/patients/{patient.id}/").status_code == 200
    # Used twice: somebody has a copy, and all that came of it ends.
    assert renew(first["refresh_token"]).json()["error"] == "invalid_grant"
    assert renew(second["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_token_is_renewed_for_less_and_never_for_more(app: ApiClient, granted: Any) -> None:
    token = granted("launch/patient patient/Patient.rs offline_access")["refresh_token"]

    def renew(scope: str) -> Any:
        told = {"grant_type": "refresh_token", "refresh_token": token, "scope": scope}
        told |= {"client_id": app.application.client_id}
        return Client().post("/oauth/token", urlencode(told), FORM)

    for more in ("patient/Condition.r", "patient/*.rs", "patient/Patient.cruds"):
        assert renew(more).json()["error"] == "invalid_scope"
    assert renew("patient/Patient.r").json()["scope"] == "patient/Patient.r"


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
