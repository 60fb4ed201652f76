"""Every listed texture feature against the published values of the standard's phantoms."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imaging.texture.catalogue import FAMILIES
from imaging.texture.configurations import CONFIGURATIONS, DIGITAL
from imaging.texture.files import read_pair
from imaging.texture.first_order import first_order
from imaging.texture.ibsi import features
from imaging.texture.listing import entries
from imaging.texture.reference_page import Reference, Row, rounded, rows, section
from imaging.texture.settings import PLANAR, VOLUME, Settings

REFERENCE = Path(__file__).parents[1] / "reference"
PAGE = Path(__file__).parents[2] / "docs" / "texture-ibsi.md"
Phantom = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]
CT = "texture/ibsi_1_ct_phantom/nifti"


def table(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


@pytest.fixture(scope="module")
def digital() -> list[Row]:
    # Voxels come in the order slice, row, column.
    voxels = table("ibsi_digital_phantom.csv")
    shape = tuple(int(voxels[-1][axis]) + 1 for axis in ("slice", "row", "column"))
    image = np.array([float(voxel["grey_level"]) for voxel in voxels]).reshape(shape)
    inside = np.array([voxel["in_region"] == "1" for voxel in voxels]).reshape(shape)
    published = {
        row["tag"]: Reference(float(row["reference_value"]), float(row["tolerance"]))
        for row in table("ibsi_digital_phantom_values.csv")
    }
    return rows(features(image, inside, (2.0, 2.0, 2.0), DIGITAL), published)


@pytest.mark.parametrize("family", [family.title for family in FAMILIES.values()])
def test_digital_phantom_has_the_published_features(family: str, digital: list[Row]) -> None:
    compared = [row for row in digital if row.entry.family == family]
    assert {row.entry.tag for row in compared} == {
        entry.tag for entry in entries().values() if entry.family == family
    }
    assert [row for row in compared if not row.within] == []


def test_the_page_says_what_is_computed_on_the_digital_phantom(digital: list[Row]) -> None:
    assert section("Digital phantom", digital) in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("letter", "count"), [("A", 321), ("C", 185)])
def test_ct_phantom_has_the_published_features(
    letter: str, count: int, shared: Callable[[str], Path]
) -> None:
    phantom = shared(CT)
    published = shared(f"texture/ibsi_1_reference_values/ibsi_1_chest_config_{letter.lower()}.csv")
    with published.open(encoding="utf-8") as source:
        values = {
            line["tag"]: Reference(float(line["reference value"]), float(line["tolerance"]))
            for line in csv.DictReader(source, delimiter=";")
            if line["reference value"]
        }
    pair = read_pair(phantom / "image" / "phantom.nii.gz", phantom / "mask" / "mask.nii.gz")
    compared = rows(features(*pair, CONFIGURATIONS[letter]), values)
    assert [row for row in compared if not row.within] == []
    assert len(compared) == count
    title = f"CT phantom, configuration {letter}"
    assert section(title, compared) in PAGE.read_text(encoding="utf-8")


def test_every_value_on_the_page_is_within_tolerance() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert "| NO |" not in page
    assert page.count("| yes |") == 457 + 321 + 185


def test_a_value_just_beyond_its_tolerance_is_not_within() -> None:
    entry = next(iter(entries().values()))
    assert Row(entry, 1.0349, Reference(1.00, 0.03)).within
    assert not Row(entry, 1.0351, Reference(1.00, 0.03)).within
    assert not Row(entry, 1.01, Reference(1.00, 0.0)).within


@pytest.mark.parametrize(
    ("value", "printed"), [(0.0, 0.0), (123456.0, 123000.0), (-0.0123456, -0.0123), (9.999, 10.0)]
)
def test_values_are_rounded_as_references_are_printed(value: float, printed: float) -> None:
    assert rounded(value) == pytest.approx(printed, rel=1e-12)


def test_identifiers_are_unique_but_where_the_standard_has_one_for_two_thresholds() -> None:
    identifiers = [f.ibsi_id for family in FAMILIES.values() for f in family.features.values()]
    twice = {one for one in identifiers if identifiers.count(one) > 1}
    assert twice == {"BC2M", "GBPN"}
    assert len(identifiers) == 144


def test_a_flat_region_has_defined_features() -> None:
    flat = np.full((4, 8, 8), 7.0)
    every = Settings(volume_bins=None, aggregations=PLANAR + VOLUME)
    found = features(flat, np.ones(flat.shape), (1.0, 1.0, 1.0), every)
    assert found["cm_corr_3D_comb"] == 1.0
    assert found["ngt_coarseness_3D"] == 1e6
    assert found["szm_z_perc_3D"] == pytest.approx(1 / 256)
    assert first_order(flat.ravel())["skewness"] == 0.0
    assert all(np.isfinite(value) for value in found.values())


def test_a_single_voxel_leaves_out_what_needs_a_neighbour() -> None:
    image, mask = np.zeros((3, 3, 3)), np.zeros((3, 3, 3))
    image[1, 1, 1] = mask[1, 1, 1] = 1
    found = features(image, mask, (1.0, 1.0, 1.0))
    assert not any(tag.startswith(("cm_", "ngt_")) for tag in found)
    assert found["rlm_sre_3D_comb"] == 1.0


def test_a_flat_picture_is_one_slice() -> None:
    image = np.random.default_rng(3).integers(0, 6, (9, 11)).astype(float)
    mask = np.ones(image.shape)
    flat = features(image, mask, (0.5, 0.5), Settings(aggregations=PLANAR))
    stacked = features(image[None], mask[None], (0.5, 0.5, 0.5), Settings(aggregations=PLANAR))
    assert flat == stacked
