"""CDS Hooks cards from an estimate: what is worth a word at this moment, and nothing else.

CDS Hooks 2.0, section "CDS Service Response". A card says which threshold of a guideline is met
and what would decide; never what to give. No element is null or empty.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from riskapp.exchange import cds_wording as words
from riskapp.exchange.cds_codes import KINDS, OVERRIDES, REASONS, REASONS_FOR, TOPICS, Kind
from riskapp.exchange.cds_missing import Missing, what_would_decide
from riskapp.exchange.cds_situation import VERY_HIGH, Situation
from riskapp.exchange.cds_suggestions import order_dxa, take_out
from riskapp.exchange.cds_timing import (
    Early,
    early_scan,
    is_review_due,
    least_significant_changes,
    review_rule,
)
from riskapp.exchange.fhir.writing.codes import system
from riskapp.exchange.numbers import short
from riskapp.exchange.sentences import small
from riskapp.exchange.wording import CHOICES

NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it is sent, with what is kept of it: its kind and what can be accepted."""

    kind: Kind
    content: dict[str, Any]

    @property
    def uuid(self) -> str:
        return str(self.content["uuid"])

    @property
    def suggestions(self) -> tuple[str, ...]:
        return tuple(one["uuid"] for one in self.content.get("suggestions", ()))


def cards(situation: Situation, new_id: NewId = lambda: str(uuid4())) -> tuple[Card, ...]:
    """What is worth saying; empty where nothing is."""
    return tuple(_cards(situation, new_id))


def says_numbers(situation: Situation) -> bool:
    """Whether a card will tell what moves the number, so that it is worth summing up."""
    if situation.treatment:
        return False
    return situation.is_high if situation.orders is None else _is_below(situation)


def _cards(situation: Situation, new_id: NewId) -> Iterator[Card]:
    orders = situation.orders
    if orders is not None and orders.dxa:
        early = early_scan(situation.profile, situation.today)
        if early is not None:
            yield _early_scan(situation, early, orders.dxa, new_id)
    if orders is not None and not orders.medicines:
        return
    if situation.treatment:
        if orders is not None or situation.is_high or is_review_due(situation.profile):
            yield _treated(situation, new_id)
    elif orders is None and situation.is_high:
        yield _high_risk(situation, new_id)
    elif missing := what_would_decide(situation):
        yield _missing(situation, missing, new_id)
    elif orders is not None and _is_below(situation):
        yield _below(situation, new_id)


def _high_risk(situation: Situation, new_id: NewId) -> Card:
    told = situation.verdict
    return _card(
        Kind.HIGH_RISK,
        situation,
        new_id(),
        indicator="critical" if (told.level or 0) >= VERY_HIGH else "warning",
        summaries=(
            f"{told.name}: {told.at_least}. {words.risk_in_words(situation.estimate)}.",
            f"{told.name}: {told.at_least}.",
        ),
        detail=(*_verdict_and_numbers(situation), *_grounds(situation)),
    )


def _missing(situation: Situation, missing: Missing, new_id: NewId) -> Card:
    """What would decide: a scan to order, or an answer to ask for."""
    uuid, says = new_id(), missing.says
    is_ordered = situation.orders is not None and bool(situation.orders.dxa)
    return _card(
        Kind.MISSING,
        situation,
        uuid,
        indicator="info",
        summaries=(
            f"{says} {words.risk_in_words(situation.estimate)}.",
            says,
            f"{situation.verdict.name} cannot decide yet.",
        ),
        detail=(missing.would_bring, *_verdict_and_numbers(situation), *_grounds(situation)),
        suggestions=(
            [order_dxa(situation, new_id(), says)] if missing.is_scan and not is_ordered else []
        ),
    )


def _early_scan(situation: Situation, early: Early, drafts: tuple[str, ...], new_id: NewId) -> Card:
    uuid = new_id()
    return _card(
        Kind.EARLY_SCAN,
        situation,
        uuid,
        indicator="info",
        summaries=(
            f"Bone density was measured on {early.last:%-d %B %Y}; a repeat before "
            f"{early.due:%B %Y} rarely shows more than chance.",
        ),
        detail=(
            f"{early.rule.says} {early.rule.source}{words.mark(early.rule.mark)}.",
            least_significant_changes(),
            "Not said where a fracture happened since, or where glucocorticoids are taken.",
        ),
        suggestions=[take_out(one, new_id()) for one in drafts],
        source="Repeat scans: least significant change",
    )


