"""What lies around the people of a large site: queues, peers, staff, nights and what was let go."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from benchmarks.large_site_models import CLINIC, READER
from benchmarks.large_site_rows import Ids, batches, prepared, written
from riskapp.models import (
    Arrival,
    ArrivedFile,
    Assessment,
    CdsCard,
    CdsFeedback,
    CohortFile,
    DeadLetter,
    Delivery,
    EmergencyAccess,
    Erasure,
    ExpectedScan,
    LaboratoryRun,
    LegalHold,
    Membership,
    NightlyRun,
    Organisation,
    Patient,
    RecordedOutcome,
    Restriction,
    RetentionRun,
    SharedLink,
    SignInSession,
    SitePrecision,
    TakenMessage,
)

DAY = timedelta(days=1)
YEARS = 5 * 365


class _Site:
    """Who is there to be pointed at, and a chance that is the same each time."""

    def __init__(self, patients: int, chance: Random) -> None:
        self.many, self.chance, self.ids = patients, chance, Ids(chance)
        self.clinic = Organisation.objects.get(name=CLINIC)
        self.reader = User.objects.get(username=READER)
        of_clinic = Patient.objects.filter(organisation=self.clinic)
        self.people = list(of_clinic.values_list("pk", flat=True))
        self.assessments = list(Assessment.objects.values_list("pk", flat=True)[: patients // 5])
        self.now = timezone.now()

    def share(self, of_people: float) -> range:
        return range(max(1, int(of_people * self.many)))

    def some(self, rows: list[Any]) -> Any:
        return self.chance.choice(rows)

    def ago(self, days: float = YEARS) -> datetime:
        return self.now - self.chance.random() * days * DAY

    def digest(self) -> str:
        return hashlib.sha256(self.chance.randbytes(16)).hexdigest()

    def id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)


def everything_else(patients: int, chance: Random) -> None:
    site = _Site(patients, chance)
    for model, made in MAKE.items():
        for some in batches(made(site), 5_000):
            with transaction.atomic():
                if isinstance(model._meta.pk, models.AutoField):
                    for row in some:
                        row.pk = site.ids.new(model)
                written(model, [prepared(row) for row in some])


def _staff(site: _Site) -> Iterator[User]:
    for i in site.share(0.003):
        yield User(username=f"person{i:04}", date_joined=site.ago())


def _memberships(site: _Site) -> Iterator[Membership]:
    for user in User.objects.filter(membership=None):
        yield Membership(user=user, organisation=site.clinic, roles=["clinician"])


def _sessions(site: _Site) -> Iterator[SignInSession]:
    users = list(User.objects.values_list("pk", flat=True))
    for i in site.share(0.5):
        at = site.ago(365)
        yield SignInSession(
            id=site.id(),
            user_id=site.some(users),
            how="password",
            device="Firefox on Linux",
            address="192.0.2.1",
            began_at=at,
            seen_at=at,
            confirmed_at=at,
            ended_at=None if i % 200 == 0 else at,
            why_ended="" if i % 200 == 0 else "idle",
        )


def _leased(site: _Site, i: int, waits_of: int) -> dict[str, Any]:
    """Of so many one waits; of ten times as many one was given up."""
    at = site.ago()
    waits, dead = i % waits_of == 0, i % (10 * waits_of) == 1
    return {
        "id": site.id(),
        "status": "queued" if waits else "dead" if dead else "done",
        "asked_by_id": site.reader.pk,
        "asked_at": at,
        "run_after": at,
        "claims": 1,
    }


def _deliveries(site: _Site) -> Iterator[Delivery]:
    for i in site.share(3):
        leased = _leased(site, i, 100)
        done = leased["status"] == "done"
        yield Delivery(
            **leased,
            organisation=site.clinic,
            kind="webhook" if i % 3 else "result",
            destination="record",
            target=str(site.id()),
            payload={"event": "assessment.created", "id": str(site.id())},
            confirmed_at=leased["asked_at"] if done else None,
        )


def _arrivals(site: _Site) -> Iterator[Arrival]:
    for i in site.share(0.5):
        at, waits = site.ago(), i % 150 == 0
        yield Arrival(
            id=site.id(),
            organisation=site.clinic,
            source="sender:ct-1",
            received_by=site.reader,
            study_uid=f"2.25.{site.id().int}",
            status="waiting" if waits else "filed",
            first_at=at,
            last_at=at,
            due_at=at,
            reason="Nobody here has this number." if waits else "",
            identifier=f"X-{i}" if waits else "",
            name="Somebody^Else" if waits else "",
            patient_id=None if waits else site.some(site.people),
        )


def _arrived_files(site: _Site) -> Iterator[ArrivedFile]:
    for arrival in Arrival.objects.values_list("pk", flat=True):
        for _ in range(2):
            yield ArrivedFile(
                arrival_id=arrival,
                size_bytes=500_000,
                content_sha256=site.digest(),
                head_sha256=site.digest(),
                source="sender:ct-1",
                sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
                instance_uid=f"2.25.{site.id().int}",
                series_uid=f"2.25.{site.id().int}",
                modality="CT",
                received_at=site.now,
            )


def _expected(site: _Site) -> Iterator[ExpectedScan]:
    for i in site.share(0.3):
        at = site.ago()
        yield ExpectedScan(
            id=site.id(),
            organisation=site.clinic,
            patient_id=site.some(site.people),
            accession_number=f"ACC-{i}",
            procedure="DXA spine and hip",
            modality="DX",
            planned_on=(at + 20 * DAY).date(),
            source="worklist:ris",
            told_at=at,
            told_by=site.reader,
            arrived_at=at + 20 * DAY if i % 15 else None,
        )


def _dead_letters(site: _Site) -> Iterator[DeadLetter]:
    for i in site.share(0.05):
        at, is_open = site.ago(), i % 10 == 0
        yield DeadLetter(
            id=site.id(),
            organisation=site.clinic,
            kind="delivery",
            target=str(site.id()),
            problem="The peer did not take it within a week.",
            tries=170,
            first_at=at - 7 * DAY,
            at=at,
            settled_at=None if is_open else at + DAY,
            settled_by="" if is_open else READER,
            outcome="" if is_open else "dropped",
        )


def _holds(site: _Site) -> Iterator[LegalHold]:
    for i, patient in enumerate(site.people[: len(site.share(0.01))]):
        at, by = site.ago(), site.reader
        lifted = {"lifted_at": at + DAY, "lifted_by": by, "lifted_because": "The case is closed."}
        because = "A court asked for this record."
        yield LegalHold(
            patient_id=patient, because=because, at=at, by=by, **(lifted if i % 3 else {})
        )


def _restrictions(site: _Site) -> Iterator[Restriction]:
    for patient in site.people[-len(site.share(0.01)) :]:
        yield Restriction(patient_id=patient, made_at=site.ago())


def _emergency(site: _Site) -> Iterator[EmergencyAccess]:
    for i in site.share(0.05):
        at = site.ago()
        yield EmergencyAccess(
            id=site.id(),
            patient_id=site.people[-1 - i % len(site.share(0.01))],
            user=site.reader,
            reason="emergency",
            words="Brought in after a fall.",
            opened_at=at,
            ends_at=at + timedelta(hours=4),
            reviewed_by=site.reader if i % 20 else None,
            reviewed_at=at + DAY if i % 20 else None,
            verdict="justified" if i % 20 else "",
        )


def _erasures(site: _Site) -> Iterator[Erasure]:
    for i in site.share(0.02):
        at = site.ago()
        yield Erasure(
            id=site.id(),
            organisation=site.clinic,
            patient_id=site.id(),
            number_hash=site.digest(),
            because="asked_for",
            asked_by=site.reader,
            asked_at=at,
            confirmed_by=site.reader if i % 100 else None,
            erased_at=at + DAY if i % 100 else None,
            certificate={"rows": {"Patient": 1}} if i % 100 else None,
        )


def _cards(site: _Site) -> Iterator[CdsCard]:
    for _ in site.share(2):
        yield CdsCard(
            uuid=site.id(),
            organisation=site.clinic,
            client="record",
            service="fracture-risk",
            kind=site.some(["risk", "missing"]),
            shown_on=site.ago().date(),
        )


def _feedback(site: _Site) -> Iterator[CdsFeedback]:
    cards = CdsCard.objects.values_list("pk", flat=True)[: len(site.share(0.5))]
    for card in cards:
        at = site.ago()
        yield CdsFeedback(
            card_id=card,
            outcome=site.some(["accepted", "overridden"]),
            happened_at=at,
            received_at=at,
            digest=site.digest(),
        )


def _cohorts(site: _Site) -> Iterator[CohortFile]:
    for i in site.share(0.002):
        yield CohortFile(
            id=site.id(),
            organisation=site.clinic,
            name=f"cohort-{i}.csv",
            suffix=".csv",
            sha256=site.digest(),
            size_bytes=10**6,
            uploaded_by=site.reader,
            uploaded_at=site.ago(),
            status="accepted",
        )


def _runs(site: _Site) -> Iterator[LaboratoryRun]:
    cohorts = list(CohortFile.objects.values_list("pk", flat=True))
    for i in site.share(0.02):
        kind = ("check", "train", "evaluate")[i % 3]
        leased = _leased(site, i, 500)
        ended = None if leased["status"] == "queued" else leased["asked_at"]
        yield LaboratoryRun(
            **leased,
            organisation=site.clinic,
            kind=kind,
            cohort_id=site.some(cohorts),
            engines=["cox"],
            ended_at=ended,
        )


def _outcomes(site: _Site) -> Iterator[RecordedOutcome]:
    for patient in site.people[: len(site.share(0.5))]:
        at = site.ago()
        yield RecordedOutcome(
            patient_id=patient,
            outcome=site.some(["hip", "none", "death"]),
            on=at.date(),
            recorded_at=at,
            recorded_by=site.reader,
        )


def _links(site: _Site) -> Iterator[SharedLink]:
    for assessment in site.assessments:
        at = site.ago()
        yield SharedLink(
            id=site.id(),
            assessment_id=assessment,
            token_sha256=site.digest(),
            created_at=at,
            created_by=site.reader,
            expires_at=at + 30 * DAY,
        )


def _messages(site: _Site) -> Iterator[TakenMessage]:
    for i in site.share(1):
        yield TakenMessage(
            organisation=site.clinic,
            source="adt",
            control_id=str(i),
            sha256=site.digest(),
            kind="ADT^A08",
            answer="MSA|AA",
            taken_at=site.ago(30),
        )


def _precisions(site: _Site) -> Iterator[SitePrecision]:
    for _ in site.share(0.002):
        at = site.ago()
        yield SitePrecision(
            organisation=site.clinic,
            manufacturer="GE",
            region="lumbar_spine",
            studied_on=at.date(),
            people=30,
            degrees=30,
            mean=1.0,
            sd=0.01,
            recorded_at=at,
            recorded_by=site.reader,
        )


def _nights(site: _Site) -> Iterator[NightlyRun]:
    for i in range(YEARS):
        at = site.now - i * DAY
        for task in ("database", "trail", "erasures", "retention"):
            yield NightlyRun(
                id=site.id(),
                task=task,
                night=at.date(),
                started_at=at,
                ended_at=at,
                is_well=True,
                status="done",
                sentence="All is well.",
            )


def _let_go(site: _Site) -> Iterator[RetentionRun]:
    for i in range(YEARS):
        certificate = {"counts": {"sessions": 12}}
        yield RetentionRun(id=site.id(), at=site.now - i * DAY, certificate=certificate)


Made = Callable[[_Site], Iterator[models.Model]]
MAKE: Mapping[type[models.Model], Made] = {
    User: _staff,
    Membership: _memberships,
    SignInSession: _sessions,
    Delivery: _deliveries,
    Arrival: _arrivals,
    ArrivedFile: _arrived_files,
    ExpectedScan: _expected,
    DeadLetter: _dead_letters,
    LegalHold: _holds,
    Restriction: _restrictions,
    EmergencyAccess: _emergency,
    Erasure: _erasures,
    CdsCard: _cards,
    CdsFeedback: _feedback,
    CohortFile: _cohorts,
    LaboratoryRun: _runs,
    RecordedOutcome: _outcomes,
    SharedLink: _links,
    TakenMessage: _messages,
    SitePrecision: _precisions,
    NightlyRun: _nights,
    RetentionRun: _let_go,
}
