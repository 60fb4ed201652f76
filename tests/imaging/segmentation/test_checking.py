"""The shipped networks beside geometry: drawn scans with known truth, and real ones."""

import sys
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from imaging.intake.gathering import gather
from imaging.intake.opening import open_scan
from imaging.projection import Projection
from imaging.regions import ct_vertebrae, dxa_spine
from imaging.result import Spacing
from imaging.segmentation import inference, making, painting_ct
from imaging.segmentation.checking import check_areas, check_bodies, check_column
from imaging.segmentation.evaluating import rail_dice
from imaging.segmentation.grids import on_flat_grid
from imaging.segmentation.label_maps import label_volume, read_label_map
from imaging.segmentation.labels import Ct, Flat
from imaging.segmentation.network import UNet
from imaging.segmentation.saliency import looked_at
from imaging.segmentation.unlabelled import read_unlabelled, texture_field
from imaging.segmentation.weights import CARD, read, shipped
from imaging.volume import Volume
from tests.imaging.conftest import DrawnCt, DrawnSpine

LUMBAR = {"L1", "L2", "L3", "L4", "L5"}


@pytest.fixture
def drawn_picture(drawn_spine: DrawnSpine) -> Projection:
    pixels, truth = drawn_spine(0)
    spacing = Spacing(mm=(truth.pixel_mm, truth.pixel_mm), source="drawn")
    return Projection(pixels.astype(np.float32), spacing)


def test_bodies_found_on_a_drawn_ct_are_supported_and_moved_ones_are_not(drawn_ct: DrawnCt) -> None:
    volume, truth = drawn_ct(0)
    found = ct_vertebrae.find_regions(volume)
    checked = check_bodies(volume, found)
    assert checked.findings == ()
    assert checked.pictures == ()
    assert {name for name, word in checked.said.items() if word.overlap > 0.8} >= LUMBAR
    # Half a vertebra up, as if a disc had been taken for the middle of a body.
    up = round(17 / truth.spacing_mm[0])
    moved = {
        name: replace(body, corner=(body.corner[0] + up, *body.corner[1:]))
        for name, body in found.bodies.items()
    }
    doubted = check_bodies(volume, replace(found, bodies=moved))
    assert set(doubted.doubted) >= LUMBAR
    assert [finding.code for finding in doubted.findings] == ["network_disagrees"]
    assert all((region.confidence or 0) < 0.5 for region in doubted.regions if region.id in LUMBAR)
    # A person sees where the network looked.
    (picture,) = doubted.pictures
    with Image.open(BytesIO(picture.png)) as shown:
        assert shown.size == (picture.width, picture.height)


def test_without_torch_only_the_picture_of_where_it_looked_is_missing(
    drawn_ct: DrawnCt, monkeypatch: pytest.MonkeyPatch
) -> None:
    volume, _ = drawn_ct(0)
    found = ct_vertebrae.find_regions(volume)
    moved = {
        name: replace(body, corner=(body.corner[0] + 9, *body.corner[1:]))
        for name, body in found.bodies.items()
    }
    monkeypatch.setitem(sys.modules, "imaging.segmentation.looking", None)
    checked = check_bodies(volume, replace(found, bodies=moved))
    assert checked.doubted
    assert checked.pictures == ()