def _treated(situation: Situation, new_id: NewId) -> Card:
    taken = small(CHOICES["osteoporosis_treatment"][str(situation.treatment)])
    years = situation.profile.osteoporosis_treatment_years
    since = "" if years is None else f" for {short(years, 2)} years"
    rule, is_due = review_rule(situation.profile), is_review_due(situation.profile)
    due = " Its review is due." if is_due else ""
    also = situation.orders is not None and bool(situation.orders.medicines)
    return _card(
        Kind.TREATED,
        situation,
        new_id(),
        indicator="warning" if is_due or also else "info",
        summaries=(
            f"On treatment for osteoporosis already: {taken}{since}.{due}",
            f"On treatment for osteoporosis already.{due}",
        ),
        detail=(
            f"{rule.says} {rule.source}{words.mark(rule.mark)}." if rule else "",
            "The numbers are those of a person who takes none: they say nothing on whether to "
            "go on, to change or to stop.",
            words.numbers(situation.estimate),
            words.not_used(situation.not_used),
        ),
    )


def _below(situation: Situation, new_id: NewId) -> Card:
    told = situation.verdict
    so_far = "" if told.category else " so far"
    return _card(
        Kind.BELOW,
        situation,
        new_id(),
        indicator="info",
        summaries=(
            f"{told.name}: {told.at_least}{so_far}. {words.risk_in_words(situation.estimate)}.",
            f"{told.name}: {told.at_least}{so_far}.",
        ),
        detail=(*_verdict_and_numbers(situation), *_grounds(situation)),
    )


def _is_below(situation: Situation) -> bool:
    told = situation.verdict
    return told.kind == "treatment" and told.applies is True and told.level == 0


def _verdict_and_numbers(situation: Situation) -> tuple[str, str]:
    return words.verdict(situation.verdict), words.numbers(situation.estimate)


def _grounds(situation: Situation) -> tuple[str, ...]:
    return (
        words.reasons(situation.estimate.explanation, situation.profile),
        words.not_known(situation.estimate),
        words.remarks(situation.estimate.warnings),
        words.not_used(situation.not_used),
    )


def _card(
    kind: Kind,
    situation: Situation,
    uuid: str,
    *,
    indicator: str,
    summaries: tuple[str, ...],
    detail: tuple[str, ...],
    suggestions: Sequence[dict[str, Any]] = (),
    source: str = "",
) -> Card:
    """A card with what all have in common; an element without a value is left out."""
    content: dict[str, Any] = {
        "uuid": uuid,
        "summary": words.summary(*summaries),
        "indicator": indicator,
        "detail": words.detail(*detail),
        "source": {
            "label": source or f"Trabecula, by {situation.verdict.name}",
            "url": situation.where.site,
            "topic": {"system": system(TOPICS), "code": kind.value, "display": KINDS[kind]},
        },
        "overrideReasons": [
            {"system": system(OVERRIDES), "code": code, "display": REASONS[code]}
            for code in REASONS_FOR[kind]
        ],
        "links": _links(situation, kind, uuid),
    }
    if suggestions:
        content |= {"suggestions": list(suggestions), "selectionBehavior": "at-most-one"}
    return Card(kind, content)


def _links(situation: Situation, kind: Kind, uuid: str) -> list[dict[str, str]]:
    """To the app within the record where it can be launched, else to a page of ours."""
    where = situation.where
    if where.smart_launch:
        context = json.dumps({"card": uuid, "kind": kind.value})
        return [
            {
                "label": "Open the assessment",
                "url": where.smart_launch,
                "type": "smart",
                "appContext": context,
            }
        ]
    label = "Open the record in Trabecula" if where.page else "Open Trabecula"
    return [{"label": label, "url": where.page or where.site, "type": "absolute"}]
