"""Scores over JSON: the contract's shape, refusals in their row, nothing kept."""

from typing import Any

import pytest

from riskapp.models import Assessment, AuditEvent

SCORES = "/api/v1/scores/"
ANN = {"id": "row 1", "population": "gb", "age_years": 70, "sex": "female"}
QUICK = {"explain": False, "interval": False}
LEARNED = ("cox", "xgboost", "lightgbm", "neural", "ensemble")


def test_one_profile_is_answered_in_the_promised_shape(as_owner: Any) -> None:
    reply = as_owner.post(SCORES, {"profile": ANN})
    assert reply.status_code == 200
    (result,) = reply.json()["results"]
    assert (result["id"], result["refused"]) == ("row 1", None)
    (estimate,) = result["estimates"]
    assert estimate["engine"] == "evidence"
    assert estimate["trained_on"] == "published"
    for outcome in ("major_osteoporotic", "hip"):
        answer = estimate["outcomes"][outcome]
        lower, upper = answer["interval_95"]
        assert 0 <= lower <= answer["probability_10y"] <= upper <= 1
        assert [year for year, _ in answer["curve"]] == list(range(1, 11))
    shared = estimate["explanation"]["baseline"]["hip"] + sum(
        one["probability"]["hip"] for one in estimate["explanation"]["contributions"]
    )
    assert shared == pytest.approx(estimate["outcomes"]["hip"]["probability_10y"], abs=1e-9)


def test_a_refused_profile_does_not_stop_the_others(as_owner: Any) -> None:
    profiles = [ANN, ANN | {"age_years": 39}, ANN | {"smoker": True}, 7, None, ANN | {"id": []}]
    results = as_owner.post(SCORES, QUICK | {"profiles": profiles}).json()["results"]
    assert [result["refused"] is None for result in results] == [True] + [False] * 5
    assert "40 to 90" in results[1]["refused"]
    assert "smoker" in results[2]["refused"]
    assert all(not result["estimates"] for result in results[1:])


def test_a_man_where_only_women_were_published_is_refused_in_his_row(
    as_owner: Any, with_bases: Any
) -> None:
    with_bases("jp")
    woman = ANN | {"population": "jp"}
    profiles = [woman, woman | {"sex": "male"}]
    answered, refused = as_owner.post(SCORES, QUICK | {"profiles": profiles}).json()["results"]
    assert answered["refused"] is None
    assert "only female results are published" in refused["refused"]
    assert refused["estimates"] == []


@pytest.mark.parametrize(
    "odd",
    [
        {"age_years": "seventy"},
        {"age_years": True},
        {"age_years": [70]},
        {"age_years": {"years": 70}},
        {"age_years": "1e400"},
        {"weight_kg": 10**400, "height_cm": 160},
        {"weight_kg": -1e-300, "height_cm": 160},
        {"current_smoker": "perhaps"},
        {"current_smoker": 2},
        {"dxa_date": "yesterday"},
        {"dxa_date": "0001-01-01T00:00:00"},
        {"population": None},
        {"population": "gb\x00"},
        {"population": "../gb"},
        {"sex": 1},
        {"falls_last_year": 0.5},
        {"femoral_neck_bmd_g_cm2": 0.7},
        {"x" * 10_000: 1},
        {"": 1},
    ],
)
def test_an_odd_value_is_refused_in_a_sentence(as_owner: Any, odd: dict[str, Any]) -> None:
    reply = as_owner.post(SCORES, QUICK | {"profile": ANN | odd})
    assert reply.status_code == 200
    (result,) = reply.json()["results"]
    assert result["refused"].endswith((".", ".'"))
    assert len(result["refused"]) < 500


@pytest.mark.parametrize("name", ["frax-2008", "meta-2025"])
def test_each_evidence_set_answers_and_is_named(as_owner: Any, name: str) -> None:
    asked = {"profile": ANN | {"parent_hip_fracture": True}, "evidence_set": name}
    (result,) = as_owner.post(SCORES, asked).json()["results"]
    (estimate,) = result["estimates"]
    assert estimate["evidence_set"] == name
    assert estimate["model_id"].startswith(f"evidence-{name}-")
    notes = estimate["guidelines"][0]["notes"]
    assert any("were set for FRAX’s" in note for note in notes) == (name == "meta-2025")
    assert any("borrows from" in one for one in estimate["warnings"]) == (name == "meta-2025")


def test_an_evidence_set_that_is_not_held_is_refused_with_those_that_are(as_owner: Any) -> None:
    reply = as_owner.post(SCORES, {"profile": ANN, "evidence_set": "frax"})
    assert reply.status_code == 400
    assert "frax-2008, meta-2025" in reply.json()["detail"]


def test_a_population_says_which_sets_and_sexes_it_can_be_asked_for(as_owner: Any) -> None:
    kept: dict[tuple[str, str, str], bool] = {}
    for one in as_owner.get("/api/v1/populations/").json():
        for sex in ("female", "male"):
            for name in ("frax-2008", "meta-2025"):
                profile = ANN | {"population": one["code"], "sex": sex}
                asked = QUICK | {"profile": profile, "evidence_set": name}
                (result,) = as_owner.post(SCORES, asked).json()["results"]
                promised = sex in one["sexes"] and name in one["bases"]
                kept[one["code"], sex, name] = (result["refused"] is None) == promised
    assert len(kept) == 52
    assert all(kept.values())


