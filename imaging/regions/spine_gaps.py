"""Vertebrae that are shorter or taller than their neighbours make one expect."""

from collections.abc import Sequence

import numpy as np

from imaging.regions.disc_chain import GROWTH, Chain
from imaging.result import Finding, Severity
from imaging.wording import about

# A body that lost a quarter of its height shortens disc to disc by about a fifth, since the disc
# keeps its own. Genant's first grade begins at a fifth of a body (Genant et al. 1993, J Bone Miner
# Res 8:1137-1148, doi 10.1002/jbmr.5650080915). Drawn spines vary by 4 %; a gap of a vertebra and
# a half is 1.5. Limits of our own.
SHORT, TALL = 0.82, 1.3


def against_neighbours(rows: Sequence[float]) -> list[float]:
    """Give each gap as a share of what the others make one expect, from above.

    Parameters
    ----------
    rows : sequence of float
        Discs from head to foot; with fewer than four nothing can be expected.
    """
    gaps = np.diff(rows)
    if len(gaps) < 3:
        return [1.0] * len(gaps)
    level = np.arange(len(gaps))
    usual = gaps / GROWTH**level
    return [float(usual[at] / np.median(np.delete(usual, at))) for at in range(len(gaps))]


def odd_heights(chain: Chain, ids: Sequence[str]) -> list[Finding]:
    """Name the vertebrae that stand out.

    Parameters
    ----------
    ids : sequence of str
        One per gap; empty for those that are not given as regions.
    """
    shares = against_neighbours(chain.rows)
    short = [name for name, share in zip(ids, shares, strict=True) if name and share < SHORT]
    tall = [name for name, share in zip(ids, shares, strict=True) if name and share > TALL]
    findings = []
    if short:
        findings.append(
            Finding(
                code="short_vertebra",
                severity=Severity.WARNING,
                regions=tuple(short),
                advice=f"{about(short, 'is', 'are')} much shorter than the neighbours: look for a "
                "fracture, and leave what is broken out of a value for L1-L4.",
            )
        )
    if tall:
        findings.append(
            Finding(
                code="disc_missed",
                severity=Severity.WARNING,
                regions=tuple(tall),
                advice=f"{about(tall, 'is', 'are')} much taller than the neighbours: a disc may "
                "have been passed over. Check the lines before a value is used.",
            )
        )
    return findings
