"""Every listed texture feature against the published values of the digital phantom."""

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from imaging.texture.catalogue import COOCCURRENCE, FIRST_ORDER
from imaging.texture.cooccurrence import (
    Aggregation,
    cooccurrence_counts,
    cooccurrence_features,
    directions,
)
from imaging.texture.discretise import fixed_bin_number
from imaging.texture.first_order import first_order

SUFFIX = {
    Aggregation.SLICES_AND_DIRECTIONS_AVERAGED: "2D_avg",
    Aggregation.DIRECTIONS_MERGED_SLICES_AVERAGED: "2D_comb",
    Aggregation.SLICES_MERGED_DIRECTIONS_AVERAGED: "2_5D_avg",
    Aggregation.SLICES_AND_DIRECTIONS_MERGED: "2_5D_comb",
    Aggregation.VOLUME_AVERAGED: "3D_avg",
    Aggregation.VOLUME_MERGED: "3D_comb",
}


REFERENCE = Path(__file__).parents[1] / "reference"


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


@pytest.fixture
def published() -> dict[str, str]:
    return {row["tag"]: row["reference_value"] for row in rows("ibsi_digital_phantom_values.csv")}


@pytest.fixture
def phantom() -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    # Voxels come in the order slice, row, column.
    voxels = rows("ibsi_digital_phantom.csv")
    shape = tuple(int(voxels[-1][axis]) + 1 for axis in ("slice", "row", "column"))
    image = np.array([float(voxel["grey_level"]) for voxel in voxels], dtype=np.float32)
    inside = np.array([voxel["in_region"] == "1" for voxel in voxels])
    return image.reshape(shape), inside.reshape(shape)


def last_digit(printed: str) -> float:
    """Give half a unit of the last printed digit: published values have three of them."""
    magnitude = np.floor(np.log10(abs(float(printed))))
    return 0.5001 * 10.0 ** (magnitude - 2)


def test_first_order_features_equal_the_published_ones(
    published: dict[str, str],
    phantom: tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]],
) -> None:
    image, mask = phantom
    found = first_order(image[mask].astype(np.float64))
    assert set(found) == set(FIRST_ORDER)
    for name, feature in FIRST_ORDER.items():
        printed = published[feature.ibsi_name]
        assert found[name] == pytest.approx(float(printed), abs=last_digit(printed)), name


@pytest.mark.parametrize("aggregation", list(Aggregation))
def test_cooccurrence_features_equal_the_published_ones(
    aggregation: Aggregation,
    published: dict[str, str],
    phantom: tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]],
) -> None:
    image, mask = phantom
    levels = np.where(mask, image - 1, -1).astype(np.intp)
    found = cooccurrence_features(levels, 6, aggregation)
    assert set(found) == set(COOCCURRENCE)
    for name, feature in COOCCURRENCE.items():
        printed = published[f"{feature.ibsi_name}_{SUFFIX[aggregation]}"]
        assert found[name] == pytest.approx(float(printed), abs=last_digit(printed)), name


# Haralick, Shanmugam and Dinstein 1973, figure 3: a 4 x 4 image with four grey tones.
HARALICK = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [0, 2, 2, 2], [2, 2, 3, 3]])


def test_counts_equal_haralicks_matrix() -> None:
    np.testing.assert_array_equal(
        cooccurrence_counts(HARALICK, (0, 1), 4),
        [[4, 2, 1, 0], [2, 4, 0, 0], [1, 0, 6, 1], [0, 0, 1, 2]],
    )


def test_voxels_outside_the_region_join_no_pair() -> None:
    masked = np.where(HARALICK == 3, -1, HARALICK)
    assert cooccurrence_counts(masked, (0, 1), 4)[3].sum() == 0


def test_there_are_four_directions_in_a_plane_and_thirteen_in_a_volume() -> None:
    assert (len(directions(2)), len(directions(3))) == (4, 13)


def test_identifiers_are_unique() -> None:
    features = [*FIRST_ORDER.values(), *COOCCURRENCE.values()]
    assert len({feature.ibsi_id for feature in features}) == len(features)


def test_bins_cover_the_range_and_nothing_else() -> None:
    values = np.arange(10, dtype=np.float32)
    mask = values < 9
    levels = fixed_bin_number(values, mask, 4)
    assert (levels[0], levels[8], levels[9]) == (0, 3, -1)


def test_a_flat_region_has_defined_features() -> None:
    flat = np.full((8, 8), 7, dtype=np.float32)
    mask = np.ones((8, 8), dtype=bool)
    found = cooccurrence_features(
        fixed_bin_number(flat, mask, 16), 16, Aggregation.SLICES_AND_DIRECTIONS_MERGED
    )
    assert found["correlation"] == 1.0
    assert first_order(flat.ravel().astype(np.float64))["skewness"] == 0.0
