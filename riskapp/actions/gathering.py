"""What is known of one patient that decides what they wait for, read from the record at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils import timezone

from riskapp.actions.serving import EVIDENCE
from riskapp.actions.stored_answers import evidence_of, not_this_person
from riskapp.exchange.scan_fields import BARRED_BY
from riskapp.models import Assessment, Discussion, Fracture, Patient, Scan, Treatment

# Any of these in an assessment's profile is bone density that is known.
DENSITY = tuple(
    f"{site}_{what}"
    for site in ("femoral_neck", "total_hip", "lumbar_spine")
    for what in ("bmd_g_cm2", "t_score")
)


@dataclass(frozen=True, slots=True)
class SeenScan:
    """One scan with its newest measurement."""

    id: UUID
    status: str
    reason: str
    uploaded_at: datetime
    number: int
    is_confirmed: bool
    result: Mapping[str, Any]
    is_passed_on: bool  # a person did something about what it shows by chance

    @property
    def is_pending(self) -> bool:
        return self.status in (Scan.Status.QUEUED, Scan.Status.MEASURING)

    @property
    def is_measured(self) -> bool:
        return self.status == Scan.Status.MEASURED

    @property
    def waits_to_be_confirmed(self) -> bool:
        return self.is_measured and not self.is_confirmed

    @property
    def modality(self) -> str:
        return str(self.result.get("kind", {}).get("modality", "unknown"))

    @property
    def done_on(self) -> date:
        """The day of the scan, else of its arrival."""
        told = (self.result.get("acquired") or {}).get("on")
        return date.fromisoformat(told) if told else timezone.localdate(self.uploaded_at)

    @property
    def to_look_at(self) -> int:
        """How many findings ask to be looked at; notes do not."""
        return sum(one["severity"] != "info" for one in self.result.get("quality", ()))

    @property
    def l1_hu(self) -> float | None:
        return next(
            (
                float(one["value"])
                for one in self.result.get("measurements", ())
                if one["name"] == "trabecular_attenuation_hu" and one["region"] == "L1"
            ),
            None,
        )

    @property
    def deformed(self) -> list[str]:
        """Vertebrae that the rule of heights flagged."""
        return [
            one["region"]
            for one in self.result.get("measurements", ())
            if one["name"] == "vertebral_deformity_grade" and one["value"] >= 1
        ]

    @property
    def held_back(self) -> list[str]:
        """Why attenuation is not to be compared with published thresholds."""
        barred = BARRED_BY["l1_attenuation_hu"]
        found = self.result.get("quality", ())
        return [one["code"] for one in found if one["severity"] == "stop" or one["code"] in barred]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One patient's record, what was struck out left aside; everything newest first."""

    patient: Patient
    scans: tuple[SeenScan, ...]
    assessment: Assessment | None  # the latest that published evidence answered, unless corrected
    corrected: Assessment | None  # it, where the record says since that it is for somebody else
    discussion: Discussion | None  # the latest of that assessment
    decision: Discussion | None  # the latest of any: a new assessment decides nothing by itself
    fractures: tuple[Fracture, ...]
    treatments: tuple[Treatment, ...]

    @cached_property
    def estimate(self) -> Mapping[str, Any] | None:
        return evidence_of(self.assessment) if self.assessment else None

    @property
    def own_guideline(self) -> Mapping[str, Any] | None:
        """What the guideline said that was asked first."""
        told = self.estimate.get("guidelines") if self.estimate else None
        return told[0] if told else None

    @property
    def is_treated(self) -> bool:
        return any(one.is_current for one in self.treatments)

    @cached_property
    def density_days(self) -> tuple[date, ...]:
        """Days on which bone density is known to have been measured."""
        days = [one.done_on for one in self.scans if one.is_measured and one.modality == "dxa"]
        profile = self.assessment.profile if self.assessment else {}
        if self.assessment and any(name in profile for name in DENSITY):
            told = profile.get("dxa_date")
            made = timezone.localdate(self.assessment.created_at)
            days.append(date.fromisoformat(told) if told else made)
        return tuple(days)

    @property
    def active_at(self) -> datetime:
        """When something last happened."""
        moments = [self.patient.registered_at]
        moments += [one.uploaded_at for one in self.scans]
        moments += [one.recorded_at for one in (*self.fractures, *self.treatments)]
        moments += [self.assessment.created_at] if self.assessment else []
        moments += [self.decision.at] if self.decision else []
        return max(moments)

    def is_news(self, at: datetime) -> bool:
        """Whether the latest assessment was made before this."""
        return self.assessment is None or at > self.assessment.created_at


def gather(patient: Patient) -> Record:
    """Read one patient's record."""
    # Of hundreds only the one is read.
    latest = patient.assessments.filter(model_ids__has_key=EVIDENCE).first()
    is_corrected = latest is not None and bool(not_this_person(latest))
    assessment = None if is_corrected else latest
    return Record(
        patient=patient,
        scans=tuple(
            _seen(scan) for scan in patient.scans.prefetch_related("versions", "radiology_steps")
        ),
        assessment=assessment,
        corrected=latest if is_corrected else None,
        discussion=assessment.discussions.standing().first() if assessment else None,
        decision=Discussion.objects.standing().filter(assessment__patient=patient).first(),
        fractures=tuple(patient.fractures.standing()),
        treatments=tuple(patient.treatments.standing()),
    )


def _seen(scan: Scan) -> SeenScan:
    newest = max(scan.versions.all(), key=lambda version: version.number, default=None)
    return SeenScan(
        id=scan.id,
        status=scan.status,
        reason=scan.reason,
        uploaded_at=scan.uploaded_at,
        number=newest.number if newest else 0,
        is_confirmed=newest is not None and newest.confirmed_at is not None,
        result=newest.result if newest else {},
        is_passed_on=bool(scan.radiology_steps.all()),
    )
