"""What a reader is told of deformed vertebrae on CT."""

from collections.abc import Sequence

from imaging.result import Finding, Severity


def left_out_of_means(deformed: Sequence[str]) -> tuple[Finding, ...]:
    """Say which bodies are left out of means, and that L1 is none to judge by if it is one."""
    if not deformed:
        return ()
    names = ", ".join(deformed)
    findings = [
        Finding(
            code="deformed_left_out_of_means",
            severity=Severity.INFO,
            regions=tuple(deformed),
            advice=f"{names}: attenuation of a deformed vertebra may be that of packed bone, so it "
            "is left out of the means.",
        )
    ]
    if "L1" in deformed:
        findings.append(
            Finding(
                code="l1_deformed",
                severity=Severity.WARNING,
                regions=("L1",),
                advice="L1 has lost height, so its attenuation may not stand for the spine: use "
                "a neighbour that has not.",
            )
        )
    return tuple(findings)
