"""Forearms on densitometer images; only drawn ones are there."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import ndimage

from imaging.errors import UnsuitableScan
from imaging.kinds.recognising import recognise_projection
from imaging.measure import measure
from imaging.phantoms import dxa_femur, dxa_forearm, dxa_forearm_dicom
from imaging.projection import Projection
from imaging.regions.forearm import LENGTH_MM, find_regions
from imaging.result import Spacing, Status

Picture = npt.NDArray[np.float32]


def projected(pixels: npt.NDArray[np.generic]) -> Projection:
    spacing = Spacing(mm=(0.5, 0.5), source="PixelSpacing")
    return Projection(np.ascontiguousarray(pixels, dtype=np.float32), spacing)


def places(picture: npt.NDArray[np.generic]) -> dict[str, npt.NDArray[np.float64]]:
    found = find_regions(projected(picture))
    return {region.id: (np.array(region.polygon) + 0.5) * 0.5 for region in found.regions}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("turned", [False, True])
def test_a_drawn_forearm_is_found_where_it_was_drawn(seed: int, turned: bool) -> None:
    pixels, truth = dxa_forearm(seed)
    at = places(pixels[::-1] if turned else pixels)
    height = pixels.shape[0] * 0.5

    def down(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return height - points[:, 1] if turned else points[:, 1]

    assert down(at["ulnar_tip"]).mean() == pytest.approx(truth.tip_mm, abs=1.5)
    third = down(at["radius_33"])
    assert third.mean() == pytest.approx(truth.tip_mm + LENGTH_MM / 3, abs=2)
    assert np.ptp(third) == pytest.approx(20, abs=1)
    assert np.ptp(down(at["radius_ud"])) == pytest.approx(15, abs=1)
    for name, edges in (("radius_33", truth.radius_mm), ("ulna_33", truth.ulna_mm)):
        assert at[name][:, 0].min() == pytest.approx(edges[0], abs=1.2)
        assert at[name][:, 0].max() == pytest.approx(edges[1], abs=1.2)


CHANGES = {
    "mirrored": lambda p: p[:, ::-1],
    "lighter": lambda p: 252 * (p / 252) ** 0.7,
    "darker": lambda p: 252 * (p / 252) ** 1.4,
    "noise": lambda p: p + np.random.default_rng(0).normal(0, 12, p.shape),
    "leaning": lambda p: ndimage.rotate(p, 5, reshape=False, order=1, mode="nearest"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_tip_of_the_ulna_stays_in_place(change: str) -> None:
    pixels, truth = dxa_forearm(2)
    at = places(CHANGES[change](pixels.astype(np.float32)))
    # Five degrees move what lies 15 mm beside the middle by 1.3 mm.
    assert at["ulnar_tip"][:, 1].mean() == pytest.approx(truth.tip_mm, abs=3)
    assert {"radius_33", "radius_ud", "ulna_33", "ulna_ud"} <= set(at)


def test_a_forearm_is_measured_and_its_numbers_say_that_only_drawn_ones_were_tried(
    tmp_path: Path,
) -> None:
    (tmp_path / "scan").write_bytes(dxa_forearm_dicom(1))
    result = measure([tmp_path / "scan"]).measurement
    assert result.status is Status.MEASURED
    assert result.kind.body_part == "forearm"
    assert {m.tried_on for m in result.measurements} == {"generated images"}
    assert "forearm_length_assumed" in {finding.code for finding in result.quality}


def test_what_is_no_forearm_is_refused() -> None:
    with pytest.raises(UnsuitableScan, match="forearm"):
        find_regions(projected(dxa_femur(1, pixel_mm=0.5)[0]))
    with pytest.raises(UnsuitableScan, match="forearm"):
        find_regions(projected(np.random.default_rng(0).normal(100, 10, (300, 200))))


def test_a_picture_that_ends_early_leaves_the_one_third_out() -> None:
    pixels, _ = dxa_forearm(3)
    found = find_regions(projected(pixels[:220]))
    assert {"radius_ud", "ulna_ud"} <= {region.id for region in found.regions}
    assert "radius_33" not in {region.id for region in found.regions}
    assert "cut_off_region" in {finding.code for finding in found.findings}


def test_a_forearm_is_recognised_without_words() -> None:
    pixels, _ = dxa_forearm(0)
    image = projected(pixels)
    image.tags.update({"Modality": "CR", "Manufacturer": "GE Lunar"})
    seen = recognise_projection(image)
    assert (seen.kind.modality, seen.kind.body_part) == ("dxa", "forearm")
