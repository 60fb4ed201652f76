"""What a large site keeps of its nights, its laboratory, its advice and its closed records."""

from collections.abc import Iterator
from datetime import timedelta

from benchmarks.large_site_place import DAY, YEARS, Site, leased_as
from riskapp.exchange.cds_codes import Kind
from riskapp.models import (
    CdsCard,
    CdsFeedback,
    CohortFile,
    EmergencyAccess,
    Erasure,
    LaboratoryRun,
    LegalHold,
    NightlyRun,
    RecordedOutcome,
    Restriction,
    RetentionRun,
    SharedLink,
    SitePrecision,
    TakenMessage,
)


def holds(site: Site) -> Iterator[LegalHold]:
    for i, patient in enumerate(site.people[: len(site.share(0.01))]):
        at, by = site.ago(), site.reader
        lifted = {"lifted_at": at + DAY, "lifted_by": by, "lifted_because": "The case is closed."}
        because = "A court asked for this record."
        yield LegalHold(
            patient_id=patient, because=because, at=at, by=by, **(lifted if i % 3 else {})
        )


def restrictions(site: Site) -> Iterator[Restriction]:
    for patient in site.people[-len(site.share(0.01)) :]:
        yield Restriction(patient_id=patient, made_at=site.ago())


def emergency(site: Site) -> Iterator[EmergencyAccess]:
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


def erasures(site: Site) -> Iterator[Erasure]:
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


def cards(site: Site) -> Iterator[CdsCard]:
    for _ in site.share(2):
        yield CdsCard(
            uuid=site.id(),
            organisation=site.clinic,
            client="record",
            service="fracture-risk",
            kind=site.some([one.value for one in Kind]),
            shown_on=site.ago().date(),
        )


def feedback(site: Site) -> Iterator[CdsFeedback]:
    for i, card in enumerate(CdsCard.objects.all()[: len(site.share(0.5))]):
        at, is_taken = site.ago(), i % 2 == 0
        yield CdsFeedback(
            card=card,
            kind=card.kind,
            outcome="accepted" if is_taken else "overridden",
            reason_system="" if is_taken else "https://record.example",
            reason="" if is_taken else site.some(["1", "2", "3"]),
            reason_words="" if is_taken else site.some(["Seen last week", "Not now"]),
            comment="" if i % 50 else "Spoken about by telephone.",
            has_comment=i % 50 == 0,
            is_latest=True,
            happened_at=at,
            received_at=at,
            digest=site.digest(),
        )


def cohorts(site: Site) -> Iterator[CohortFile]:
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


def runs(site: Site) -> Iterator[LaboratoryRun]:
    cohorts = list(CohortFile.objects.values_list("pk", flat=True))
    for i in site.share(0.02):
        kind = ("check", "train", "evaluate")[i % 3]
        leased = leased_as(site, i, 500)
        ended = None if leased["status"] == "queued" else leased["asked_at"]
        yield LaboratoryRun(
            **leased,
            organisation=site.clinic,
            kind=kind,
            cohort_id=site.some(cohorts),
            engines=["cox"],
            ended_at=ended,
        )


def outcomes(site: Site) -> Iterator[RecordedOutcome]:
    for patient in site.people[: len(site.share(0.5))]:
        at = site.ago()
        yield RecordedOutcome(
            patient_id=patient,
            outcome=site.some(["hip", "none", "death"]),
            on=at.date(),
            recorded_at=at,
            recorded_by=site.reader,
        )


def links(site: Site) -> Iterator[SharedLink]:
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


def messages(site: Site) -> Iterator[TakenMessage]:
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


def precisions(site: Site) -> Iterator[SitePrecision]:
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


def nights(site: Site) -> Iterator[NightlyRun]:
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


def let_go(site: Site) -> Iterator[RetentionRun]:
    for i in range(YEARS):
        certificate = {"counts": {"sessions": 12}}
        yield RetentionRun(id=site.id(), at=site.now - i * DAY, certificate=certificate)
