"""All texture classes of pyradiomics against ours, on the same regions in the same run.

pyradiomics needs an older numpy than ours, so it runs in an environment of its own, whose
interpreter PYRADIOMICS_PYTHON or ``--pyradiomics`` names; ``HOW`` says how to make it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from benchmarks.timing import Comparison, machine
from imaging.texture.aggregation import Aggregation
from imaging.texture.discretise import FixedBinNumber
from imaging.texture.ibsi import features
from imaging.texture.settings import Settings

VARIABLE = "PYRADIOMICS_PYTHON"
HOW = f"""\
texture: pyradiomics is not installed beside us, so only our own times are taken. To compare:
  python3 -m venv pyradiomics && cd pyradiomics
  bin/pip install "numpy<2" setuptools wheel SimpleITK PyWavelets pykwalify six versioneer cython
  bin/pip install --no-build-isolation --no-deps pyradiomics
  export {VARIABLE}=$PWD/bin/python
"""
PEER = Path(__file__).with_name("pyradiomics_peer.py")
BINS = 32
ROUNDS = 7
# What both compute; ours alone has distance zones, local peaks, volume histogram.
FAMILIES = (
    "first_order",
    "cooccurrence",
    "run_length",
    "size_zone",
    "tone_difference",
    "dependence",
)
EVERY = ("histogram", "local", "volume_histogram", "distance_zone")
CASES: tuple[tuple[str, tuple[int, int, int], Aggregation], ...] = (
    ("512 x 512 region", (1, 512, 512), Aggregation.SLICES_AND_DIRECTIONS_AVERAGED),
    ("64 x 64 x 64 region", (64, 64, 64), Aggregation.VOLUME_AVERAGED),
)
SAME = {
    "firstorder": "10Percentile:p10 90Percentile:p90 Energy:energy InterquartileRange:iqr "
    "Maximum:max MeanAbsoluteDeviation:mad Mean:mean Median:median Minimum:min Range:range "
    "RobustMeanAbsoluteDeviation:rmad RootMeanSquared:rms Skewness:skew Variance:var",
    "glcm": "Autocorrelation:auto_corr JointAverage:joint_avg ClusterProminence:clust_prom "
    "ClusterShade:clust_shade ClusterTendency:clust_tend Contrast:contrast Correlation:corr "
    "DifferenceAverage:diff_avg DifferenceEntropy:diff_entr DifferenceVariance:diff_var "
    "JointEnergy:energy JointEntropy:joint_entr Imc1:info_corr1 Imc2:info_corr2 "
    "Idm:inv_diff_mom Idmn:inv_diff_mom_norm Id:inv_diff Idn:inv_diff_norm "
    "InverseVariance:inv_var MaximumProbability:joint_max SumAverage:sum_avg "
    "SumEntropy:sum_entr SumSquares:joint_var",
    "glrlm": "ShortRunEmphasis:sre LongRunEmphasis:lre GrayLevelNonUniformity:glnu "
    "GrayLevelNonUniformityNormalized:glnu_norm RunLengthNonUniformity:rlnu "
    "RunLengthNonUniformityNormalized:rlnu_norm RunPercentage:r_perc GrayLevelVariance:gl_var "
    "RunVariance:rl_var RunEntropy:rl_entr LowGrayLevelRunEmphasis:lgre "
    "HighGrayLevelRunEmphasis:hgre ShortRunLowGrayLevelEmphasis:srlge "
    "ShortRunHighGrayLevelEmphasis:srhge LongRunLowGrayLevelEmphasis:lrlge "
    "LongRunHighGrayLevelEmphasis:lrhge",
    "glszm": "SmallAreaEmphasis:sze LargeAreaEmphasis:lze GrayLevelNonUniformity:glnu "
    "GrayLevelNonUniformityNormalized:glnu_norm SizeZoneNonUniformity:zsnu "
    "SizeZoneNonUniformityNormalized:zsnu_norm ZonePercentage:z_perc GrayLevelVariance:gl_var "
    "ZoneVariance:zs_var ZoneEntropy:zs_entr LowGrayLevelZoneEmphasis:lgze "
    "HighGrayLevelZoneEmphasis:hgze SmallAreaLowGrayLevelEmphasis:szlge "
    "SmallAreaHighGrayLevelEmphasis:szhge LargeAreaLowGrayLevelEmphasis:lzlge "
    "LargeAreaHighGrayLevelEmphasis:lzhge",
    "ngtdm": "Coarseness:coarseness Contrast:contrast Busyness:busyness "
    "Complexity:complexity Strength:strength",
    "gldm": "SmallDependenceEmphasis:lde LargeDependenceEmphasis:hde "
    "GrayLevelNonUniformity:glnu DependenceNonUniformity:dcnu "
    "DependenceNonUniformityNormalized:dcnu_norm GrayLevelVariance:gl_var "
    "DependenceVariance:dc_var DependenceEntropy:dc_entr LowGrayLevelEmphasis:lgce "
    "HighGrayLevelEmphasis:hgce SmallDependenceLowGrayLevelEmphasis:ldlge "
    "SmallDependenceHighGrayLevelEmphasis:ldhge LargeDependenceLowGrayLevelEmphasis:hdlge "
    "LargeDependenceHighGrayLevelEmphasis:hdhge",
}
OURS = {
    "firstorder": "stat", "glcm": "cm", "glrlm": "rlm", "glszm": "szm", "ngtdm": "ngt",
    "gldm": "ngl",
}  # fmt: skip


def compare() -> list[Comparison]:
    """Time both where the peer is there; say so where it is not."""
    return compared(os.environ.get(VARIABLE))


def compared(python: str | None) -> list[Comparison]:
    if not python:
        sys.stderr.write(HOW)
    return [one for case in CASES for one in _case(python, *case)]


def _case(
    python: str | None, what: str, shape: tuple[int, int, int], aggregation: Aggregation
) -> list[Comparison]:
    # The peer refuses a region without anything around it.
    around = [(0, 0) if n == 1 else (1, 1) for n in shape]
    image = np.pad(drawn(shape), around)
    mask = np.pad(np.ones(shape, dtype=bool), around)
    shared = _settings(FAMILIES, aggregation)
    ours = features(image, mask, (1.0, 1.0, 1.0), shared)  # compiles, or loads what was compiled
    # Ours before and after the peer, so that a busy machine falls on both.
    times = _timed(image, mask, shared)
    seconds, with_shape, note = None, None, "the six classes that pyradiomics has too"
    if python:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "region.npz"
            np.savez(path, image=image, mask=mask)
            answer = _peer(python, path)
        apart, count = difference(ours, answer["values"])
        seconds, with_shape = answer["seconds"], answer["with_shape"]
        note = f"{count} features of both differ by at most {apart:.1g} of their value"
    times += _timed(image, mask, shared)
    everything = _timed(image, mask, _settings(FAMILIES + EVERY, aggregation))
    # Neither has what the other has here: its shape, our zones by distance, peaks and histograms.
    alone = "ours the ten families of the standard without shape, theirs six of these and shape"
    shared_by_both = f"texture, the six classes of both, {what}"
    whole = f"texture, all classes, {what}"
    return [
        Comparison(shared_by_both, statistics.median(times), "pyradiomics", seconds, note),
        Comparison(whole, statistics.median(everything), "pyradiomics", with_shape, alone),
    ]


def _settings(families: tuple[str, ...], aggregation: Aggregation) -> Settings:
    return Settings(bins=FixedBinNumber(BINS), aggregations=(aggregation,), families=families)


def drawn(shape: tuple[int, int, int]) -> npt.NDArray[np.float64]:
    """Draw noise with some correlation, as grey values of 8 bits."""
    noise = np.random.default_rng(1).normal(size=shape)
    smooth = ndimage.gaussian_filter(noise, [0 if n == 1 else 1.5 for n in shape])
    low, high = smooth.min(), smooth.max()
    return np.asarray(np.rint(255 * (smooth - low) / (high - low)), dtype=np.float64)


def _timed(
    image: npt.NDArray[np.float64], mask: npt.NDArray[np.bool_], settings: Settings
) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        features(image, mask, (1.0, 1.0, 1.0), settings)
        times.append(time.process_time() - begun)
    return times


def _peer(python: str, path: Path) -> dict[str, Any]:
    command = [python, str(PEER), str(path), str(BINS), str(ROUNDS)]
    answer = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    parsed: dict[str, Any] = json.loads(answer.stdout)
    return parsed


def difference(ours: dict[str, float], theirs: dict[str, float]) -> tuple[float, int]:
    """Give the largest relative difference of features that both define alike, and how many."""
    worst, count = 0.0, 0
    for family, names in SAME.items():
        prefix = OURS[family]
        for their_name, our_name in (pair.split(":") for pair in names.split()):
            theirs_value = theirs[f"original_{family}_{their_name}"]
            found = [v for tag, v in ours.items() if _is(tag, f"{prefix}_{our_name}")]
            worst = max(worst, abs(found[0] - theirs_value) / max(abs(theirs_value), 1e-12))
            count += 1
    return worst, count


def _is(tag: str, name: str) -> bool:
    return tag in {name, f"{name}_2D", f"{name}_3D", f"{name}_2D_avg", f"{name}_3D_avg"}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyradiomics", metavar="PYTHON", default=os.environ.get(VARIABLE))
    for one in compared(parser.parse_args(arguments).pyradiomics):
        theirs = "not installed" if one.peer is None else f"{1000 * one.peer:.4g} ms"
        sys.stdout.write(
            f"{one.what}: ours {1000 * one.ours:.3g} ms, {one.peer_name} {theirs}; {one.note}\n"
        )
    sys.stdout.write(machine() + "\n")


if __name__ == "__main__":
    main()
