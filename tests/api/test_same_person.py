"""One person, one number: the same at every door, to the last digit.

Where a door rounds in its words (the form's page, a CDS card), its stored or structured number is
compared. FHIR tells per cent; the fraction beside it is the number itself. Where nothing but
numbers is asked of ``/scores/``, complete profiles are summed many at once, in another order: such
a number may differ in its sixteenth digit, and only there.
"""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from riskapp.actions import cds_answering
from riskapp.actions.fhir.bulk_answering import answer_next
from riskapp.actions.importing_record import import_record
from riskapp.actions.registering import register_patient
from riskapp.actions.scoring import score
from riskapp.exchange import published_keys
from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.fhir.writing.assessed import Assessed
from riskapp.exchange.fhir.writing.observation import observations
from riskapp.models import Assessment, Patient
from riskapp.risk.estimate import EstimateOptions
from tests.api.cds import people
from tests.api.cds.record_system import RecordSystem
from tests.api.same_people import PEOPLE, Profile

pytestmark = pytest.mark.django_db
OUTCOMES = ("major_osteoporotic", "hip")
Number = tuple[float, float]


@dataclass
class Doors:
    """One installation with one clinic, and a caller at each of its doors."""

    owner: User
    program: Any
    ward: RecordSystem
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    registered: int = 0

    def patient(self, profile: Profile) -> Patient:
        """Somebody new of this age and sex: what one door stores is not known at the next."""
        self.registered += 1
        return register_patient(
            by=self.owner,
            name="Same Person",
            record_number=f"S{self.registered}",
            date_of_birth=birthday(profile),
            sex=profile["sex"],
        )


def birthday(profile: Profile) -> date:
    today = timezone.localdate()
    # The first of a month, as there is a 29 February in some years only.
    return today.replace(year=today.year - profile["age_years"], day=1)


def as_fhir(profile: Profile, number: str = "S0") -> list[dict[str, Any]]:
    """The person as a hospital's record holds them; our writer gives each answer its codes."""
    told = Assessed(
        id="00000000-0000-0000-0000-000000000001",
        at=datetime.now(UTC),
        estimate={"engine": "evidence", "model_id": "m"},
        profile=profile,
        software_version="0",
        subject={"reference": f"Patient/{people.ID}"},
        author="ward",
        is_stored=True,
    )
    person = {
        "resourceType": "Patient",
        "id": people.ID,
        "identifier": [{"type": {"coding": [{"code": "MR"}]}, "value": number}],
        "name": [{"family": "Person", "given": ["Same"]}],
        "gender": profile["sex"],
        "birthDate": birthday(profile).isoformat(),
        "address": [{"country": "GB"}],
    }
    return [person, *observations(told)]


def bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    entries = [{"resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def of(estimate: Mapping[str, Any]) -> Number:
    major, hip = (estimate["outcomes"][name]["probability_10y"] for name in OUTCOMES)
    return major, hip


def stored(patient: Patient | None = None) -> Number:
    found = Assessment.objects.filter(**({"patient": patient} if patient else {}))
    return of(found.order_by("created_at").last().estimates[0])


def fractions(resource: Mapping[str, Any]) -> Number:
    told = [
        extra["valueDecimal"]
        for one in resource["prediction"][:2]
        for extra in one["extension"]
        if extra["url"].endswith("/fraction")
    ]
    assert [one["probabilityDecimal"] for one in resource["prediction"][:2]] == pytest.approx(
        [100 * one for one in told], rel=1e-15
    )
    return told[0], told[1]


def by_form(doors: Doors, profile: Profile) -> Number:
    patient, browser = doors.patient(profile), Client()
    browser.force_login(doors.owner)
    answers = {name: _typed(value) for name, value in profile.items()} | {"population": "gb"}
    reply = browser.post(f"/patients/{patient.pk}/assessments/new/", answers)
    assert reply.status_code == 302, reply.content
    return stored(patient)


def _typed(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def by_scores(doors: Doors, profile: Profile) -> Number:
    asked = {"profile": {**profile, "population": "gb"}}
    reply = doors.program.post("/api/v1/scores/", asked, format="json")
    return of(reply.json()["results"][0]["estimates"][0])


def by_scores_without_reasons(doors: Doors, profile: Profile) -> Number:
    asked = {"profile": {**profile, "population": "gb"}, "explain": False, "interval": False}
    reply = doors.program.post("/api/v1/scores/", asked, format="json")
    return of(reply.json()["results"][0]["estimates"][0])


def by_assessments(doors: Doors, profile: Profile) -> Number:
    asked = {"patient": str(doors.patient(profile).pk), "profile": {**profile, "population": "gb"}}
    reply = doors.program.post("/api/v1/assessments/", asked, format="json")
    assert reply.status_code == 201, reply.content
    return of(reply.json()["estimates"][0])


def by_assess(doors: Doors, profile: Profile) -> Number:
    reply = doors.program.post(
        "/fhir/RiskAssessment/$assess", bundle(as_fhir(profile)), format="json"
    )
    assert reply.status_code == 200, reply.content
    return fractions(json.loads(reply.content))


def by_assess_and_store(doors: Doors, profile: Profile) -> Number:
    reply = doors.program.post(
        "/fhir/RiskAssessment/$assess?persist=true",
        bundle(as_fhir(profile, "stored")),
        format="json",
    )
    assert reply.status_code == 201, reply.content
    assert fractions(json.loads(reply.content)) == stored()
    return stored()


def by_assess_all(doors: Doors, profile: Profile) -> Number:
    patient = _imported(doors, profile)
    named = {"name": "patient", "valueReference": {"reference": f"Patient/{patient.pk}"}}
    started = doors.program.post(
        "/fhir/RiskAssessment/$assess-all",
        {"resourceType": "Parameters", "parameter": [named]},
        format="json",
        headers={"Prefer": "respond-async"},
    )
    assert answer_next("host-a:1:1")
    manifest = json.loads(doors.program.get(started["Content-Location"]).content)
    lines = doors.program.get(manifest["output"][0]["url"])
    return fractions(json.loads(b"".join(lines.streaming_content)))


def by_imported_record(doors: Doors, profile: Profile) -> Number:
    """As a SMART launch and a bulk import leave it: the form is filled in and nothing is typed."""
    asked = {"patient": str(_imported(doors, profile).pk), "profile": {}}
    reply = doors.program.post("/api/v1/assessments/", asked, format="json")
    assert reply.status_code == 201, reply.content
    return of(reply.json()["estimates"][0])


def _imported(doors: Doors, profile: Profile) -> Patient:
    patient = doors.patient(profile)
    record = read_record(as_fhir(profile), today=timezone.localdate())
    import_record(by=doors.owner, patient=patient, source="ehr:ward", record=record)
    return patient


def by_hook(doors: Doors, profile: Profile) -> Number:
    """What the cards of a hook are made of; the cards themselves round."""
    situations: list[Any] = []
    make = cds_answering.cards

    def kept(situation: Any) -> Any:
        situations.append(situation)
        return make(situation)

    with doors.monkeypatch.context() as patched:
        patched.setattr(cds_answering, "cards", kept)
        doors.ward.call("patient-view", as_fhir(profile))
    outcomes = situations[0].estimate.outcomes
    major, hip = (outcomes[name].probability_10y for name in OUTCOMES)
    return major, hip


def by_table(doors: Doors, profile: Profile) -> Number:
    source, output = doors.folder / "one.csv", doors.folder / "scored.csv"
    row = {name: _typed(value) for name, value in profile.items()} | {"population": "gb"}
    with source.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        writer.writeheader()
        writer.writerow(row)
    call_command("score", str(source), str(output))
    with output.open(newline="") as file:
        (found,) = csv.DictReader(file)
    return float(found["major_osteoporotic_10y"]), float(found["hip_10y"])


DOORS: list[Callable[[Doors, Profile], Number]] = [
    by_form,
    by_scores,
    by_assessments,
    by_assess,
    by_assess_and_store,
    by_assess_all,
    by_imported_record,
    by_hook,
    by_table,
]


@pytest.fixture
def doors(
    owner: User, as_owner: Any, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Doors:
    settings.DATA_DIR = tmp_path
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    published_keys._held.clear()
    ward = RecordSystem()
    settings.CONNECTIONS_FILE.write_text(ward.entry(), encoding="utf-8")
    return Doors(owner, as_owner, ward, tmp_path, monkeypatch)


@pytest.mark.parametrize("who", PEOPLE)
def test_one_person_has_one_number_at_every_door(who: str, doors: Doors) -> None:
    profile = PEOPLE[who]
    point = EstimateOptions(explain=False, interval=False)
    engine = score({**profile, "population": "gb"}, options=point).estimates[0].outcomes
    expected = tuple(engine[name].probability_10y for name in OUTCOMES)
    found = {door.__name__: door(doors, profile) for door in DOORS}
    assert found == dict.fromkeys(found, expected)
    many_at_once = by_scores_without_reasons(doors, profile)
    assert many_at_once == pytest.approx(expected, rel=1e-14, abs=0)
