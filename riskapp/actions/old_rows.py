"""Which rows are older than their period (``riskapp.retention``), and how they are let go.

Patients' records are not here: they are erased one by one (``old_records``).
"""

import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from riskapp.actions.announcing import KIND as WEBHOOK
from riskapp.actions.closing_arrivals import discard_unfiled
from riskapp.actions.fhir.bulk_answering import folder_of
from riskapp.models import (
    Arrival,
    BulkAnswer,
    BulkImport,
    CdsCard,
    CdsFeedback,
    DeadLetter,
    Delivery,
    EhrLaunch,
    FailedSignIn,
    KeptAnswer,
    KnownDevice,
    NightlyRun,
    OneTimeLink,
    SignInSession,
    TakenMessage,
    TrailCheck,
    UsedAssertion,
    UsedCdsToken,
    UsedLogout,
)
from riskapp.models.leased import Leased

Rows = QuerySet[Any]
# Named as in the table; of each name in the order in which they are deleted.
OLD: Mapping[str, Callable[[datetime], list[Rows]]] = {
    "waiting_studies": lambda before: [
        Arrival.objects.filter(status=Arrival.Status.WAITING, last_at__lt=before)
    ],
    "discarded_studies": lambda before: [
        Arrival.objects.filter(
            status=Arrival.Status.DISCARDED, patient=None, decided_at__lt=before
        )
    ],
    "launches": lambda before: [EhrLaunch.objects.filter(patient=None, asked_at__lt=before)],
    "sessions": lambda before: [SignInSession.objects.filter(seen_at__lt=before)],
    "browser_sessions": lambda before: [Session.objects.filter(expire_date__lt=before)],
    "failed_sign_ins": lambda before: [FailedSignIn.objects.filter(last_at__lt=before)],
    "known_browsers": lambda before: [KnownDevice.objects.filter(seen_at__lt=before)],
    "invitations": lambda before: [OneTimeLink.objects.filter(expires_at__lt=before)],
    "proofs": lambda before: [
        UsedAssertion.objects.filter(until__lt=before),
        UsedCdsToken.objects.filter(until__lt=before),
        UsedLogout.objects.filter(until__lt=before),
    ],
    "tokens": lambda before: [
        RefreshToken.objects.filter(
            Q(access_token__expires__lt=before) | Q(access_token=None, revoked__lt=before)
        ),
        # A renewed token is still pointed at by the one that renews it.
        AccessToken.objects.filter(expires__lt=before, refresh_token=None),
        # The row that binds a token to one patient may hang on the grant too: it stays with both.
        Grant.objects.filter(expires__lt=before).filter(
            Q(launched=None) | Q(launched__token=None)
        ),
        IDToken.objects.filter(expires__lt=before),
    ],
    "kept_answers": lambda before: [KeptAnswer.objects.filter(at__lt=before)],
    "bulk_files": lambda before: [BulkAnswer.objects.filter(finished_at__lt=before)],
    "bulk_imports": lambda before: [
        BulkImport.objects.filter(status=Leased.Status.DONE, asked_at__lt=before)
    ],
    "messages": lambda before: [TakenMessage.objects.filter(taken_at__lt=before)],
    "notifications": lambda before: [
        Delivery.objects.filter(
            kind=WEBHOOK, status=Leased.Status.DONE, confirmed_at__lt=before
        )
    ],
    "dead_letters": lambda before: [
        DeadLetter.objects.filter(settled_at__lt=before).exclude(outcome="")
    ],
    "advice": lambda before: [
        CdsFeedback.objects.filter(card__shown_on__lt=before.date()),
        CdsCard.objects.filter(shown_on__lt=before.date()),
    ],
    "nights": lambda before: [
        NightlyRun.objects.filter(night__lt=before.date()),
        TrailCheck.objects.filter(at__lt=before),
    ],
}  # fmt: skip


def count(name: str, before: datetime) -> int:
    """How many are older."""
    return sum(rows.count() for rows in OLD[name](before))


def let_go(name: str, before: datetime) -> int:
    """Delete what is older; how many were there."""
    found = count(name, before)
    for rows in OLD[name](before):
        if name == "waiting_studies":
            for id in rows.values_list("id", flat=True):
                discard_unfiled(id)
            continue
        if name == "bulk_files":
            for one in rows:
                shutil.rmtree(folder_of(one), ignore_errors=True)
        rows.delete()
    return found
