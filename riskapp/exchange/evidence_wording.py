"""What the evidence sets are called, and when to use which (docs/adr/0014)."""

EVIDENCE_SETS: dict[str, str] = {
    "frax-2008": "FRAX\u2019s effects (2008)",
    "meta-2025": "Newer meta-analyses (2023\u201325)",
}
# Said beside the number, so that it is not taken for another's.
BESIDE_THE_NUMBER: dict[str, str] = {
    "frax-2008": "comparable with FRAX, not FRAX itself",
    "meta-2025": "no guideline set its thresholds for it",
}
THRESHOLDS: dict[str, str] = {
    "frax-2008": "Comparable with FRAX, but not FRAX: a threshold set for it was not set for these "
    "numbers.",
}
OTHER_THRESHOLDS = (
    "No guideline set its thresholds for these numbers: those that are read here were set for "
    "FRAX\u2019s."
)
WHEN_TO_USE_WHICH = (
    "Whose studies say how much each answer counts. FRAX\u2019s effects: to compare with FRAX, and "
    "for guideline thresholds, which were set for it. Newer meta-analyses: to see how far an "
    "answer rests on the older effects; they differ on a parental hip fracture, on low and high "
    "weight, and on a prior fracture where bone density is not known. They borrow from FRAX\u2019s "
    "effects what they do not cover, and are calibrated to no outcome of their own."
)


def evidence_name(code: str) -> str:
    """An evidence set in plain words; its code where it has none."""
    return EVIDENCE_SETS.get(code, code)


def about_thresholds(code: str) -> str:
    """What a threshold of a guideline means for numbers of an evidence set."""
    return THRESHOLDS.get(code, OTHER_THRESHOLDS)


def counted_by(code: str) -> str:
    """Whose effects counted, with what keeps the number from being taken for another's."""
    beside = BESIDE_THE_NUMBER.get(code)
    return f"{evidence_name(code)}: {beside}" if beside else evidence_name(code)
