"""Variogram, fractal dimension and anisotropy on pictures whose truth is known."""

import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from imaging.result import Measurement
from imaging.texture.anisotropy import gradient_anisotropy
from imaging.texture.bone_texture import FEWEST_POINTS, HOUNSFIELD, texture_measurements
from imaging.texture.fractal import fractal_dimension
from imaging.texture.grid import Grid, Sampled, sample
from imaging.texture.variogram import variogram_slope

Image = npt.NDArray[np.float64]


def sampled(image: Image) -> Sampled:
    """Take a picture as one that lies on the grid already."""
    stack = image if image.ndim == 3 else image[None]
    axes = (0, 1, 2) if image.ndim == 3 else (1, 2)
    return Sampled(stack.astype(np.float32), np.ones(stack.shape, dtype=bool), axes)


def brownian(roughness: float, seed: int = 0, size: int = 200) -> Image:
    """Draw a fractional Brownian surface of Hurst exponent ``roughness`` by its spectrum.

    Every fourth point of a finer one: else the spectrum would end at the smallest lag.
    """
    frequency = np.hypot(*np.meshgrid(*[np.fft.fftfreq(4 * size)] * 2))
    frequency[0, 0] = np.inf
    noise = np.fft.fft2(np.random.default_rng(seed).normal(size=frequency.shape))
    surface = np.fft.ifft2(noise / frequency ** (roughness + 1)).real[::4, ::4]
    return np.asarray(100 * surface / surface.std(), dtype=np.float64)


@pytest.mark.parametrize("roughness", [0.2, 0.5, 0.8])
def test_variogram_slope_is_twice_the_hurst_exponent(roughness: float) -> None:
    slopes = [variogram_slope(sampled(brownian(roughness, seed))) for seed in range(2)]
    assert np.mean([s for s in slopes if s is not None]) == pytest.approx(2 * roughness, abs=0.2)


# In a neighbourhood of few points the extremes are seldom seen, so that rough surfaces read low:
# blankets put surfaces into order, and of smooth ones they give the dimension.
@pytest.mark.parametrize(("truth", "read"), [(2.2, 2.18), (2.5, 2.34), (2.8, 2.48)])
def test_fractal_dimension_of_a_brownian_surface(truth: float, read: float) -> None:
    found = [fractal_dimension(sampled(brownian(3 - truth, seed))) for seed in range(2)]
    assert np.mean([f for f in found if f is not None]) == pytest.approx(read, abs=0.04)


def test_fractal_dimension_of_a_volume_lies_between_three_and_four() -> None:
    rough = np.random.default_rng(1).normal(size=(30, 30, 30))
    read = [fractal_dimension(sampled(ndimage.gaussian_filter(rough, blur))) for blur in (0, 1, 3)]
    assert all(dimension is not None and 3 <= dimension <= 4 for dimension in read)
    assert read == sorted(read, key=lambda dimension: -(dimension or 0))


def test_a_ramp_and_white_noise_are_the_two_ends() -> None:
    ramp = np.add.outer(np.arange(60.0), np.zeros(60))
    noise = np.random.default_rng(1).normal(size=(120, 120))
    assert variogram_slope(sampled(ramp)) == pytest.approx(2.0, abs=0.1)
    assert variogram_slope(sampled(noise)) == pytest.approx(0.0, abs=0.05)
    assert fractal_dimension(sampled(ramp)) == pytest.approx(2.0, abs=0.05)
    assert gradient_anisotropy(sampled(ramp)) == pytest.approx(1.0, abs=1e-6)
    isotropic = gradient_anisotropy(sampled(noise))
    assert isotropic is not None
    assert isotropic < 0.1


def test_a_flat_picture_has_none_of_them() -> None:
    flat = sampled(np.full((40, 40), 5.0))
    assert variogram_slope(flat) is None
    assert fractal_dimension(flat) is None
    assert gradient_anisotropy(flat) is None


@settings(max_examples=20, deadline=None)
@given(st.floats(0.5, 4.0), st.floats(-100.0, 100.0))
def test_gain_and_offset_change_nothing(gain: float, offset: float) -> None:
    image = brownian(0.5, size=40)
    for measure in (variogram_slope, fractal_dimension, gradient_anisotropy):
        assert measure(sampled(gain * image + offset)) == pytest.approx(
            measure(sampled(image)), abs=2e-3
        )


