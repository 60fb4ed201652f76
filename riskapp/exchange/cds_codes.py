"""What cards are about, and why one may be set aside: code systems of our own.

CDS Hooks 2.0 prescribes neither topics nor override reasons (sections "Source" and "Reasons for
rejecting a card").
"""

from enum import StrEnum

# By the last part of their address, beside the other code systems of ours.
TOPICS, OVERRIDES = "cds-topic", "cds-override-reason"


class Kind(StrEnum):
    """What a card is about."""

    HIGH_RISK = "high-risk"
    MISSING = "missing-input"
    EARLY_SCAN = "early-scan"
    TREATED = "on-treatment"
    BELOW = "below-threshold"


KINDS: dict[Kind, str] = {
    Kind.HIGH_RISK: "High fracture risk",
    Kind.MISSING: "An answer would decide",
    Kind.EARLY_SCAN: "Scan sooner than useful",
    Kind.TREATED: "On treatment already",
    Kind.BELOW: "Treatment threshold not met",
}
REASONS: dict[str, str] = {
    "already-decided": "Already considered and decided",
    "patient-declined": "The patient declines",
    "other-priorities": "Other conditions come first",
    "record-wrong": "The record is wrong or incomplete",
    "done-elsewhere": "Done or treated elsewhere",
    "another-reason-for-scan": "The scan is for another reason",
    "guideline-does-not-fit": "This guideline does not fit this person",
}
REASONS_FOR: dict[Kind, tuple[str, ...]] = {
    Kind.HIGH_RISK: (
        "already-decided", "patient-declined", "other-priorities", "done-elsewhere",
        "record-wrong", "guideline-does-not-fit",
    ),
    Kind.MISSING: (
        "done-elsewhere", "patient-declined", "other-priorities", "record-wrong",
        "guideline-does-not-fit",
    ),
    Kind.EARLY_SCAN: ("another-reason-for-scan", "record-wrong"),
    Kind.TREATED: ("already-decided", "record-wrong"),
    Kind.BELOW: ("already-decided", "record-wrong", "guideline-does-not-fit"),
}  # fmt: skip
