"""What a search of FHIR finds, page by page, and what it cannot be asked."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User

from riskapp.actions.assessing import assess
from riskapp.actions.registering import register_patient
from riskapp.api.fhir.parameters import MOST_VALUES, USUAL_COUNT
from riskapp.models import Assessment, Patient
from tests.fhir.calls import ANSWERS, FHIR, NOWHERE, QUICK, found, ids, is_refused
from tests.fhir.validating import check


@pytest.fixture
def stored(owner: User, patient: Patient) -> Assessment:
    return assess(by=owner, patient=patient, answers=ANSWERS)


def test_a_person_is_found_by_number_name_birthday_and_nobody_else(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    other = register_patient(
        by=owner,
        name="Ödön von Horváth",
        record_number="A-2",
        date_of_birth=date(1960, 2, 3),
        sex="male",
    )
    system = f"urn:uuid:{patient.organisation_id}"
    ada, odon = [str(patient.id)], [str(other.id)]
    for asked, expected in {
        "identifier=A-1": ada,
        f"identifier={system}|A-1": ada,
        "identifier=urn:other|A-1": [],
        "identifier=A-1,A-2": [*odon, *ada],
        "name=exam": ada,
        "name=odon": odon,
        "name=xam": [],
        "gender=male": odon,
        "birthdate=1960": odon,
        "birthdate=1960-02-03": odon,
        "birthdate=lt1960-02-03": ada,
        "birthdate=ge1960-02-03": odon,
        "birthdate=ne1960-02-03": ada,
        f"_id={patient.id}": ada,
        f"_id={patient.id}&gender=male": [],
        "_lastUpdated=gt2000": [*odon, *ada],
        "_lastUpdated=lt2000": [],
    }.items():
        assert ids(found(as_owner, f"Patient?{asked}")) == expected, asked


def test_an_assessment_is_found_by_whose_it_is_and_when(
    as_owner: Any, patient: Patient, stored: Assessment
) -> None:
    here = "http://testserver/fhir"
    day = stored.created_at.date().isoformat()
    mine, none = [str(stored.id)], []
    for asked, expected in {
        f"patient={patient.id}": mine,
        f"patient=Patient/{patient.id}": mine,
        f"patient={here}/Patient/{patient.id}": mine,
        f"subject:Patient={patient.id}": mine,
        f"subject=Patient/{NOWHERE}": none,
        f"patient=http://elsewhere/Patient/{patient.id}": none,
        "patient=Patient/17": none,
        "patient.identifier=A-1": mine,
        "patient.identifier=A-9": none,
        f"date={day}": mine,
        f"date=gt{day}": none,
        f"date=ge{day}&date=le{day}": mine,
        f"date={day}T00:00,{day}": mine,
        f"identifier=urn:ietf:rfc:3986|urn:uuid:{stored.id}": mine,
        "method=evidence": mine,
        "method=cox": none,
    }.items():
        assert ids(found(as_owner, f"RiskAssessment?{asked}")) == expected, asked
    assert ids(found(as_owner, f"Provenance?target=RiskAssessment/{stored.id}")) == mine
    weights = found(as_owner, f"Observation?patient={patient.id}&code=http://loinc.org|29463-7")
    assert ids(weights) == [f"{stored.id.hex}.weight-kg"]
    imaging = found(as_owner, f"Observation?patient={patient.id}&category=imaging")
    assert ids(imaging) == [f"{stored.id.hex}.femoral-neck-t-score"]


def test_a_search_by_form_leaves_no_number_in_the_address(as_owner: Any, patient: Patient) -> None:
    reply = as_owner.generic(
        "POST",
        f"{FHIR}/Patient/_search",
        "identifier=A-1",
        "application/x-www-form-urlencoded",
    )
    assert ids(reply.json()) == [str(patient.id)]
    is_refused(as_owner.post(f"{FHIR}/Patient/_search", {"identifier": "A-1"}), 415)


def test_pages_lead_to_each_other_and_count_alone_can_be_asked(
    as_owner: Any, owner: User, patient: Patient
) -> None:
    for _ in range(5):
        assess(by=owner, patient=patient, answers={"population": "gb"}, options=QUICK)
    address, seen = f"RiskAssessment?_count=2&patient={patient.id}", []
    while address:
        bundle = found(as_owner, address)
        assert bundle["total"] == 5
        seen += ids(bundle)
        links = {one["relation"]: one["url"] for one in bundle["link"]}
        address = links.get("next", "").removeprefix(f"http://testserver{FHIR}/")
    assert len(seen) == len(set(seen)) == 5
    oldest = found(as_owner, "RiskAssessment?_sort=_lastUpdated")
    assert ids(oldest) == seen[::-1]
    for only in ("_summary=count", "_count=0"):
        counted = found(as_owner, f"RiskAssessment?{only}")
        check(counted)
        assert (counted["total"], "entry" in counted) == (5, False)


@pytest.mark.parametrize(
    ("people", "first", "then"), [(USUAL_COUNT, 20, None), (USUAL_COUNT + 1, 20, 1)]
)
def test_a_page_has_twenty_where_no_number_is_said(
    as_owner: Any, owner: User, people: int, first: int, then: int | None
) -> None:
    for number in range(people):
        register_patient(
            by=owner,
            name=f"Person {number}",
            record_number=f"B-{number}",
            date_of_birth=date(1960, 2, 3),
            sex="male",
        )
    bundle = found(as_owner, "Patient?gender=male")
    assert (bundle["total"], len(ids(bundle))) == (people, first)
    links = {one["relation"]: one["url"] for one in bundle["link"]}
    assert ("next" in links) == (then is not None)
    if then is not None:
        rest = found(as_owner, links["next"].removeprefix(f"http://testserver{FHIR}/"))
        assert len(ids(rest)) == then
        assert not set(ids(rest)) & set(ids(bundle))


def test_what_a_search_does_not_know_is_left_out_and_told_or_refused_when_strict(
    as_owner: Any, patient: Patient
) -> None:
    lenient = found(as_owner, "Patient?shoe-size=43&identifier=A-1")
    assert ids(lenient) == [str(patient.id)]
    remark = lenient["entry"][-1]
    assert remark["search"]["mode"] == "outcome"
    assert "shoe-size" in remark["resource"]["issue"][0]["diagnostics"]
    assert "shoe-size" not in lenient["link"][0]["url"]
    check(lenient)
    strict = {"Prefer": "handling=strict"}
    issue = is_refused(as_owner.get(f"{FHIR}/Patient?shoe-size=43", headers=strict), 400)
    assert "shoe-size" in issue["diagnostics"]
    summary = found(as_owner, "Patient?_summary=text")
    assert summary["entry"][-1]["search"]["mode"] == "outcome"


@pytest.mark.parametrize(
    "asked",
    [
        "Patient?name:exact=Ada",
        "Patient?birthdate=yesterday",
        "Patient?birthdate=ap1960",
        "Patient?birthdate=2026-02-30",
        "Patient?identifier=",
        "Patient?identifier=A-1,",
        "Patient?_count=-1",
        "Patient?_offset=x",
        "Observation?code=x",
        "Observation",
        "RiskAssessment?patient:missing=true",
        "metadata?mode=terminology",
    ],
)
def test_what_cannot_be_searched_is_refused_in_a_sentence(
    as_owner: Any, patient: Patient, asked: str
) -> None:
    is_refused(as_owner.get(f"{FHIR}/{asked}"), 400)


def test_only_so_many_are_decrypted(
    as_owner: Any, owner: User, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        register_patient(
            by=owner,
            name=f"Bea Beispiel{number}",
            record_number=f"B-{number}",
            date_of_birth=date(1950 + number, 5, 6),
            sex="female",
        )
    monkeypatch.setattr("riskapp.actions.fhir.rows.MOST_OPENED", 1)
    ada = [str(patient.id)]
    born = patient.date_of_birth
    for asked in ("name=exam", "name=ada exa", "identifier=A-1", f"birthdate={born}",
                  f"birthdate={born:%Y-%m}", f"birthdate={born.year}"):  # fmt: skip
        assert ids(found(as_owner, f"Patient?{asked}")) == ada, asked
    # Columns are asked of everybody.
    assert len(ids(found(as_owner, "Patient?gender=female"))) == 4
    assert len(ids(found(as_owner, "Patient"))) == 4
    for asked in ("name=bei", "name=a", "birthdate=gt1940", "identifier=urn:x|", "name=bei,x"):
        is_refused(as_owner.get(f"{FHIR}/Patient?{asked}"), 400)


@pytest.mark.parametrize("parameter", ["identifier", "name", "birthdate", "gender", "_id"])
def test_a_search_names_so_many_values_and_no_more(
    as_owner: Any, patient: Patient, parameter: str
) -> None:
    kind = date.fromordinal if parameter == "birthdate" else "ada{}".format
    values = [str(kind(700_000 + number)) for number in range(MOST_VALUES)]

    def answered(*given: str) -> Any:
        form = urlencode({parameter: given}, doseq=True)
        kind = "application/x-www-form-urlencoded"
        return as_owner.post(f"{FHIR}/Patient/_search", form, content_type=kind)

    within = answered(",".join(values[1:]), values[0])
    assert within.status_code == 200, within.content
    is_refused(answered(",".join(values), values[0]), 400)
