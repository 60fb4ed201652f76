"""Which measurement of which of a patient's scans is used: the one way, whichever door asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import timezone

from riskapp.actions.errors import Refused
from riskapp.exchange.scan_choice import Candidate, Choice, Source, choose
from riskapp.exchange.scan_fields import SLOTS
from riskapp.models import MeasurementVersion, Patient, Scan
from riskapp.models.composed import Composed

NOT_CONFIRMED = "nobody has confirmed its regions yet"
SCANS = Composed(Scan.objects.all, "patient")


def looked_at(patient: Patient) -> tuple[Scan, ...]:
    """A patient's scans that are measured, or cannot be."""
    scans = SCANS.by(patient.pk)
    for one in scans:
        one.patient = patient
    return tuple(one for one in scans if not one.is_pending)


def chosen_for(
    patient: Patient,
    sources: Sequence[Source],
    wanted: Mapping[str, str] | None = None,
    typed: Iterable[str] = (),
    maker: str = "",
) -> Choice:
    """Choose among scans for one patient.

    Raises
    ------
    Refused
        If a wish cannot be followed, e.g. because nobody confirmed the scan.
    """
    choice = choose(
        sources,
        today=timezone.localdate(),
        sex=patient.sex,
        wanted=wanted,
        typed=typed,
        maker=maker,
        born=patient.date_of_birth,
    )
    if choice.problems:
        raise Refused({"measurements": " ".join(choice.problems.values())})
    return choice


def once_confirmed(version: MeasurementVersion) -> Choice:
    """Choose as if this version were confirmed, so that a page can say first what would be used."""
    patient = version.scan.patient
    others = sources_of(patient.scans.exclude(pk=version.scan_id))
    this = replace(_source(version.scan, version), why_not="")
    return choose(
        [this, *others],
        today=timezone.localdate(),
        sex=patient.sex,
        born=patient.date_of_birth,
    )


def sources_of(scans: Iterable[Scan]) -> tuple[Source, ...]:
    """Scans as choosing sees them, without those that have no measurement yet."""
    return tuple(one for scan in scans if (one := source_of(scan)) is not None)


def source_of(scan: Scan) -> Source | None:
    """One scan as choosing sees it; None before its first measurement."""
    version = scan.newest_version
    return None if version is None else _source(scan, version)


def _source(scan: Scan, version: MeasurementVersion) -> Source:
    on = _day_told(version)
    return Source(
        scan=str(scan.id),
        version=version.number,
        measurement=version.measurement,
        on=on or timezone.localdate(scan.uploaded_at),
        is_arrival=on is None,
        why_not=_why_not(scan, version),
    )


def used_measurements(choice: Choice) -> list[dict[str, Any]]:
    """What an assessment keeps of the choice: each slot, what was used, and why others were not."""
    return [
        {
            "slot": pick.slot,
            "label": SLOTS[pick.slot].label,
            "fields": pick.fields,
            "used": _told(pick.candidate) if pick.candidate else None,
            "chosen": "by a person" if pick.wanted else "newest suitable",
            "others": [_told(one) for one in pick.others],
        }
        for pick in choice.picks
    ]


def _told(one: Candidate) -> dict[str, Any]:
    return {
        "scan": one.source.scan,
        "version": one.source.version,
        "on": one.source.on.isoformat(),
        "on_is": "day of arrival" if one.source.is_arrival else "day of the scan",
        "region": one.offer.region,
        "method": one.offer.method,
        "tried_on": one.offer.tried_on,
        "why_not": one.why_not or None,
    }


def _day_told(version: MeasurementVersion) -> date | None:
    acquired = version.measurement.acquired
    return date.fromisoformat(acquired.on) if acquired and acquired.on else None


def _why_not(scan: Scan, version: MeasurementVersion) -> str:
    if scan.status != Scan.Status.MEASURED:
        return (scan.reason or "there is no measurement").rstrip(".")
    return "" if version.confirmed_at else NOT_CONFIRMED
