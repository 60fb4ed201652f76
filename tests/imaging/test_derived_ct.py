"""Pictures that were computed are told from those that thresholds were published for."""

from dataclasses import replace

import numpy as np
import pytest

from imaging.acquisition.derived import DERIVED, check_derived, derived_findings
from imaging.acquisition.technique import technique_findings
from imaging.errors import UnsuitableScan
from imaging.identity.deidentify import Value
from imaging.kinds.recognising import Recognised
from imaging.result import Kind, Region, ScanMeasurement, Status
from imaging.volume import Volume
from imaging.ways import ct_spine
from riskapp.exchange.scan_fields import profile_fields
from tests.imaging.conftest import DrawnCt

NATIVE = "ORIGINAL PRIMARY AXIAL"


def tags(description: str, image_type: str = NATIVE, **more: str) -> dict[str, Value]:
    return {"ImageType": image_type, "SeriesDescription": description, "KVP": 120.0, **more}


@pytest.mark.parametrize(
    "told",
    [
        tags("Abdomen 3.0 B30f"),
        tags("ABD/PEL W/O CONTRAST 5.0"),
        tags("Columna lumbar de 2 mm"),
        tags("Thin monitor bolus", "ORIGINAL PRIMARY AXIAL CT_SOM5 SPI"),
        tags("TNC native"),
        tags("Spectral conventional 120 kVp"),
        tags("Minipig"),
        tags("", RescaleType="HU"),
        tags("Abdomen", MultienergyCTAcquisition="NO"),
        {},
    ],
)
def test_pictures_as_the_scanner_made_them_pass(told: dict[str, Value]) -> None:
    check_derived(told)
    assert derived_findings(told) == []


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (tags("VNC virtual non contrast", "DERIVED PRIMARY AXIAL VNC"), "virtual non-contrast"),
        (tags("Virtual Unenhanced (iodine removed)"), "virtual non-contrast"),
        (tags("Monoenergetic 70keV"), "monoenergetic"),
        (tags("MonoE 40 keV"), "monoenergetic"),
        (tags("Mono+ 65"), "monoenergetic"),
        (tags("70 keV"), "monoenergetic"),
        (tags("Abdomen", "DERIVED PRIMARY AXIAL VMI"), "monoenergetic"),
        (tags("Abdomen", "DERIVED PRIMARY AXIAL MAT_MODIFIED"), "material-modified"),
        (tags("Abdomen DE M_0.6"), "spectral"),
        (tags("Dual-Energy mixed"), "spectral"),
        (tags("Spectral HD"), "spectral"),
        (tags("Abdomen", MultienergyCTAcquisition="YES"), "spectral"),
        (tags("Abdomen", ManufacturerModelName="NAEOTOM Alpha"), "counts photons"),
        (tags("SAG MPR", "DERIVED SECONDARY MPR"), "reformatted"),
        (tags("Cor", "DERIVED PRIMARY REFORMATTED AVERAGE"), "reformatted"),
        (tags("Abdomen", "DERIVED SECONDARY AXIAL"), "not how"),
    ],
)
def test_computed_pictures_are_told_and_measured(told: dict[str, Value], words: str) -> None:
    check_derived(told)
    (finding,) = derived_findings(told)
    assert words in finding.advice


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (tags("Abdomen", "DERIVED SECONDARY AXIAL MIP"), "intensity projection"),
        (tags("AX MIP 10 mm"), "intensity projection"),
        (tags("MinIP"), "intensity projection"),
        (tags("Abdomen", "DERIVED PRIMARY VOLUME MAXIMUM"), "through a slab"),
        (tags("VRT spine"), "rendering"),
        (tags("Subtraction art-nat"), "subtraction"),
        (tags("Iodine no water"), "map of a material"),
        (tags("Iodine map"), "map of a material"),
        (tags("Abdomen", "DERIVED PRIMARY AXIAL MAT_SPECIFIC"), "map of a material"),
        (tags("Z Effective"), "map of a material"),
        (tags("VNCa marrow"), "without calcium"),
        (tags("Calcium-suppressed 50"), "without calcium"),
        (tags("Abdomen", RescaleType="MGML"), "in the unit MGML"),
        (tags("Abdomen", RescaleType="Z_EFF"), "in the unit Z_EFF"),
    ],
)
def test_what_is_no_attenuation_of_bone_is_refused(told: dict[str, Value], words: str) -> None:
    with pytest.raises(UnsuitableScan, match=words):
        check_derived(told)


def test_thickness_is_judged_as_it_is_written() -> None:
    def found(slice_mm: float) -> set[str]:
        volume = Volume(
            np.zeros((3, 4, 4), np.float32), (slice_mm, 1.0, 1.0), np.eye(4), "drawn", tags("")
        )
        return {finding.code for finding in technique_findings(volume)}

    assert "thick_slices" not in found(3.00002)
    assert "thick_slices" in found(3.1)


@pytest.mark.parametrize(
    ("description", "image_type", "usual"),
    [
        ("Abdomen 3.0", NATIVE, True),
        ("Monoenergetic 70 keV", NATIVE, False),
    ],
)
def test_computed_pictures_have_neither_category_nor_density(
    description: str, image_type: str, usual: bool, drawn_ct: DrawnCt
) -> None:
    result = _measured(drawn_ct, description, image_type)
    codes = {finding.code for finding in result.quality}
    names = {one.name for one in result.measurements}
    assert "trabecular_attenuation_hu" in names
    assert (DERIVED in codes) is not usual
    assert ("attenuation_category" in codes) is usual
    assert ("trabecular_vbmd_mg_cm3" in names) is usual
    assert ("l1_attenuation_hu" in profile_fields(result)) is usual


def test_a_projection_is_refused_in_one_sentence(drawn_ct: DrawnCt) -> None:
    result = _measured(drawn_ct, "Abdomen", "DERIVED SECONDARY AXIAL MIP")
    assert result.status is Status.REFUSED
    assert "intensity projection" in (result.reason or "")


def _measured(drawn_ct: DrawnCt, description: str, image_type: str) -> ScanMeasurement:
    """Measure a drawn spine in a region that a person drew, quicker than finding it."""
    volume, truth = drawn_ct(0)
    body = truth.labels == truth.names.index("L1") + 1
    middle, row, column = (round(float(at)) for at in np.argwhere(body).mean(axis=0))
    corners = ((-8, -6), (8, -6), (8, 6), (-8, 6))
    region = Region(
        id="L1",
        label="L1",
        method="drawn",
        confidence=None,
        polygon=tuple((float(column + x), float(row + y)) for x, y in corners),
        slice_index=middle,
        depth_slices=(middle - 1, middle + 1),
    )
    told = tags(description, image_type, ContrastBolusAgent="NONE")
    scan = replace(volume, tags={**volume.tags, **told})
    seen = Recognised(Kind(modality="ct", body_part="lumbar_spine", view="axial"))
    return ct_spine.measure(scan, seen, (), [region]).measurement
