"""Phantoms that many tests read, drawn once for each run; nothing is drawn where nobody asks."""

from functools import cache

from imaging.phantoms import ct_lumbar_dicoms, dxa_spine_dicom

spine_file = cache(dxa_spine_dicom)


@cache
def ct_files() -> tuple[bytes, ...]:
    """Four neighbouring slices, 10 mm apart."""
    return tuple(ct_lumbar_dicoms(1, slice_mm=10.0)[:4])
