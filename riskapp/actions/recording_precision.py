"""A site records its own precision study; changes on its scanner are judged by it from then on."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from imaging.densitometry.precision import Precision
from imaging.densitometry.precision_study import PrecisionStudy, studies_of
from imaging.densitometry.sites import site_of_region
from imaging.reports.facts import manufacturer_in
from imaging.result import Acquired
from riskapp.actions import auditing
from riskapp.actions.errors import Refused
from riskapp.actions.finding import organisation_of
from riskapp.actions.permitting import Ability, needs
from riskapp.models import Organisation, SitePrecision

MOST_ROWS = 20_000
PLAUSIBLE_G_CM2 = (0.2, 2.0)  # of areal BMD, as everywhere


@needs(Ability.RECORD_PRECISION)
def record_precision(
    *,
    by: User,
    manufacturer: str,
    rows: Iterable[tuple[str, str, float]],
    model: str = "",
    serial: str = "",
    studied_on: date | None = None,
) -> list[SitePrecision]:
    """Store a precision study of areal BMD; of its people only their number is kept.

    Parameters
    ----------
    rows : iterable of (person, region, g/cm2)
        Two or more for each person and region, measured again after getting off the table.

    Raises
    ------
    Refused
        If a region is no site, its study too small, or the maker or a value is not known.
    """
    maker = manufacturer_in(manufacturer.replace("_", " "))
    if maker is None:
        raise Refused({"manufacturer": "Say who made the scanner, such as hologic or ge_lunar."})
    day = studied_on or timezone.localdate()
    if day > timezone.localdate():
        raise Refused({"studied_on": "The study lies in the future."})
    studies = _studies(list(rows))
    organisation = organisation_of(by)
    with transaction.atomic():
        stored = [
            SitePrecision.objects.create(
                organisation=organisation,
                manufacturer=maker,
                model=model.strip(),
                serial=serial.strip(),
                region=region,
                studied_on=day,
                people=study.people,
                degrees=study.degrees,
                mean=study.mean,
                sd=study.sd,
                recorded_by=by,
            )
            for region, study in studies.items()
        ]
        for one in stored:
            auditing.record(by=by, action="precision.record", target=one.id)
    return stored


def _studies(rows: list[tuple[str, str, float]]) -> Mapping[str, PrecisionStudy]:
    if not rows or len(rows) > MOST_ROWS:
        raise Refused({"measurements": f"A study has between 1 and {MOST_ROWS:,} measurements."})
    low, high = PLAUSIBLE_G_CM2
    for _, region, value in rows:
        if not site_of_region(region):
            raise Refused({"measurements": f"{region[:40]} is no region of a precision study."})
        if not low <= value <= high:
            raise Refused(
                {"measurements": f"A density of {value:g} g/cm2 lies outside {low:g}-{high:g}."}
            )
    found: dict[str, PrecisionStudy] = {}
    for region, study in studies_of(rows).items():
        if isinstance(study, str):
            raise Refused({"measurements": f"{region}: {study}"})
        if study.sd == 0:
            raise Refused({"measurements": f"{region}: repeated values never differ."})
        found[region] = study
    return found


def precisions_of(organisation: Organisation, scanner: Acquired | None) -> dict[str, Precision]:
    """Give the newest study of each region that is of this scanner."""
    if scanner is None or scanner.manufacturer is None:
        return {}
    found: dict[str, Precision] = {}
    for row in SitePrecision.objects.filter(
        organisation=organisation, manufacturer=scanner.manufacturer
    ):
        if _fits(row.model, scanner.model) and _fits(row.serial, scanner.serial):
            found[row.region] = Precision(_source(row), sd=row.sd)
    return found


def _fits(studied: str, scanned: str | None) -> bool:
    """Whether a study holds for a scanner; what neither says is not held against it."""
    return not studied or (scanned or "").casefold() == studied.casefold()


def _source(row: SitePrecision) -> str:
    return (
        f"the site’s own study of {row.people} people, {row.studied_on:%Y-%m-%d} (precision error "
        f"{row.sd:.4f} g/cm2, {row.degrees} degrees of freedom)"
    )
