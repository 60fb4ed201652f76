"""A clinic in which everything has happened, in every state that a thing can be in."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone

from riskapp.actions import registry, run_queue, running, shadowing
from riskapp.actions.assessing import assess
from riskapp.actions.cohort_files import take_cohort
from riskapp.actions.confirming import confirm
from riskapp.actions.discussing import record_discussion
from riskapp.actions.identifying import HELD
from riskapp.actions.looking import look_again
from riskapp.actions.queueing import DEAD
from riskapp.actions.recording_events import record_fracture, record_treatment
from riskapp.actions.registering import register_patient
from riskapp.models import (
    CohortFile,
    Erasure,
    LaboratoryRun,
    LegalHold,
    MonitoringSnapshot,
    Passkey,
    Patient,
    RegisteredModel,
    Scan,
    ScanIdentity,
)
from tests.model_copies import copied_model
from tests.web.archive_stories import tell_of_archive
from tests.web.arrived_stories import tell_of_arrivals
from tests.web.connected_stories import tell_of_connections, tell_of_launches
from tests.web.phantom_scans import phantom_scan
from tests.web.scans import stored_scan
from tests.web.story_archive import NUMBER
from tests.web.test_changes_page import density

FULL = {
    "population": "gb",
    "weight_kg": "61.5",
    "height_cm": "160",
    "prior_fragility_fracture": "true",
    "parent_hip_fracture": "true",
    "current_smoker": "false",
    "glucocorticoids": "true",
    "rheumatoid_arthritis": "false",
    "secondary_osteoporosis": "false",
    "alcohol_3_or_more_units_daily": "false",
    "femoral_neck_t_score": "-2.6",
    "falls_last_year": "2",
    "type_2_diabetes_years": "6",
    "postmenopausal": "true",
}
REPORT = {
    "people": 1207,
    "rows": 1300,
    "trained_on": "simulated",
    "populations": {"gb": 1207},
    "left_out": {"no sex is given": 3},
    "remarks": ["Follow-up is short."],
    "outcomes": {
        "hip": {
            "events": 54,
            "person_years": 7012.3,
            "median_years_observed": 5.8,
            "longest_years": 10.0,
        },
        "major_osteoporotic": {"events": "fewer than 10"},
    },
    "columns": [
        {"name": "femoral_neck_t_score", "known_share": 0.91, "percentiles_5_50_95": [-3, -1, 1]},
        {"name": "grip", "label": "Grip strength", "declared_by_site": True, "known_share": None},
    ],
}
HORIZON = {"manufacturer": "hologic", "model": "Horizon"}
SPUR = {
    "code": "spur", "severity": "warning", "advice": "Look at L4 again.", "regions": ["L4"],
}  # fmt: skip


def scanned(day: str, **scanner: str) -> dict[str, Any]:
    """When and by what a scan says that it was made."""
    return {"acquired": {"on": day, "manufacturer": None, "t_reference": None} | scanner}


class Stories:
    """Writes the stories of one clinic, one after another."""

    def __init__(self, clinician: User, statistician: User, second: User) -> None:
        self.clinician, self.statistician, self.second = clinician, statistician, second
        self.people: list[Patient] = []

    def _hold_a_passkey(self) -> None:
        """Nobody signs in as the clinician by password, after which it would be asked for."""
        Passkey.objects.create(
            user=self.clinician,
            name="Phone",
            credential_id="of-the-clinician",
            public_key="none",
            user_handle="none",
            made_at=timezone.now(),
        )

    def tell(self, model_folder: Path, archive: str = "") -> None:
        """Everything; with the address of an archive (``archive_of_stories``) also its pages."""
        self._hold_a_passkey()
        self._scans()
        self._assessments()
        tell_of_connections(self.clinician, self.people[1])
        tell_of_arrivals(self.clinician, self.people[1])
        tell_of_launches(self.statistician, self.people[-1])
        if archive:
            there = next(one for one in self.people if one.record_number == NUMBER)
            tell_of_archive(self.clinician, there, archive)
        self._cohorts()
        self._models(model_folder)
        self._runs()
        self._held_and_to_be_erased()

    def _held_and_to_be_erased(self) -> None:
        boss, held, goes = self.second, self.people[0], self.people[1]
        LegalHold.objects.create(patient=held, because="A court asks for it.", by=boss)
        Erasure.objects.create(
            patient_id=goes.pk, organisation=goes.organisation, because="asked", asked_by=boss
        )

    def _person(self, name: str, sex: str = "female", born: str = "1953-02-11") -> Patient:
        patient = register_patient(
            by=self.clinician,
            name=name,
            record_number=f"R-{len(self.people):03}",
            date_of_birth=date.fromisoformat(born),
            sex=sex,
        )
        self.people.append(patient)
        return patient

    def _scans(self) -> None:
        self._person("Nora Nothing")
        for status in ("queued", "measuring", "refused", "unreadable"):
            reason = "The picture shows no spine" if status in ("refused", "unreadable") else ""
            stored_scan(self._person(f"{status.title()} Scan"), self.clinician, status, reason)
        self._without_measurement("Fay Failed", Scan.Status.FAILED, DEAD)
        held = self._without_measurement("Mia Mismatch", Scan.Status.MISMATCH, HELD)
        ScanIdentity.objects.create(
            scan=held,
            identifier="ZZ-9",
            name="Other^Person",
            birth_date=date(1940, 2, 3),
            sex="female",
        )
        phantom_scan(self._person("Mea Measured"), self.clinician, "spine", quality=[SPUR])
        self._confirmed(self._person("Ct Measured", "male"), "ct", **scanned("2026-03-04"))
        phantom_scan(self._person("Hip Measured"), self.clinician, "hip")
        self._confirmed(self._person("Cora Confirmed"), "spine")
        twice = self._person("Vera Visits")
        for drawn, day, neck in (("hip", "2021-03-12", 0.627), ("hip later", "2023-03-12", 0.580)):
            told = [density("femoral_neck_left", neck), density("total_hip_left", 0.801)]
            self._confirmed(twice, drawn, measurements=told, **scanned(day, **HORIZON))
        assess(by=self.clinician, patient=twice, answers={"population": "gb"})

    def _confirmed(self, patient: Patient, drawn: str, **changes: Any) -> None:
        scan = phantom_scan(patient, self.clinician, drawn, **changes)
        confirm(by=self.clinician, scan=scan, number=1)

    def _without_measurement(self, name: str, status: str, reason: str) -> Scan:
        scan = stored_scan(self._person(name), self.clinician, "queued")
        Scan.objects.filter(pk=scan.pk).update(status=status, reason=reason)
        look_again(scan.patient_id)
        return scan

    def _assessments(self) -> None:
        for name, sex, answers, more in (
            ("Flora Few", "female", {"population": "gb"}, {}),
            ("Fiona Full", "female", FULL, {}),
            ("Max Man", "male", {**FULL, "population": "us-white", "postmenopausal": ""}, {}),
            (
                "Tess <b>Treated</b> & “So”",
                "female",
                {**FULL, "osteoporosis_treatment": "oral_bisphosphonate"},
                {},
            ),
            ("Lena Learned", "female", FULL, {"engines": ["cox"]}),
            ("Else Engines", "female", FULL, {"engines": ["evidence", "cox"]}),
        ):
            assess(by=self.clinician, patient=self._person(name, sex), answers=answers, **more)
        late = self._person("Ola Old", born="1929-01-01")
        phantom_scan(late, self.clinician, "spine")
        again = self._person("Ada Again")
        for weight in ("50", "62"):
            assess(by=self.clinician, patient=again, answers={**FULL, "weight_kg": weight})

        self._events(again)

    def _events(self, patient: Patient) -> None:
        """A fracture that counts and one that may not, a course that ended and one that goes on."""
        told = {"by": self.clinician, "patient": patient}
        record_fracture(**told, site="forearm", happened_on="2019-03", is_fragility=True)
        record_fracture(**told, site="vertebra", happened_on="2022")
        record_treatment(
            **told, agent="raloxifene", started_on="2019", ended_on="2020-05-06", why_ended="other"
        )
        record_treatment(**told, agent="denosumab", started_on="2025-01-15")
        latest = patient.assessments.first()
        record_discussion(by=self.clinician, assessment=latest, decided="decide_later")

    def _cohorts(self) -> None:
        for status in CohortFile.Status.values:
            table = ContentFile(b"age_years,sex\n70,female\n", name=f"{status}.csv")
            cohort = take_cohort(by=self.statistician, table=table)
            CohortFile.objects.filter(pk=cohort.pk).update(
                status=status,
                report=REPORT if status in ("usable", "deleted") else {},
                reason="Something here knows the future: grip." if status == "refused" else "",
                deleted_at=timezone.now() if status == "deleted" else None,
            )
        LaboratoryRun.objects.exclude(cohort__status="checking").update(
            status="done", ended_at=timezone.now()
        )

    def _models(self, folder: Path) -> None:
        for name, steps in {
            "new": (),
            "approved": ("approve",),
            "serving": ("approve", "serve"),
            "in-shadow": ("shadow",),
            "retired": ("retire",),
            "changed": (),
        }.items():
            copied_model(folder, f"clinic-{name}")
            model = registry.adopt(by=self.statistician, model_id=f"clinic-{name}")
            for step in steps:
                registry.change(by=self.second, model=model, step=step, why="Looked at it.")
                model.refresh_from_db()
            self._snapshots(model)
        (folder / "clinic-changed" / "card.md").write_text("Excellent.", encoding="utf-8")
        while shadowing.score_shadows():
            pass

    def _snapshots(self, model: RegisteredModel) -> None:
        finding = {"name": "age_years", "kind": "input", "value": "0.31", "limits": "0.1, 0.25"}
        for verdict in MonitoringSnapshot.Verdict.values:
            said = {"verdict": verdict, "sentence": "The people are older than those it knew."}
            MonitoringSnapshot.objects.create(
                model=model,
                first_day=date(2026, 1, 2),
                last_day=date(2026, 6, 2),
                assessments=120,
                findings=[finding | said],
                verdict=verdict,
            )

    def _runs(self) -> None:
        usable = CohortFile.objects.get(status="usable")
        model = RegisteredModel.objects.get(model_id="clinic-new")
        ask: dict[str, Callable[..., LaboratoryRun]] = {
            "waiting": run_queue.ask_for_training,
            "running": run_queue.ask_for_training,
            "failed": run_queue.ask_for_training,
        }
        for number, (state, asked) in enumerate(ask.items()):
            run = asked(
                by=self.statistician, cohort=usable, engines=["cox"], model_id=f"run-{number}"
            )
            told: dict[str, Any] = {
                "waiting": {},
                "running": {"status": "running", "done_share": 0.4, "doing": "Fitting cox"},
                "failed": {"status": "dead", "reason": run_queue.DEAD, "ended_at": timezone.now()},
            }[state]
            LaboratoryRun.objects.filter(pk=run.pk).update(**told)
        moved = run_queue.ask_for_recalibration(
            by=self.statistician, model=model, cohort=usable, model_id="clinic-moved"
        )
        run_queue.cancel(by=self.statistician, run=moved)
        run_queue.ask_for_monitoring(by=self.statistician, model=model)
        judged = run_queue.ask_for_report(
            by=self.statistician, cohort=usable, outcome="hip", engines=[], model=model
        )
        LaboratoryRun.objects.filter(pk=judged.pk).update(
            status="done", started_at=timezone.now() - timedelta(hours=1), ended_at=timezone.now()
        )
        folder = running.folder_of(judged)
        folder.mkdir(parents=True)
        (folder / running.REPORT).write_text("<p>C 0.81</p>", encoding="utf-8")
