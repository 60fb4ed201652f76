"""What became of cards: told by the record systems, counted for who looks after the advice.

CDS Hooks 2.0, section "Feedback".
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from riskapp.actions import auditing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.permitting import Ability, needs
from riskapp.exchange.cds_codes import KINDS, OVERRIDES, REASONS, Kind
from riskapp.exchange.fhir.writing.codes import system
from riskapp.models import CdsCard, CdsFeedback, Organisation
from riskapp.models.cds_card import settle_latest

Outcome = CdsFeedback.Outcome
NO_REASON = "No reason given"
AHEAD = timedelta(days=1)  # how far a clock may run before ours
MOST_COMMENTS = 50
UNKNOWN_CARD = "No such card was sent to this record system by this service."


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that somebody did with one card."""

    card: UUID
    outcome: str
    happened_at: datetime
    accepted: tuple[str, ...] = ()
    reason_system: str = ""
    reason: str = ""
    reason_words: str = ""
    comment: str = ""

    @property
    def digest(self) -> str:
        """The same for the same, told in whatever order."""
        parts = [
            str(self.card), self.outcome, self.happened_at.isoformat(), sorted(self.accepted),
            self.reason_system, self.reason, self.comment,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class OfKind:
    """One kind of card: how often it was shown, and what became of it.

    ``ignored`` is what nobody told anything about; ``reasons`` has the most frequent first.
    """

    kind: str
    words: str
    shown: int
    accepted: int
    overridden: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def ignored(self) -> int:
        return self.shown - self.accepted - self.overridden


@dataclass(frozen=True, slots=True)
class Comment:
    """What a clinician wrote about a card, newest first."""

    on: date
    words: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """All kinds, and the newest comments; ``since`` is the day of the first card."""

    kinds: tuple[OfKind, ...]
    comments: tuple[Comment, ...]
    since: date | None


@transaction.atomic
def take_feedback(*, by: User, client: str, service: str, told: Sequence[Told]) -> int:
    """Keep what is told, each once; how much of it is new.

    Raises
    ------
    Refused
        If a card or a suggestion was never sent to this client by this service, or the time
        lies in the future; nothing is kept then.
    """
    organisation = organisation_of(by)
    cards = CdsCard.objects.filter(organisation=organisation, client=client, service=service)
    # Locked, so that of two who tell of one card the later sees what the other told.
    known = cards.select_for_update().in_bulk([one.card for one in told])
    problems = {
        f"feedback.{number}.{field}": sentence
        for number, one in enumerate(told)
        for field, sentence in _problems(one, known.get(one.card)).items()
    }
    if problems:
        raise Refused(problems)
    before = CdsFeedback.objects.filter(card__in=known).count()
    CdsFeedback.objects.bulk_create(
        [
            CdsFeedback(
                card=known[one.card],
                outcome=one.outcome,
                accepted=list(one.accepted),
                reason_system=one.reason_system,
                reason=one.reason,
                reason_words=one.reason_words,
                comment=one.comment,
                happened_at=one.happened_at,
                digest=one.digest,
                kind=known[one.card].kind,
                has_comment=bool(one.comment),
            )
            for one in told
        ],
        ignore_conflicts=True,
    )
    settle_latest(CdsFeedback.objects, known)
    new = CdsFeedback.objects.filter(card__in=known).count() - before
    auditing.record(by=by, action="cds.feedback", target=service, detail={"new": new})
    return new


@needs(Ability.READ_ADVICE)
def feedback_report(*, by: User) -> FeedbackReport:
    """What became of the cards of the user's organisation; a card counts by its latest outcome."""
    home = organisation_of(by)
    cards = CdsCard.objects.filter(organisation=home)
    shown = dict(cards.order_by().values_list("kind").annotate(many=Count("*")))
    outcomes, reasons = _latest(home)
    kinds = tuple(
        OfKind(
            kind=kind.value,
            words=KINDS[kind],
            shown=shown.get(kind.value, 0),
            accepted=outcomes[kind.value, Outcome.ACCEPTED.value],
            overridden=outcomes[kind.value, Outcome.OVERRIDDEN.value],
            reasons=tuple(
                (words, count)
                for (of, words), count in sorted(reasons.items(), key=lambda one: (-one[1], one[0]))
                if of == kind.value
            ),
        )
        for kind in Kind
    )
    feedback = CdsFeedback.objects.filter(organisation=home, has_comment=True)
    return FeedbackReport(
        kinds=kinds,
        comments=tuple(
            Comment(
                on=timezone.localdate(one.happened_at),
                words=KINDS[Kind(one.kind)],
                reason=_reason(one),
                text=one.comment,
            )
            for one in feedback.order_by("-happened_at", "-id")[:MOST_COMMENTS]
        ),
        since=cards.order_by("shown_on").values_list("shown_on", flat=True).first(),
    )


def _latest(home: Organisation) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Of the latest that was told of each card: how often what became of a kind, and why.

    Of those who say the same, which an index counts, the words of one are opened.
    """
    same = ("kind", "outcome", "reason_system", "reason", "words_hash")
    latest = CdsFeedback.objects.filter(organisation=home, is_latest=True).order_by()
    counted = list(latest.values_list(*same).annotate(Count("pk"), Max("pk")))
    overridden = [one for _, outcome, *_, one in counted if outcome == Outcome.OVERRIDDEN]
    opened = CdsFeedback.objects.in_bulk(overridden)
    outcomes: Counter[tuple[str, str]] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    for kind, outcome, *_, many, one in counted:
        outcomes[kind, outcome] += many
        if one in opened:
            reasons[kind, _reason(opened[one])] += many
    return outcomes, reasons


def _problems(one: Told, card: CdsCard | None) -> Mapping[str, str]:
    if card is None:
        return {"card": UNKNOWN_CARD}
    found = {}
    if one.outcome == Outcome.ACCEPTED and not one.accepted:
        found["acceptedSuggestions"] = "An accepted card names the suggestions that were accepted."
    if not set(one.accepted) <= set(card.suggestions):
        found["acceptedSuggestions"] = "One of the suggestions is not of this card."
    if one.happened_at > timezone.now() + AHEAD:
        found["outcomeTimestamp"] = "This moment lies in the future."
    return found


def _reason(one: CdsFeedback) -> str:
    """In our own words where the code is ours, else as the record system put it."""
    if one.reason_system in ("", system(OVERRIDES)) and one.reason in REASONS:
        return REASONS[one.reason]
    return one.reason_words or one.reason or NO_REASON
