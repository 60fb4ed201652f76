"""Bone that was seen on CT by chance: listed, and passed on to a radiologist."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, OuterRef, Q, Subquery

from riskapp.actions import auditing, finding
from riskapp.actions.errors import NotFound, Refused
from riskapp.actions.looking import look_again, look_at_new
from riskapp.actions.paging import Paged
from riskapp.actions.permitting import Ability, check, needs
from riskapp.exchange.incidental import LOW_HU, THRESHOLDS
from riskapp.models import IncidentalFinding, RadiologyStep, Scan, search_word

Step = RadiologyStep.Step
OPEN, PASSED_ON, CLOSED = "open", "passed_on", "closed"
BECAUSE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Incidental:
    """What was found, ready to be cut into pages, and how many are in each state.

    ``is_complete`` says whether every record was looked at; others are soon (``looking``).
    """

    findings: Paged[IncidentalFinding]
    counts: Mapping[str, int]
    is_complete: bool


@needs(Ability.READ_ASSESSMENTS)
def incidental_findings(
    *, by: User, state: str = OPEN, below_hu: float = LOW_HU, matching: str = ""
) -> Incidental:
    """CTs of the organisation with low attenuation at L1, or a vertebra that lost height.

    Attenuation that may not be held against the threshold is listed too, as the page says why it
    may not.

    Raises
    ------
    Refused
        If there is no such state or threshold.
    """
    if state not in (OPEN, PASSED_ON, CLOSED):
        raise Refused({"state": f"state is one of {OPEN}, {PASSED_ON}, {CLOSED}."})
    if below_hu not in [one.hu for one in THRESHOLDS]:
        known = ", ".join(f"{one.hu:g}" for one in THRESHOLDS)
        raise Refused({"below": f"The published thresholds are {known} HU."})
    home = finding.organisation_of(by)
    is_complete = look_at_new(home)
    # Of few CTs it is asked whose they are, and not of all scans which of them are such.
    here = finding.belonging(IncidentalFinding.objects.all(), home.pk, "scan__organisation")
    if matching:
        check(by, Ability.FIND_PATIENTS)
        here = here.filter(search_word.matching(matching, "scan__patient"))
    latest = RadiologyStep.objects.filter(scan=OuterRef("scan")).values("step")[:1]
    found = (
        finding.within_bounds(by, here, "scan__patient")
        .filter(Q(l1_hu__lte=below_hu) | ~Q(deformed=[]))
        .annotate(step=Subquery(latest))
        .order_by("-scan__uploaded_at", "pk")
        .select_related("scan__patient")
        .prefetch_related("scan__radiology_steps__by")
    )
    wanted = {
        OPEN: Q(step=None),
        PASSED_ON: Q(step=Step.PASSED_ON),
        CLOSED: Q(step__in=[Step.REPORTED, Step.NO_ACTION]),
    }
    counted = {name: Count("pk", filter=which) for name, which in wanted.items()}
    counts = found.order_by().aggregate(**counted)
    shown = found.filter(wanted[state])
    return Incidental(Paged((shown, counts[state])), counts, is_complete)


@needs(Ability.ASSESS)
def mark_radiology(
    *, by: User, scan: Scan, step: str, because: str = "", id: UUID | None = None
) -> RadiologyStep:
    """Write down what became of an incidental finding.

    Asked twice with the same ``id``, or for what the last step says already, it writes one.

    Raises
    ------
    NotFound
        If the scan is another organisation's, or shows none.
    Refused
        If the step is not one, or a reason is missing or too long.
    """
    finding.scan(by=by, id=scan.id)
    if not IncidentalFinding.objects.filter(scan=scan).exists():
        raise NotFound("There is no such finding.")
    because = because.strip()
    problems = {}
    if step not in Step.values:
        problems["step"] = "Say what was done."
    if step == Step.NO_ACTION and not because:
        problems["because"] = "Say why no action is needed."
    if len(because) > BECAUSE_LENGTH:
        problems["because"] = f"At most {BECAUSE_LENGTH} characters fit."
    if not because.isprintable():
        problems["because"] = "The reason contains characters that cannot be stored."
    if problems:
        raise Refused(problems)
    with transaction.atomic():
        scan = Scan.objects.select_for_update().get(id=scan.id)
        last = scan.radiology_steps.first()
        if last is not None and (last.step, last.because) == (step, because):
            return last
        same_form = scan.radiology_steps.filter(form=id, step=step) if id is not None else ()
        for before in same_form:
            if before.because == because:
                return before
        made = RadiologyStep.objects.create(scan=scan, step=step, because=because, form=id, by=by)
        auditing.record(
            by=by, action=f"scan.radiology.{step}", target=scan.id, patient=scan.patient_id
        )
        look_again(scan.patient_id)
    return made
