"""A picture without tags is called a body part only where the evidence is strong."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from scipy import ndimage

from imaging.measure import measure
from imaging.phantoms import dxa_femur, dxa_forearm
from imaging.result import Kind, Status
from tests.imaging.conftest import DrawnSpine


def saved(values: npt.NDArray[np.generic], path: Path) -> Path:
    sink = BytesIO()
    grey = np.asarray(values, dtype=np.float64)
    grey = 255 * (grey - grey.min()) / (grey.max() - grey.min())
    Image.fromarray(grey.astype(np.uint8)).save(sink, format="PNG")
    path.write_bytes(sink.getvalue())
    return path


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("struts", [False, True])
def test_texture_is_no_body_part(seed: int, struts: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    texture = rng.normal(0, 1, (200, 200))
    if struts:
        # Bright plates and dark holes, as under a microscope.
        smooth = ndimage.gaussian_filter(texture, (6, 10))
        texture = np.where(smooth > np.quantile(smooth, 0.55), 200.0, 0.0) + 10 * texture
    result = measure([saved(texture, tmp_path / "picture")]).measurement
    assert result.status is Status.REFUSED
    assert result.kind == Kind(modality="unknown")
    assert "looks like" not in (result.reason or "")


def test_a_spine_from_the_front_is_still_named(drawn_spine: DrawnSpine, tmp_path: Path) -> None:
    pixels, _ = drawn_spine(1)
    result = measure([saved(pixels, tmp_path / "picture")]).measurement
    # Nothing in it tells a densitometer from an X-ray tube.
    assert result.kind == Kind(modality="unknown", body_part="lumbar_spine", view="ap")
    assert "looks like a lumbar spine" in (result.reason or "")


def test_a_slice_of_a_bone_sample_is_no_spine(shared: Callable[[str], Path]) -> None:
    picture = shared("scans/microct_trabecular/3155_D_4_bc_0015.tif")
    assert measure([picture]).measurement.kind == Kind(modality="unknown")


def test_a_drawn_hip_and_forearm_without_tags_are_named_and_refused(tmp_path: Path) -> None:
    for part, pixels in (("hip", dxa_femur(1)[0]), ("forearm", dxa_forearm(1)[0])):
        Image.fromarray(pixels).save(tmp_path / f"{part}.png")
        result = measure([tmp_path / f"{part}.png"]).measurement
        assert result.status is Status.REFUSED
        assert result.kind.body_part == part
        assert f"looks like a {part}" in (result.reason or "")
