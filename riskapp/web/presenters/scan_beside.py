"""The scans that values of a record come from, small, with where a network looked."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imaging.quality.common import SYNTHETIC
from riskapp.exchange.scan_choice import Choice
from riskapp.exchange.scan_fields import SLOTS
from riskapp.models import MeasurementVersion, Patient, Scan
from riskapp.web.presenters.measurement_choice import values_in_words
from riskapp.web.presenters.overlay import Overlay, overlay

LOOKED_AT = "network-looked-at"  # as imaging.segmentation names its picture


@dataclass(frozen=True, slots=True)
class ScanBeside:
    """One version of a scan: what was taken from it, and its pictures."""

    version: MeasurementVersion
    values: tuple[str, ...]
    overlays: tuple[Overlay, ...]
    is_synthetic: bool
    left_out: tuple[()] = ()  # the scan's own page shows what was left out

    @property
    def scan(self) -> Scan:
        return self.version.scan

    @property
    def has_looked(self) -> bool:
        """Whether a network spoke and left a picture of where it looked."""
        return any(one.name == LOOKED_AT for one in self.overlays)


def of_choice(patient: Patient, choice: Choice) -> tuple[ScanBeside, ...]:
    """The scans that fill a form."""
    return _beside(
        patient,
        (
            (pick.candidate.source.scan, pick.candidate.source.version, pick.slot, pick.fields)
            for pick in choice.picks
            if pick.candidate
        ),
    )


def of_measurements(
    patient: Patient, measurements: Sequence[Mapping[str, Any]]
) -> tuple[ScanBeside, ...]:
    """The scans that filled a stored assessment."""
    return _beside(
        patient,
        (
            (one["used"]["scan"], one["used"]["version"], one["slot"], one["fields"])
            for one in measurements
            if one["used"]
        ),
    )


def _beside(
    patient: Patient, used: Iterable[tuple[str, int, str, Mapping[str, Any]]]
) -> tuple[ScanBeside, ...]:
    values: dict[tuple[str, int], list[str]] = {}
    for scan, number, slot, fields in used:
        told = f"{SLOTS[slot].label} {values_in_words(fields)}"
        values.setdefault((scan, number), []).append(told)
    found = MeasurementVersion.objects.filter(
        scan__patient=patient, scan_id__in={scan for scan, _ in values}
    )
    versions = {
        (str(one.scan_id), one.number): one
        for one in found.select_related("scan").prefetch_related("pictures")
    }
    return tuple(_shaped(versions[key], told) for key, told in values.items() if key in versions)


def _shaped(version: MeasurementVersion, values: Sequence[str]) -> ScanBeside:
    measurement = version.measurement
    pictures = list(version.pictures.all())
    shown = [*pictures[:1], *(one for one in pictures[1:] if one.name == LOOKED_AT)]
    return ScanBeside(
        version=version,
        values=tuple(values),
        overlays=tuple(overlay(one, measurement) for one in shown),
        is_synthetic=any(finding.code == SYNTHETIC for finding in measurement.quality),
    )
