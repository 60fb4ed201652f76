"""Two visits side by side: pictures on one scale, change, quality, and why not."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.actions.confirming import confirm
from riskapp.models import Patient, Scan
from riskapp.web.presenters.visits import side_by_side, visit
from tests.web.reading import text_of
from tests.web.scans import CT, stored_scan

pytestmark = pytest.mark.django_db
DENSITY = {
    "name": "areal_bmd", "region": "L1-L4", "unit": "g/cm2", "method": "as printed",
    "source": "the report", "precision": "ISCD", "tried_on": "real scans",
}  # fmt: skip


def spine(patient: Patient, by: User, day: str, bmd: float, **changes: Any) -> Scan:
    made = {
        "measurements": [DENSITY | {"value": bmd}],
        "acquired": {"on": day, "manufacturer": "hologic", "model": "Horizon"},
        "quality": [],
    } | changes
    scan = stored_scan(patient, by, **made)
    confirm(by=by, scan=scan, number=1)
    return scan


def address(patient: Patient, *scans: Scan) -> str:
    first, second = (scan.pk for scan in scans)
    return f"/patients/{patient.pk}/compare/?first={first}&second={second}"


def test_the_newest_two_are_shown_with_their_change_without_a_choice(
    pages: Client, patient: Patient, owner: User
) -> None:
    later = spine(patient, owner, "2023-03-12", 0.700)
    earlier = spine(patient, owner, "2021-03-12", 0.900)
    page = text_of(pages, f"/patients/{patient.pk}/compare/")
    assert "2.0 years apart" in page
    assert "both on the same scale in mm" in page
    assert "\u221222.2&nbsp;%" in page
    assert "More than repeating the scan alone changes" in page
    turned = text_of(pages, address(patient, later, earlier))  # in whatever order
    assert page.split("<main")[1] == turned.split("<main")[1]
    scan_page = text_of(pages, f"/scans/{later.pk}/")
    assert "Compare with 2021" in scan_page
    assert f"?first={earlier.pk}&amp;second={later.pk}" in scan_page
    assert "Compare with" not in text_of(pages, f"/scans/{earlier.pk}/")
    assert "Side by side" in text_of(pages, f"/patients/{patient.pk}/changes/")


def test_quality_of_both_is_told_and_what_is_not_confirmed_is_not_compared(
    pages: Client, patient: Patient, owner: User
) -> None:
    unsure = [{"code": "low_confidence", "severity": "warning", "advice": "L4.", "regions": ["L4"]}]
    first = spine(patient, owner, "2021-03-12", 0.9, quality=unsure)
    second = stored_scan(patient, owner, acquired={"on": "2023-03-12"}, quality=[])
    page = text_of(pages, address(patient, first, second))
    assert "must be confirmed by a person first" in page
    assert 'href="#first-finding-1"' in page
    assert 'id="first-finding-1"' in page
    assert "Nothing to look at" in page


def test_scans_of_other_parts_and_other_people_are_not_compared(
    pages: Client, patient: Patient, owner: User, browser_of: Any, stranger: User
) -> None:
    one = spine(patient, owner, "2021-03-12", 0.9)
    other = spine(patient, owner, "2023-03-12", 0.9, kind=CT)
    assert "different kinds or parts of the body" in text_of(pages, address(patient, one, other))
    page = text_of(pages, f"/patients/{patient.pk}/compare/")
    assert "No two scans of this patient show the same part" in page
    assert browser_of(stranger).get(address(patient, one, other)).status_code == 404
    for wrong in ("?first=x&second=y", f"?first={one.pk}"):
        assert pages.get(f"/patients/{patient.pk}/compare/{wrong}").status_code == 404


def test_pictures_of_unlike_pixels_show_as_many_mm(patient: Patient, owner: User) -> None:
    """A picture of 160 x 300 pixels at 0.6 x 1.05 mm is 96 mm wide; at half that, 48 mm."""
    fine = {"mm": [0.525, 0.3], "source": "PixelSpacing"}
    scans = [stored_scan(patient, owner), stored_scan(patient, owner, spacing=fine)]
    views = [visit(scan.versions.get(), "") for scan in scans]
    (pair,) = side_by_side(*views).paired
    assert pair.is_on_one_scale
    assert pair.first is not None
    assert pair.second is not None
    for picture in (pair.first, pair.second):
        left, _, wide, high = (float(one) for one in picture.shown.split())
        assert wide / (picture.units_per_mm or 0) == pytest.approx(96, abs=0.1)
        assert high / (picture.units_per_mm or 0) == pytest.approx(315, abs=0.3)
        assert left == pytest.approx(-(wide - picture.width) / 2, abs=0.01)  # in the middle
    unknown = visit(stored_scan(patient, owner, spacing=None).versions.get(), "")
    assert not side_by_side(views[0], unknown).is_on_one_scale


def test_cuts_of_a_volume_are_on_one_scale_by_the_size_in_their_titles(
    patient: Patient, owner: User
) -> None:
    volumes = [
        stored_scan(patient, owner, kind=CT, size=[40, 300, 160], regions=[]) for _ in range(2)
    ]
    for scan, title in zip(volumes, ("1.00 mm pixels", "0.50 mm pixels"), strict=True):
        scan.versions.get().pictures.update(title=f"Sagittal cut along the spine, {title}")
    views = [visit(scan.versions.get(), "") for scan in volumes]
    sides = side_by_side(*views)
    (pair,) = sides.whole
    assert pair.is_on_one_scale
    assert sides.slices == ()
    assert pair.first is not None
    assert pair.second is not None
    # 160 pixels of 1 mm and of 0.5 mm: both show 160 mm.
    wide = [float(one.shown.split()[2]) for one in (pair.first, pair.second)]
    assert wide[1] == pytest.approx(2 * wide[0], rel=1e-3)