@pytest.mark.parametrize("turn", [0, 1])
def test_stripes_are_anisotropic_whichever_way_they_run(turn: int) -> None:
    stripes = np.sin(np.add.outer(np.zeros(80), np.arange(80.0)) / 2)
    noise = np.random.default_rng(2).normal(size=(80, 80))
    found = gradient_anisotropy(sampled(np.rot90(stripes + 0.1 * noise, turn)))
    assert found is not None
    assert found > 0.8


def test_the_grid_is_the_same_whatever_the_pixel() -> None:
    # A smooth wave of 8 mm, drawn with pixels of 0.25 and of 0.5 mm.
    grid = Grid(step_mm=0.5, blur_mm=0.25)

    def wave(mm: float) -> Sampled:
        place = (np.arange(int(60 / mm)) + 0.5) * mm
        image = 100 * np.sin(np.add.outer(place, place) * 2 * np.pi / 8)[None]
        inside = np.zeros(image.shape, dtype=bool)
        inside[:, int(10 / mm) : int(50 / mm), int(10 / mm) : int(50 / mm)] = True
        return sample(image, inside, (1.0, mm, mm), grid, (1, 2))

    fine, coarse = wave(0.25), wave(0.5)
    assert fine.inside.sum() == coarse.inside.sum() == 80**2
    np.testing.assert_allclose(fine.values[fine.inside], coarse.values[coarse.inside], atol=2.0)


def by_name(numbers: list[Measurement]) -> dict[str, Measurement]:
    return {number.name: number for number in numbers}


def test_every_number_says_how_stable_it_is_in_this_picture() -> None:
    image = 120 + ndimage.gaussian_filter(np.random.default_rng(4).normal(0, 60, (160, 160)), 2)
    mask = np.zeros(image.shape, dtype=bool)
    mask[40:120, 40:120] = True
    found = by_name(texture_measurements(image, mask, (0.25, 0.25), "neck"))
    assert {
        "glcm_correlation",
        "variogram_slope",
        "fractal_dimension",
        "texture_anisotropy",
    } <= set(found)
    for number in found.values():
        assert number.region == "neck"
        assert number.stability is not None
        assert 0 <= number.stability < 1
        assert "region shifted 1 mm" in number.precision
    assert "not the trabecular bone score" in found["variogram_slope"].method
    assert "0.5 to 1 mm" in found["variogram_slope"].method


def test_a_volume_is_measured_in_hounsfield_units_and_in_all_directions() -> None:
    image = 150 + ndimage.gaussian_filter(np.random.default_rng(5).normal(0, 300, (30, 40, 40)), 1)
    mask = np.zeros(image.shape, dtype=bool)
    mask[5:25, 8:32, 8:32] = True
    thin = by_name(texture_measurements(image, mask, (1.0, 0.8, 0.8), "L3", intensity=HOUNSFIELD))
    assert thin["attenuation_mean"].unit == "[hnsf'U]"
    assert "IAZD" in thin["glcm_correlation"].method
    assert 3 <= thin["fractal_dimension"].value <= 4.2
    # Thick slices are pictures of their own: nothing is made up between them.
    thick = by_name(texture_measurements(image, mask, (5.0, 0.8, 0.8), "L3", intensity=HOUNSFIELD))
    assert "ZW7Z" in thick["glcm_correlation"].method
    assert "within slices" in thick["variogram_slope"].method
    assert thick["fractal_dimension"].value < 3.2


def test_too_small_a_region_has_no_texture() -> None:
    image = np.random.default_rng(6).normal(100, 10, (60, 60))
    mask = np.zeros(image.shape, dtype=bool)
    mask.flat[: FEWEST_POINTS - 1] = True
    assert texture_measurements(image, mask, (0.5, 0.5), "x") == []
    mask.flat[:FEWEST_POINTS] = True
    assert texture_measurements(image, mask, (0.5, 0.5), "x")


def test_without_spacing_only_values_are_told() -> None:
    image = np.random.default_rng(6).normal(100, 10, (60, 60))
    found = texture_measurements(image, np.ones(image.shape, dtype=bool), None, "x")
    assert found
    assert all(number.name.startswith("grey_") for number in found)
    assert all(number.stability is None for number in found)


def test_measuring_a_scan_does_not_wait_for_the_compiler() -> None:
    program = "import imaging.measure, sys; sys.exit('numba' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