def test_a_number_too_large_for_any_person_is_refused_as_sent(as_owner: Any) -> None:
    body = b'{"profile": {"population": "gb", "sex": "male", "age_years": 1e400}}'
    reply = as_owner.generic("POST", SCORES, body, "application/json")
    assert "plain number" in reply.json()["results"][0]["refused"]


def test_a_thousand_profiles_are_taken_and_one_more_is_not(as_owner: Any) -> None:
    refused = {"id": "x"}  # refused at once, so that the test takes no time
    at_limit = as_owner.post(SCORES, {"profiles": [refused] * 1_000})
    assert at_limit.status_code == 200
    assert len(at_limit.json()["results"]) == 1_000
    above = as_owner.post(SCORES, {"profiles": [refused] * 1_001})
    assert above.status_code == 400
    assert "At most 1000 profiles" in above.json()["detail"]


@pytest.mark.parametrize(
    ("engines", "how", "at_most"),
    [
        (["evidence", "cox", "xgboost", "lightgbm"], {}, 250),
        (["evidence", "cox", "cox"], {"explain": False}, 500),
        (["xgboost"], {"interval": False}, 500),
        (["evidence", "cox", "xgboost", "lightgbm", "neural", "ensemble"], {}, 166),
    ],
)
def test_more_explaining_than_a_request_can_wait_for_is_refused_at_once(
    as_owner: Any, engines: list[str], how: dict[str, bool], at_most: int
) -> None:
    refused_at_once = {"id": "x"}
    asked = {"engines": engines} | how
    at_limit = as_owner.post(SCORES, asked | {"profiles": [refused_at_once] * at_most})
    assert at_limit.status_code == 200
    above = as_owner.post(SCORES, asked | {"profiles": [refused_at_once] * (at_most + 1)})
    assert above.status_code == 413
    assert above["Content-Type"] == "application/problem+json"
    assert f"at most {at_most} at a time" in above.json()["detail"]
    bare = as_owner.post(SCORES, asked | QUICK | {"profiles": [refused_at_once] * 1_000})
    assert bare.status_code == 200


def test_learned_engines_answer_when_named_and_say_that_they_learned_from_simulated_people(
    as_owner: Any,
) -> None:
    asked = {"profile": ANN, "engines": ["evidence", "cox"]} | QUICK
    (result,) = as_owner.post(SCORES, asked).json()["results"]
    trained_on = {each["engine"]: each["trained_on"] for each in result["estimates"]}
    assert trained_on == {"evidence": "published", "cox": "simulated"}


def test_learned_engines_name_the_evidence_that_they_start_from_whatever_is_asked(
    as_owner: Any,
) -> None:
    asked = {"profile": ANN, "engines": ["evidence", *LEARNED], "evidence_set": "meta-2025"} | QUICK
    (result,) = as_owner.post(SCORES, asked).json()["results"]
    named = {each["engine"]: each["evidence_set"] for each in result["estimates"]}
    assert named == {"evidence": "meta-2025"} | dict.fromkeys(LEARNED, "frax-2008")


def test_options_reach_the_engine(as_owner: Any) -> None:
    smoker_unknown = as_owner.post(SCORES, QUICK | {"profile": ANN}).json()
    as_no = as_owner.post(SCORES, QUICK | {"profile": ANN, "unknown_as_no": True}).json()
    clamped = as_owner.post(
        SCORES, QUICK | {"profile": ANN | {"age_years": 95}, "clamp_age": True}
    ).json()
    averaged, convention, old = (
        reply["results"][0]["estimates"][0] for reply in (smoker_unknown, as_no, clamped)
    )
    hip_averaged, hip_convention = (
        estimate["outcomes"]["hip"]["probability_10y"] for estimate in (averaged, convention)
    )
    assert hip_convention < hip_averaged
    assert averaged["explanation"] is None
    assert averaged["outcomes"]["hip"]["interval_95"] is None
    assert any("computed at 90" in warning for warning in old["warnings"])


def test_nothing_about_the_person_is_kept(as_owner: Any) -> None:
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    as_owner.post(SCORES, QUICK | {"profile": ANN})
    (counted,) = AuditEvent.objects.exclude(pk__in=before)
    assert (counted.action, counted.content) == ("score.compute", "")
    assert not Assessment.objects.exists()


def test_verdicts_come_with_published_epidemiology_only_the_readers_own_first(
    as_owner: Any,
) -> None:
    asked = QUICK | {"engines": ["evidence", "cox"], "profile": ANN, "guideline": "bhof-2022"}
    evidence, learned = as_owner.post(SCORES, asked).json()["results"][0]["estimates"]
    assert [one["guideline"] for one in evidence["guidelines"]][:2] == ["bhof-2022", "nogg-2024"]
    assert learned["guidelines"] == []
    told = evidence["guidelines"][1]
    assert told["rules"][0]["source"]
    assert told["rules"][0]["mark"] == "seen (secondary)"
    assert told["version"]
    usual = as_owner.post(SCORES, QUICK | {"profile": ANN}).json()["results"][0]["estimates"]
    assert usual[0]["guidelines"][0]["guideline"] == "nogg-2024"
    without = as_owner.post(SCORES, QUICK | {"profile": ANN, "verdicts": False}).json()
    assert without["results"][0]["estimates"][0]["guidelines"] == []


def test_a_guideline_that_there_is_not_is_refused_with_those_there_are(as_owner: Any) -> None:
    reply = as_owner.post(SCORES, QUICK | {"profile": ANN, "guideline": "frax"})
    assert reply.status_code == 400
    assert "nogg-2024" in reply.json()["errors"]["guideline"]
