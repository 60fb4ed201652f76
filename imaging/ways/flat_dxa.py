"""One flat picture of a densitometer: turned bone-bright, regions found or a person's, numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from imaging import stages
from imaging.drawing.display import projection_picture
from imaging.errors import UnsuitableScan
from imaging.kinds.recognising import Recognised
from imaging.polygons import check_regions
from imaging.projection import Projection
from imaging.quality.common import projection_findings
from imaging.result import (
    Finding,
    Measured,
    Measurement,
    Region,
    ScanMeasurement,
    Severity,
    Status,
)
from imaging.stages import Stage
from imaging.ways.common import by_hand, refused_projection, title


class Found(Protocol):
    """What placing regions gives."""

    @property
    def regions(self) -> tuple[Region, ...]: ...

    @property
    def findings(self) -> tuple[Finding, ...]: ...


Find = Callable[[Projection], Found]
Numbers = Callable[[Projection, Sequence[Region]], Sequence[Measurement]]
# Findings about regions that are there, automatic or by hand, given what was measured in them.
Judge = Callable[[Projection, Sequence[Region], Sequence[Measurement]], Sequence[Finding]]


def measure_flat(
    image: Projection,
    seen: Recognised,
    findings: tuple[Finding, ...],
    given: Sequence[Region] | None,
    *,
    find: Find,
    numbers: Numbers,
    judge: Judge,
) -> Measured:
    """Measure one picture; a person's regions replace the automatic ones."""
    kind = seen.kind
    # Whether bone is bright is settled first, so that a person's regions are measured on the
    # same grey values as the automatic ones, and shown on them.
    stages.now(Stage.FINDING_BONE)
    upright = _upright(image, find)
    image, findings = upright.image, findings + upright.findings
    if given is not None:
        try:
            check_regions(given, (image.pixels.shape[0], image.pixels.shape[1]), None)
        except UnsuitableScan as error:
            return refused_projection(image, kind, findings, str(error))
        regions = by_hand(given)
    elif upright.found is None:
        return refused_projection(image, kind, findings + upright.stops, upright.refusal)
    else:
        regions, findings = upright.found.regions, findings + upright.found.findings
    stages.now(Stage.MEASURING)
    measured = tuple(numbers(image, regions))
    stages.now(Stage.CHECKING)
    findings += tuple(projection_findings(image, regions))
    findings += tuple(judge(image, regions, measured))
    stages.now(Stage.DRAWING)
    return Measured(
        measurement=ScanMeasurement(
            status=Status.MEASURED,
            kind=kind,
            spacing=image.spacing,
            quality=findings,
            regions=regions,
            measurements=measured,
            size=image.pixels.shape,
        ),
        pictures=(projection_picture(image, title(kind)),),
    )


@dataclass(frozen=True, slots=True)
class _Upright:
    """An image with bone bright, and what is in it or why there is nothing."""

    image: Projection
    found: Found | None
    refusal: str = ""
    findings: tuple[Finding, ...] = ()
    stops: tuple[Finding, ...] = ()


def _upright(image: Projection, find: Find) -> _Upright:
    """Find the bone; where there is none, try again with dark and bright exchanged."""
    try:
        return _Upright(image, find(image))
    except UnsuitableScan as error:
        refusal = str(error)
        stops = stopping(error)
    turned = image.inverted()
    try:
        found = find(turned)
    except UnsuitableScan:
        return _Upright(image, None, refusal, stops=stops)
    inverted = Finding(
        code="inverted_display",
        severity=Severity.WARNING,
        advice="The picture shows bone dark although its tags do not say so: it is measured and "
        "shown with dark and bright exchanged.",
    )
    return _Upright(turned, found, findings=(inverted,))


def stopping(error: UnsuitableScan) -> tuple[Finding, ...]:
    """Turn a refusal that has a code into the finding that stops measuring."""
    if error.code is None:
        return ()
    return (Finding(code=error.code, severity=Severity.STOP, advice=str(error)),)
