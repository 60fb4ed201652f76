"""Assessments over JSON: stored, read back, explained, and hidden from strangers."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from riskapp.models import Assessment, Patient

ASSESSMENTS = "/api/v1/assessments/"


def _asked(patient: Patient, **more: Any) -> dict[str, Any]:
    return {"patient": str(patient.id), "profile": {"population": "gb"}} | more


def test_an_assessment_is_read_back_and_explained(as_owner: Any, patient: Patient) -> None:
    made = as_owner.post(ASSESSMENTS, _asked(patient))
    assert made.status_code == 201, made.json()
    assert made["Location"] == f"{ASSESSMENTS}{made.json()['id']}/"
    read = as_owner.get(made["Location"]).json()
    assert read == made.json()
    assert read["provenance"] == {"population": "typed", "age_years": "record", "sex": "record"}
    why = as_owner.get(made["Location"] + "explanation/").json()
    assert why["explanations"][0]["explanation"] == read["estimates"][0]["explanation"]
    assert "cannot rule out" in why["safety"]


def test_form_of_scores_and_assessments_give_one_number(as_owner: Any, patient: Patient) -> None:
    stored = as_owner.post(ASSESSMENTS, _asked(patient)).json()
    stateless = as_owner.post("/api/v1/scores/", {"profile": stored["profile"]}).json()
    assert stateless["results"][0]["estimates"] == stored["estimates"]


def test_what_the_other_evidence_says_is_read_back_as_it_would_be_scored(
    as_owner: Any, patient: Patient
) -> None:
    stored = as_owner.post(ASSESSMENTS, _asked(patient)).json()
    (other,) = stored["other_evidence"]
    assert other["refused"] is None
    asked = {"profile": stored["profile"], "evidence_set": other["evidence_set"]}
    (estimate,) = as_owner.post("/api/v1/scores/", asked).json()["results"][0]["estimates"]
    assert other["model_id"] == estimate["model_id"]
    assert other["probability_10y"] == {
        name: outcome["probability_10y"] for name, outcome in estimate["outcomes"].items()
    }


def test_another_engine_named_alone_is_stored_beside_the_evidence_and_breaks_no_page(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    made = as_owner.post(ASSESSMENTS, _asked(patient, engines=["cox"], explain=False)).json()
    assert [each["engine"] for each in made["estimates"]] == ["evidence", "cox"]
    pages = Client()
    pages.force_login(owner)
    stored = f"/assessments/{made['id']}/"
    for address in ("/", f"/patients/{patient.id}/", stored, f"{stored}decide/"):
        assert pages.get(address).status_code == 200, address


def test_unknown_read_as_no_is_refused_where_it_would_be_stored(
    as_owner: Any, patient: Patient
) -> None:
    reply = as_owner.post(ASSESSMENTS, _asked(patient, unknown_as_no=True))
    assert reply.status_code == 400
    assert "comparison only" in reply.json()["errors"]["unknown_as_no"]
    assert not Assessment.objects.exists()


def test_a_profile_that_cannot_be_used_is_a_problem_by_field(
    as_owner: Any, patient: Patient
) -> None:
    reply = as_owner.post(ASSESSMENTS, _asked(patient, profile={"population": "gb", "falls": 1}))
    assert reply.status_code == 400
    assert list(reply.json()["errors"]) == ["falls"]
    for wrong in ([], "gb", None):
        assert as_owner.post(ASSESSMENTS, _asked(patient, profile=wrong)).status_code == 400
    assert not Assessment.objects.exists()


def test_a_stranger_gets_404_for_everything(
    as_owner: Any, as_colleague: Any, as_stranger: Any, patient: Patient
) -> None:
    made = as_owner.post(ASSESSMENTS, _asked(patient, explain=False, interval=False))
    for address in (made["Location"], made["Location"] + "explanation/"):
        assert as_colleague.get(address).status_code == 200
        assert as_stranger.get(address).status_code == 404
    assert as_stranger.post(ASSESSMENTS, _asked(patient)).status_code == 404


def test_models_and_populations_say_what_answers(as_owner: Any) -> None:
    models = as_owner.get("/api/v1/models/").json()
    assert models[0]["engine"] == "evidence"
    assert all(model["card"] for model in models)
    evidence = [model for model in models if model["engine"] == "evidence"]
    assert [model["trained_on"] for model in evidence] == ["published"] * 2
    assert "borrows from frax-2008" in evidence[1]["card"]
    assert {model["trained_on"] for model in models[2:]} <= {"simulated"}
    populations = as_owner.get("/api/v1/populations/").json()
    assert "gb" in {population["code"] for population in populations}
    assert all(population["sources"] for population in populations)
    estonia = next(one for one in populations if one["code"] == "ee")
    assert estonia["sexes"] == ["female", "male"]
    assert estonia["bases"].keys() == {"frax-2008", "meta-2025"}
    assert "incidence" in estonia["bases"]["frax-2008"]
    assert any("United Kingdom" in borrowed for borrowed in estonia["borrowed"])
