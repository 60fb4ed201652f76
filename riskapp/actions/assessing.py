"""The one way an assessment comes into being, whichever door asked for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp import __version__, metrics
from riskapp.actions import auditing
from riskapp.actions.announcing import announce
from riskapp.actions.choosing import NOT_CONFIRMED, used_measurements
from riskapp.actions.comparing import other_evidence
from riskapp.actions.completing_answers import TYPED, with_known
from riskapp.actions.errors import Refused
from riskapp.actions.finding import patient as find_patient
from riskapp.actions.finding import scan as find_scan
from riskapp.actions.impressions import IMPRESSIONS, NOT_ONE
from riskapp.actions.looking import look_again
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.scoring import DEFAULT_ENGINES, EVIDENCE, Scored, score
from riskapp.actions.sending_results import promise_results
from riskapp.actions.serving import site_columns
from riskapp.actions.stored_answers import AGE_TOLERANCE_YEARS, signed, site_values_json
from riskapp.actions.turns import wait_for_turn
from riskapp.actions.versions import tables_hash, versions
from riskapp.exchange.assessment_json import estimate_json, profile_json
from riskapp.exchange.reading import number
from riskapp.exchange.scan_fields import profile_fields, reasons_against
from riskapp.models import Assessment, Patient, Scan
from riskapp.risk.errors import OutsideModelRange
from riskapp.risk.estimate import EstimateOptions

NOT_FOR_RECORDS = (
    "Reading unknown answers as no is for comparison only and is not stored with a patient; "
    "leave them unknown, or ask for scores."
)


@needs(Ability.ASSESS)
def assess(
    *,
    by: User,
    patient: Patient,
    answers: Mapping[str, object],
    scans: Sequence[Scan] = (),
    considered: Sequence[Scan] = (),
    measurements: Mapping[str, str] | None = None,
    left_blank: Collection[str] = (),
    engines: Sequence[str] = DEFAULT_ENGINES,
    options: EstimateOptions | None = None,
    clamp_age: bool = False,
    own_impression: str = "",
    id: UUID | None = None,
) -> Assessment:
    """Estimate, store and audit, in one transaction.

    Asked twice with the same ``id`` for the same person and record, it stores once and returns
    what it stored.

    What is not answered is taken from the newest suitable measurement of the scans, or from the
    one that ``measurements`` names for a slot (``none`` for none), and age, sex, fractures and
    treatment from the patient's record, unless they are ``left_blank`` by somebody who saw them;
    where each value came from, and why other measurements were passed over, is stored beside it.
    ``considered`` are further scans to choose from, of which nothing is said if they give nothing.
    Published epidemiology always answers, and first: pages and patients are shown it.

    Raises
    ------
    NotFound
        If the patient or a scan is another organisation's.
    Refused
        If a scan is another patient's, a measurement that was chosen cannot be used, the answers
        contradict the patient's record, or unknown answers were to be read as no: that is for
        comparison and not for a person's record.
    RiskError
        If the answers cannot be used. Nothing is stored then.
    """
    find_patient(by=by, id=patient.id)
    options = options or EstimateOptions()
    if own_impression and own_impression not in IMPRESSIONS:
        raise Refused({"own_impression": NOT_ONE})
    if options.unknown_as_no:
        raise Refused({"unknown_as_no": NOT_FOR_RECORDS})
    known = with_known(
        patient=patient,
        answers=answers,
        scans=_own(by, patient, list({one.id: one for one in (*considered, *scans)}.values())),
        measurements=measurements,
        left_blank=left_blank,
    )
    scored = score_for(
        patient=patient,
        complete=known.answers,
        engines=(EVIDENCE, *engines),
        options=options,
        clamp_age=clamp_age,
    )
    if EVIDENCE in scored.silent:
        raise OutsideModelRange(scored.silent[EVIDENCE])
    profile = profile_json(scored.profile)
    own = site_values_json(scored.profile, site_columns(patient.organisation_id))
    used = versions({one.engine: one.model_id for one in scored.estimates})
    with transaction.atomic():
        if id:
            wait_for_turn("assessment", id)
        assessment, is_new = Assessment.objects.get_or_create(
            id=_unused_unlesssame_answer(id, patient, profile, own),
            defaults={
                "patient": patient,
                "created_by": by,
                "profile": profile,
                "site_values": own,
                "provenance": {field: known.origins.get(field, TYPED) for field in profile},
                "measurements": used_measurements(known.choice),
                "estimates": [estimate_json(estimate) for estimate in scored.estimates],
                "warnings": [*scored.warnings, *scored.silent.values(), *_not_used(scans)],
                "evidence_set": options.evidence_set,
                "other_evidence": other_evidence(scored.profile, options),
                "model_ids": {one.engine: one.model_id for one in scored.estimates},
                "versions": used,
                "options": asdict(options),
                "software_version": __version__,
                "own_impression": own_impression,
            },
        )
        if is_new:
            assessment.scans.set(scans)
            auditing.record(
                by=by,
                action="assessment.create",
                target=assessment.id,
                patient=patient.id,
                content=signed(assessment),
                detail={"models": assessment.model_ids, "tables": tables_hash()},
            )
            look_again(patient.id)
            announce(
                "assessment.created",
                by=by,
                organisation=patient.organisation,
                once=assessment.id,
                assessment=assessment.id,
                patient=patient.id,
            )
            promise_results(assessment)
    if is_new:
        for engine in assessment.model_ids:
            metrics.ESTIMATES.labels(engine).inc()
    return assessment


def _unused_unlesssame_answer(
    id: UUID | None,
    patient: Patient,
    profile: Mapping[str, object],
    own: Sequence[Mapping[str, object]],
) -> UUID:
    """The id asked for, or a new one where that id already stands for something else."""
    taken = Assessment.objects.filter(id=id).first() if id else None
    same = (patient.id, profile, own)
    if id is None or (taken and (taken.patient_id, taken.profile, taken.site_values) != same):
        return uuid4()
    return id


def score_for(
    *,
    patient: Patient,
    complete: Mapping[str, object],
    engines: Sequence[str] = DEFAULT_ENGINES,
    options: EstimateOptions | None = None,
    clamp_age: bool = False,
) -> Scored:
    """Estimate for a person with a record, from answers completed by ``with_known``.

    Nothing is stored. A number shown beside a name has to be that person's, saved or not.

    Raises
    ------
    Refused
        If the answers contradict the patient's record.
    RiskError
        If the answers cannot be used.
    """
    scored = score(
        complete,
        engines=engines,
        options=options,
        clamp_age=clamp_age,
        organisation_id=patient.organisation_id,
    )
    _check_person(patient, scored, complete)
    return scored


def _own(by: User, patient: Patient, scans: Sequence[Scan]) -> list[Scan]:
    found = [find_scan(by=by, id=scan.id) for scan in scans]
    if any(scan.patient_id != patient.id for scan in found):
        raise Refused({"scans": "One of the scans is another patient’s."})
    if any(scan.is_pending for scan in found):
        raise Refused({"scans": "One of the scans is still being measured; try again later."})
    return found


def _not_used(scans: Sequence[Scan]) -> list[str]:
    """A sentence for each scan that was named and gave nothing."""
    reasons = {scan.id: _why_not_used(scan) for scan in scans}
    return [f"Scan {id} is not used: {reason}" for id, reason in reasons.items() if reason]


def _why_not_used(scan: Scan) -> str:
    if scan.status != Scan.Status.MEASURED:
        return scan.reason or "there is no measurement."
    version = scan.confirmed_version
    if version is None:
        return f"{NOT_CONFIRMED}."
    if profile_fields(version.measurement, scan.patient.sex):
        return ""
    held = reasons_against(version.measurement, scan.patient.sex)
    return f"{'; '.join(held)}." if held else "it measured nothing for the record."


def _check_person(patient: Patient, scored: Scored, answers: Mapping[str, object]) -> None:
    """A number must not stand under another person: sex and age have to fit the record."""
    problems = {}
    if scored.profile.sex.value != patient.sex:
        problems["sex"] = f"The patient’s record says {patient.sex}; correct one of the two."
    # As answered: the profile's own age may have been moved to the nearest age covered.
    age_years = patient.age_years_on(timezone.localdate())
    if not abs(number(answers["age_years"]) - age_years) <= AGE_TOLERANCE_YEARS:
        problems["age_years"] = (
            f"The patient’s date of birth gives an age of {age_years}; correct one of the two."
        )
    if problems:
        raise Refused(problems)