def test_measuring_goes_on_where_the_weights_are_not_in_order(
    drawn_ct: DrawnCt, drawn_picture: Projection, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    volume, _ = drawn_ct(0)
    found = ct_vertebrae.find_regions(volume)
    monkeypatch.setattr(inference, "shipped", lambda target: read(tmp_path))
    checked = check_bodies(volume, found)
    assert checked.regions == found.regions
    assert [finding.code for finding in checked.findings] == ["network_not_run"]
    flat = check_column(drawn_picture, found.regions)
    assert flat.regions == found.regions
    assert [finding.code for finding in flat.findings] == ["network_not_run"]


def test_vertebrae_found_on_a_drawn_picture_are_supported(drawn_picture: Projection) -> None:
    found = dxa_spine.find_regions(drawn_picture)
    checked = check_column(drawn_picture, found.regions)
    assert checked.findings == ()
    assert all(word.overlap > 0.9 for word in checked.said.values())
    aside = [
        replace(region, polygon=tuple((x + 40, y) for x, y in region.polygon))
        for region in found.regions
        if region.outline == "area"  # discs are lines, which hold no bone
    ]
    assert len(check_column(drawn_picture, aside).doubted) == len(aside)
    areas = {region.id: (Flat.BODY, Flat.DISC) for region in found.regions}
    assert check_areas(drawn_picture, found.regions, areas).doubted == ()


def test_a_picture_without_spacing_is_not_looked_at(drawn_picture: Projection) -> None:
    found = dxa_spine.find_regions(drawn_picture)
    checked = check_column(replace(drawn_picture, spacing=None), found.regions)
    assert (checked.regions, checked.findings) == (found.regions, ())
    assert on_flat_grid(replace(drawn_picture, spacing=None)) is None


def test_saliency_is_shares_that_sum_to_one_and_lie_on_the_spine() -> None:
    drawn = painting_ct.example(np.random.default_rng(3), 48)
    where = drawn.labels == Ct.BODY
    where[:16] = False
    where[32:] = False
    heat = looked_at(UNet.of(shipped("ct").network), drawn.image, Ct.BODY, where)
    assert heat.shape == drawn.image.shape
    assert (heat >= 0).all()
    assert float(heat.sum()) == pytest.approx(1, abs=1e-4)
    # What speaks for bodies is on the spine more than beside it.
    spine = np.isin(drawn.labels, (Ct.BODY, Ct.DISC))
    assert heat[spine].mean() > 1.5 * heat[~spine].mean()
    with pytest.raises(ValueError, match="holds something"):
        looked_at(UNet.of(shipped("ct").network), drawn.image, Ct.BODY, where & False)


def write_nifti(values: np.ndarray, mm: float, path: Path) -> Path:
    """Write a volume of (slice, row, column) as NIfTI, which counts the other way."""
    affine = np.diag([-mm, -mm, mm, 1.0])
    nibabel.save(nibabel.Nifti1Image(values.transpose(2, 1, 0), affine), path)
    return path


def test_a_label_map_of_the_user_is_unrolled_along_its_canal(tmp_path: Path) -> None:
    labels = np.zeros((60, 60, 60), np.uint8)
    labels[:, 38:44, 27:33] = Ct.CANAL
    labels[20:34, 18:36, 18:42] = Ct.BODY
    unrolled = read_label_map(write_nifti(labels, 2.0, tmp_path / "map.nii.gz"), "ct")
    assert unrolled.shape[1:] == (32, 32)
    body = np.argwhere(unrolled == Ct.BODY)
    assert np.ptp(body, axis=0) + 1 == pytest.approx([14, 18, 24], abs=2)
    # The front of the body is ahead of the canal.
    assert body[:, 1].mean() > np.argwhere(unrolled == Ct.CANAL)[:, 1].mean()


def test_a_network_trained_on_a_users_maps_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "HELD_OUT_PICTURES", 2)
    labels = np.zeros((170, 130), np.uint8)
    labels[20:150, 45:85] = Flat.BODY
    path = tmp_path / "map.png"
    Image.fromarray(labels).save(path)
    told = making.make("flat", tmp_path / "out", 0.01, 3, making.Sources(label_maps=[path]))
    assert (tmp_path / "out" / CARD).read_text() == told
    trained = read(tmp_path / "out")
    assert trained.recipe.label_maps[0][:12] in told
    assert trained.sha256 in told
    assert "must not be used for" in told


def labelled_ct(shared: Callable[[str], Path]) -> tuple[Volume, np.ndarray]:
    scan, _ = open_scan(gather([shared("scans/ct_lumbar_labelled/example_ct.nii.gz")]))
    assert isinstance(scan, Volume)
    folder = shared("scans/ct_lumbar_labelled/spine_report/example_ct_report")
    level = np.rint(label_volume(folder / "totalseg.nii.gz").voxels).astype(int)
    marked = np.rint(label_volume(folder / "totalseg_vertebrae_body.nii.gz").voxels) == 1
    # 27 is L5, 31 is L1.
    return scan, np.where(marked & (level >= 27) & (level <= 31), level - 26, 0)


def test_the_network_marks_the_bodies_of_a_labelled_ct(shared: Callable[[str], Path]) -> None:
    volume, bodies = labelled_ct(shared)
    overlap = rail_dice(volume, bodies)
    assert len(overlap.each) == 5
    assert min(overlap.each.values()) > 0.80
    assert np.mean(list(overlap.each.values())) > 0.87


def test_real_scans_are_supported_and_can_be_learned_from(shared: Callable[[str], Path]) -> None:
    path = shared("scans/dxa_ge_lunar/ap_spine.dcm")
    image, _ = open_scan(gather([path]))
    assert isinstance(image, Projection)
    found = dxa_spine.find_regions(image)
    assert check_column(image, found.regions).findings == ()
    assert read_unlabelled(path, "flat").ndim == 2
    assert min(texture_field(path).shape) > 64
