"""Whether a scan is sooner than it can show a change, and whether a treatment is due for review."""

from dataclasses import dataclass
from datetime import date

from imaging.densitometry.precision import ACCEPTABLE_CV, LSC_FACTOR
from riskapp.exchange.numbers import plain
from riskapp.exchange.sentences import listed_in_words
from riskapp.risk.profile import RiskProfile, Treatment
from riskapp.risk.recall_rules import EARLY, RecallRule, recall_rules, rule_for

DAYS_OF_A_MONTH = 30.44
MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Early:
    """A scan that is sooner than useful: when the last one was, and from when on it is not."""

    last: date
    due: date
    rule: RecallRule


def early_scan(profile: RiskProfile, today: date) -> Early | None:
    """Whether a repeat today would come too early; None where it would not, or is not known.

    After a new fracture, and on glucocorticoids, bone may change fast: nothing is said then.
    """
    last = profile.dxa_date
    if last is None or last > today or profile.glucocorticoids:
        return None
    fracture = profile.prior_fracture_months_ago
    since_scan = (today - last).days / DAYS_OF_A_MONTH
    if fracture is not None and fracture <= since_scan:
        return None
    treated = profile.osteoporosis_treatment not in (None, Treatment.NONE)
    rule = recall_rules()["scan_on_treatment" if treated else "scan_again"]
    due = rule.due_on(last)
    return Early(last, due, rule) if today < due - EARLY else None


def least_significant_changes() -> str:
    """What a second scan has to differ by, where the site has no precision study of its own."""
    told = [
        f"{plain(100 * LSC_FACTOR * cv)}\u00a0% at the {site.replace('_', ' ')}"
        for site, cv in ACCEPTABLE_CV.items()
    ]
    return (
        "A change is larger than chance (least significant change, at the largest precision error "
        f"that the ISCD accepts; recalled, to be confirmed) from {listed_in_words(told, 'and')}."
    )


def review_rule(profile: RiskProfile) -> RecallRule | None:
    """The rule for the review of the treatment that is taken now."""
    taken = profile.osteoporosis_treatment
    return None if taken is None else rule_for("treatment_review", taken.value)


def is_review_due(profile: RiskProfile) -> bool:
    """Whether the treatment has lasted until its review; not known is not yet."""
    rule, years = review_rule(profile), profile.osteoporosis_treatment_years
    return rule is not None and years is not None and MONTHS_OF_A_YEAR * years >= rule.months
