"""What is known here of one person, as FHIR's answer; nothing is stored."""

from dataclasses import asdict
from uuid import uuid4

from django.utils import timezone

from riskapp import __version__
from riskapp.actions.assessing import score_for
from riskapp.actions.choosing import looked_at, used_measurements
from riskapp.actions.completing_answers import with_known
from riskapp.actions.errors import Refused
from riskapp.actions.fhir.assessing import NO_POPULATION
from riskapp.actions.fhir.site import server_of
from riskapp.actions.fhir.telling import assessed_of
from riskapp.exchange.assessment_json import estimate_json, profile_json
from riskapp.exchange.fhir.writing.bundle import containing, versioned
from riskapp.exchange.fhir.writing.codes import Json
from riskapp.exchange.fhir.writing.device import device
from riskapp.exchange.fhir.writing.outcome import Issue, outcome
from riskapp.exchange.fhir.writing.risk_assessment import risk_assessment
from riskapp.models import Assessment, BulkAnswer, Patient
from riskapp.risk.errors import RiskError
from riskapp.risk.estimate import EstimateOptions


def resource_for(work: BulkAnswer, patient: Patient) -> Json:
    """The person's RiskAssessment; where there can be none, an OperationOutcome that says why."""
    try:
        about = assessed_of(_assessed(work, patient))
    except (RiskError, Refused) as refusal:
        sentences = getattr(refusal, "by_field", {}).values() or [str(refusal)]
        person = f"Patient/{patient.id}"
        return outcome(Issue(f"{person}: {one}", "", "business-rule") for one in sentences)
    soft = device(about.software_version, about.engine, str(about.estimate["model_id"]))
    return versioned(containing(risk_assessment(about, with_observations=False), [soft]))


def _assessed(work: BulkAnswer, patient: Patient) -> Assessment:
    """An assessment from what is known here of the person, not stored.

    Raises
    ------
    Refused, RiskError
        If what is known cannot be answered.
    """
    wanted = work.wanted
    given = {"population": wanted["population"]} if wanted["population"] else {}
    known = with_known(patient=patient, answers=given, scans=looked_at(patient))
    complete, origins = dict(known.answers), dict(known.origins)
    if not complete.get("population"):
        server = server_of(work.organisation)
        if server is None or not server.population:
            raise Refused({"population": NO_POPULATION})
        complete["population"] = server.population
    options = EstimateOptions(evidence_set=wanted["evidence_set"], guideline=wanted["guideline"])
    scored = score_for(
        patient=patient, complete=complete, options=options, clamp_age=wanted["clamp_age"]
    )
    profile = profile_json(scored.profile)
    return Assessment(
        id=uuid4(),
        patient=patient,
        created_at=timezone.now(),
        created_by=work.asked_by,
        profile=profile,
        provenance={field: origins.get(field, "typed") for field in profile},
        measurements=used_measurements(known.choice),
        estimates=[estimate_json(one) for one in scored.estimates],
        warnings=[*scored.warnings, *scored.silent.values()],
        evidence_set=options.evidence_set,
        model_ids={one.engine: one.model_id for one in scored.estimates},
        options=asdict(options),
        software_version=__version__,
    )
