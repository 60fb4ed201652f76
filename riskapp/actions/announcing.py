"""What happened, told to an organisation's own programs: identifiers only, never a value."""

from uuid import UUID

from django.contrib.auth.models import User
from django.utils import timezone

from riskapp.actions.delivering import promise
from riskapp.models import Job, Organisation, Webhook

KIND = "webhook"
# Name -> when; the description tells it.
EVENTS = {
    "patient.registered": "A patient was registered.",
    "scan.measured": "A scan was measured, the first time or again.",
    "scan.refused": "A scan cannot be measured, or not be read; its reason says why.",
    "scan.mismatch": "The files name another person than the patient; a person must confirm.",
    "scan.failed": "Measuring failed here and was given up.",
    "assessment.created": "An assessment was stored.",
}
TEST = "webhook.test"


def announce(
    event: str, *, by: User, organisation: Organisation, once: object, **ids: UUID | str | int
) -> None:
    """Promise to tell who asked for it; call it inside the transaction of what happened.

    ``once`` names this one happening: the same is told once.
    """
    listening = Webhook.objects.filter(organisation=organisation, disabled_at=None)
    for webhook in listening:
        if event in webhook.events:
            promise_message(webhook, event, by=by, once=once, **ids)


def promise_message(
    webhook: Webhook, event: str, *, by: User, once: object, **ids: UUID | str | int
) -> UUID:
    """Promise one message to one webhook; the id of the delivery, which stands in the message."""
    told = {name: value if isinstance(value, int) else str(value) for name, value in ids.items()}
    happened = timezone.now().isoformat().replace("+00:00", "Z")
    delivery = promise(
        by=by,
        organisation=webhook.organisation,
        kind=KIND,
        destination=webhook.url,
        target=f"{event}:{once}",
        payload={
            "webhook": str(webhook.id),
            "message": {"type": event, "timestamp": happened, "data": told},
        },
    )
    return delivery.id


def announce_scan(event: str, job: Job, **ids: UUID | str | int) -> None:
    """The same of the scan that a job is about; each job ends once."""
    announce(
        event,
        by=job.asked_by,
        organisation=job.scan.patient.organisation,
        once=job.id,
        scan=job.scan_id,
        patient=job.scan.patient_id,
        **ids,
    )
