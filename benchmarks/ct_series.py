"""A CT series of 300 slices, from bytes to attenuation, beside reading and decoding it."""

import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom

from benchmarks.timing import Comparison, medians
from imaging.isolated.asking import measure_isolated
from imaging.phantoms.ct_lumbar import ct_lumbar, ct_lumbar_dicoms

ROUNDS = 1
SEED = 1
SLICES, SIDE = 300, 512
COARSE_MM = 5.0


def compare() -> list[Comparison]:
    """Time one series; the peer only reads and decodes, so the ratio is below one."""
    contents = _series()
    with tempfile.TemporaryDirectory() as folder:
        for at, content in enumerate(contents):
            (Path(folder) / f"{at:04d}.dcm").write_bytes(content)
        ours, peer = medians(
            lambda: measure_isolated([folder]),
            lambda: [_decoded(one) for one in contents],
            rounds=ROUNDS,
        )
        peak = _peak_gib(folder)
    return [
        Comparison(
            what=f"CT of {SLICES} slices of {SIDE} x {SIDE}, bytes to vertebral attenuation",
            ours=ours,
            peer_name="pydicom, reading and decoding only",
            peer=peer,
            note=f"not the same work; in a process of its own that holds at most {peak:.2f} GiB",
        )
    ]


def _peak_gib(folder: str) -> float:
    """Measure once more in a fresh process, and ask it what it held at most."""
    program = (
        "import resource, sys; from imaging.measure import measure; measure(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", program, folder]
    told = subprocess.run(command, capture_output=True, check=True, text=True)  # noqa: S603
    return int(told.stdout) / 1024**2


def _series() -> list[bytes]:
    """Repeat the voxels of a drawn CT until there are as many as of a real one."""
    voxels, truth = ct_lumbar(SEED, slice_mm=COARSE_MM)
    template = pydicom.dcmread(BytesIO(ct_lumbar_dicoms(SEED, slice_mm=COARSE_MM)[0]))
    depth_mm = len(voxels) * COARSE_MM
    width_mm = voxels.shape[1] * truth.spacing_mm[1]
    nearest = np.arange(SIDE) * voxels.shape[1] // SIDE
    template.Rows = template.Columns = SIDE
    template.PixelSpacing = [round(width_mm / SIDE, 6)] * 2
    template.SliceThickness = round(depth_mm / SLICES, 6)
    files = []
    for at in range(SLICES):
        plane = voxels[at * len(voxels) // SLICES][np.ix_(nearest, nearest)]
        template.PixelData = (plane + 1024).astype(np.int16).tobytes()
        template.InstanceNumber = at + 1
        template.SOPInstanceUID = f"2.25.{SEED}.{at + 1}"
        template.file_meta.MediaStorageSOPInstanceUID = template.SOPInstanceUID
        template.ImagePositionPatient = [0, 0, round(at * depth_mm / SLICES, 6)]
        sink = BytesIO()
        template.save_as(sink, enforce_file_format=True)
        files.append(sink.getvalue())
    return files


def _decoded(content: bytes) -> int:
    return int(pydicom.dcmread(BytesIO(content)).pixel_array.max())
