"""The patient's page, given out by a link: made, opened by whoever holds it, taken back."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.errors import NotAllowed, NotFound, Refused
from riskapp.actions.finding import assessment as find_assessment
from riskapp.actions.finding import one_of
from riskapp.actions.offering import language_named
from riskapp.actions.permitting import Ability, needs
from riskapp.actions.stored_answers import evidence_of, not_this_person
from riskapp.actions.turns import wait_for_turn
from riskapp.exchange.languages import SOURCE
from riskapp.models import Assessment, AuditEvent, SharedLink

DAYS_LEAST, DAYS_USUALLY, DAYS_MOST = 1, 14, 90
WRONG_DAYS = f"A link lives from {DAYS_LEAST} to {DAYS_MOST} whole days."
NO_PAGE = "This assessment holds no answer from published epidemiology: there is no page to share."
SECRET_BYTES = 24  # 192 bits, which nobody guesses
# A person, their family and the previews of their messengers open a link a few times; a program
# that asks without end would fill the audit.
MOST_OPENINGS, WITHIN = 60, timedelta(hours=1)
OPENED = "share.open"
# "." is no letter of a secret, and stays one word in messages.
SIGNER = Signer(salt="riskapp.shared_link", sep=".")


@dataclass(frozen=True, slots=True)
class Shared:
    """A link that was made; ``token`` is shown this once, and blank where it was made before."""

    link: SharedLink
    token: str


class OpenedTooOften(NotAllowed):
    """The link is sound, and was opened more often than people do."""


@needs(Ability.DISCUSS)
def share(
    *,
    by: User,
    assessment: Assessment,
    days: int = DAYS_USUALLY,
    language: str = SOURCE,
    id: UUID | None = None,
) -> Shared:
    """Make a link to the patient's page of an assessment.

    Asked twice with the same ``id`` it makes one link, whose token is not told again.

    Raises
    ------
    NotFound
        If the assessment is another organisation's.
    Refused
        If the link would live too short or too long, the page is not offered in that language, or
        there is no page to share.
    """
    found = find_assessment(by=by, id=assessment.id)
    if not DAYS_LEAST <= days <= DAYS_MOST:
        raise Refused({"days": WRONG_DAYS})
    named = language_named(language)
    if evidence_of(found) is None:
        raise Refused({"assessment": NO_PAGE})
    if corrected := not_this_person(found):
        raise Refused({"assessment": corrected})
    secret, now = secrets.token_urlsafe(SECRET_BYTES), timezone.now()
    with transaction.atomic():
        if id:
            wait_for_turn("link", id)
        before = found.shared_links.filter(id=id).first() if id else None
        if before is not None:
            return Shared(before, "")
        link = SharedLink.objects.create(
            id=uuid4() if id is None or SharedLink.objects.filter(id=id).exists() else id,
            assessment=found,
            token_sha256=_hash(secret),
            language=named.code,
            created_at=now,
            created_by=by,
            expires_at=now + timedelta(days=days),
        )
        auditing.record(
            by=by, action="share.create", target=link.id, patient=link.assessment.patient_id
        )
    return Shared(link, SIGNER.sign(secret))


@needs(Ability.DISCUSS)
def links_of(*, by: User, assessment: Assessment) -> QuerySet[SharedLink]:
    """Every link to the page of one assessment, newest first."""
    found = find_assessment(by=by, id=assessment.id)
    return SharedLink.objects.filter(assessment=found).select_related("created_by")


@needs(Ability.DISCUSS)
@transaction.atomic
def revoke(*, by: User, assessment: Assessment, id: UUID | str | None = None) -> int:
    """Take back one link of an assessment, or all that still stand; how many were.

    Raises
    ------
    NotFound
        If the assessment is another organisation's, or has no such link.
    """
    links = links_of(by=by, assessment=assessment)
    named = links if id is None else [one_of(links, id, "There is no such link.")]
    standing = [link for link in named if link.revoked_at is None]
    for link in standing:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
        auditing.record(
            by=by, action="share.revoke", target=link.id, patient=link.assessment.patient_id
        )
    return len(standing)


def open_shared(token: str) -> SharedLink:
    """Find what a link leads to, and count that it was opened.

    Unknown, altered, expired and revoked links take the same steps and end alike, so that
    neither the answer nor the time it takes tells which it was. Neither token nor who opened it
    is written down.

    Raises
    ------
    NotFound
        If the link leads nowhere, whyever.
    OpenedTooOften
        If a sound link was opened ``MOST_OPENINGS`` times in ``WITHIN``.
    """
    secret, is_signed = token.rpartition(SIGNER.sep)[0], True
    try:
        SIGNER.unsign(token)
    except BadSignature:
        is_signed = False
    link = (
        SharedLink.objects.filter(token_sha256=_hash(secret))
        .select_related("assessment__patient__organisation")
        .first()
    )
    now = timezone.now()
    if link is None or not is_signed or link.state_at(now) != SharedLink.State.OPEN:
        raise NotFound("This link leads nowhere.")
    if not_this_person(link.assessment):
        raise NotFound("This link leads nowhere.")
    opened = AuditEvent.objects.filter(target=str(link.id), action=OPENED, at__gt=now - WITHIN)
    # Looked at again where no other opening or revoking can come between.
    with transaction.atomic():
        if opened.count() >= MOST_OPENINGS:
            raise OpenedTooOften("This link was opened very often just now; try again in an hour.")
        standing = SharedLink.objects.filter(pk=link.pk, revoked_at=None)
        if not standing.update(openings=F("openings") + 1, last_opened_at=now):
            raise NotFound("This link leads nowhere.")
        organisation = link.assessment.patient.organisation
        auditing.record(
            by=auditing.Actor.HOLDER,
            action=OPENED,
            target=link.id,
            organisation=organisation,
            patient=link.assessment.patient_id,
        )
    return link


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
