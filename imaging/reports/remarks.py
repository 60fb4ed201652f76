"""What is said about a report that was read: what was left out, and why."""

from collections.abc import Sequence

from imaging.reports.checks import Key, Verdict
from imaging.reports.printed import Facts, Quantity
from imaging.result import Finding, Severity
from imaging.wording import in_words

SPOKEN = {
    Quantity.BMD: "BMD", Quantity.BMC: "BMC", Quantity.AREA: "area", Quantity.T: "T-score",
    Quantity.Z: "Z-score",
}  # fmt: skip


def remarks(
    facts: Facts,
    verdict: Verdict,
    changed: set[Key],
    against: Sequence[Key],
    doubtful: Sequence[Key],
) -> list[Finding]:
    """Say what of a report is not used, and what it does not tell."""
    found = [
        Finding(
            code="report_values",
            severity=Severity.INFO,
            advice="These numbers were measured by the densitometer and read from what it wrote: "
            "compare them with the report before they are used.",
        )
    ]
    for why in dict.fromkeys(verdict.wrong.values()):
        found.append(warning("value_contradicts", f"Not used: {why}."))
    if against:
        found.append(
            warning(
                "report_contradicts_itself", f"Not used, printed in two ways: {_names(against)}."
            )
        )
    if doubtful:
        found.append(
            warning(
                "value_not_read", f"Not used, could not be read for certain: {_names(doubtful)}."
            )
        )
    if changed:
        found.append(
            warning(
                "value_settled",
                f"One figure of {_names(sorted(changed))} was hard to read and was settled by the "
                "other numbers of the page: compare it with the report.",
            )
        )
    if facts.manufacturer is None:
        found.append(
            warning(
                "manufacturer_unknown",
                "The report does not say who made the densitometer: without that its BMD cannot "
                "be used, because makers’ scales differ.",
            )
        )
    if facts.measured_on is None:
        found.append(
            warning(
                "scan_date_unknown",
                "The day of the scan could not be read without doubt: enter it with the values.",
            )
        )
    if facts.reference == "male":
        found.append(
            warning(
                "t_score_reference",
                "The T-scores of this report are against men: the T-scores of a risk estimate are "
                "against women of NHANES III, so take the BMD.",
            )
        )
    return found


def _names(keys: Sequence[Key]) -> str:
    return ", ".join(f"{SPOKEN[quantity]} of {in_words(region)}" for region, quantity in keys)


def warning(code: str, advice: str) -> Finding:
    """Make a finding that a person should act on."""
    return Finding(code=code, severity=Severity.WARNING, advice=advice)
