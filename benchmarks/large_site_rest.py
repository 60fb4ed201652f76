"""What lies around the people of a large site: queues, peers, staff, nights and what was let go."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from django.contrib.auth.models import User
from django.db import models, transaction

from benchmarks import large_site_kept as kept
from benchmarks.large_site_models import READER
from benchmarks.large_site_place import DAY, Site, leased_as
from benchmarks.large_site_rows import batches, prepared, written
from riskapp.models import (
    Arrival,
    ArrivedFile,
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
    RecordedOutcome,
    Restriction,
    RetentionRun,
    SharedLink,
    SignInSession,
    SitePrecision,
    TakenMessage,
)


def everything_else(patients: int, chance: Random) -> None:
    site = Site(patients, chance)
    for model, made in MAKE.items():
        for some in batches(made(site), 5_000):
            with transaction.atomic():
                if isinstance(model._meta.pk, models.AutoField):
                    for row in some:
                        row.pk = site.ids.new(model)
                written(model, [prepared(row) for row in some])


def _staff(site: Site) -> Iterator[User]:
    for i in site.share(0.003):
        yield User(username=f"person{i:04}", date_joined=site.ago())


def _memberships(site: Site) -> Iterator[Membership]:
    for user in User.objects.filter(membership=None):
        yield Membership(user=user, organisation=site.clinic, roles=["clinician"])


def _sessions(site: Site) -> Iterator[SignInSession]:
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


def _deliveries(site: Site) -> Iterator[Delivery]:
    for i in site.share(3):
        leased = leased_as(site, i, 100)
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


def _arrivals(site: Site) -> Iterator[Arrival]:
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


def _arrived_files(site: Site) -> Iterator[ArrivedFile]:
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


def _expected(site: Site) -> Iterator[ExpectedScan]:
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


def _dead_letters(site: Site) -> Iterator[DeadLetter]:
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


Made = Callable[[Site], Iterator[models.Model]]
MAKE: Mapping[type[models.Model], Made] = {
    User: _staff,
    Membership: _memberships,
    SignInSession: _sessions,
    Delivery: _deliveries,
    Arrival: _arrivals,
    ArrivedFile: _arrived_files,
    ExpectedScan: _expected,
    DeadLetter: _dead_letters,
    LegalHold: kept.holds,
    Restriction: kept.restrictions,
    EmergencyAccess: kept.emergency,
    Erasure: kept.erasures,
    CdsCard: kept.cards,
    CdsFeedback: kept.feedback,
    CohortFile: kept.cohorts,
    LaboratoryRun: kept.runs,
    RecordedOutcome: kept.outcomes,
    SharedLink: kept.links,
    TakenMessage: kept.messages,
    SitePrecision: kept.precisions,
    NightlyRun: kept.nights,
    RetentionRun: kept.let_go,
}
