"""Pictures for people: a window of grey values as an 8-bit PNG."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from imaging.projection import Projection
from imaging.result import Picture
from imaging.sagittal import Sagittal
from imaging.volume import Volume

# A window for bone: trabecular bone grey, endplates light, fat dark.
CT_WINDOW_HU = (-150.0, 500.0)


def as_png(values: npt.NDArray[np.float32], low: float, high: float) -> bytes:
    """Map [low, high] to black and white."""
    scaled = (values - low) * (255.0 / max(high - low, 1e-6))
    grey = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    sink = BytesIO()
    Image.fromarray(grey).save(sink, format="PNG", compress_level=4)
    return sink.getvalue()


def projection_picture(projection: Projection, title: str) -> Picture:
    """Show the whole flat image, its own range less the extreme half percent."""
    low, high = (float(p) for p in np.percentile(projection.pixels, [0.5, 99.5]))
    if high <= low:
        low, high = float(projection.pixels.min()), float(projection.pixels.max())
    rows, columns = projection.pixels.shape
    return Picture(
        name="projection",
        png=as_png(projection.pixels, low, high),
        width=columns,
        height=rows,
        slice_index=None,
        title=title,
    )


def slice_picture(volume: Volume, index: int) -> Picture:
    """Show one axial slice in its own pixels, so that polygons lie on it as they are."""
    plane = volume.voxels[index]
    return Picture(
        name=slice_name(index),
        png=as_png(plane, *CT_WINDOW_HU),
        width=plane.shape[1],
        height=plane.shape[0],
        slice_index=index,
        title=f"Axial slice {index + 1} of {len(volume.voxels)}",
    )


def slice_name(index: int) -> str:
    """Name the picture of a slice."""
    return f"slice-{index:04d}"


def plane_picture(stack: Sagittal, index: int) -> Picture:
    """Show one sagittal plane in its own pixels, its own range less the extreme half percent."""
    plane = stack.planes[index]
    low, high = (float(p) for p in np.percentile(plane, [0.5, 99.5]))
    return Picture(
        name=f"sagittal-{index:04d}",
        png=as_png(plane, low, high),
        width=plane.shape[1],
        height=plane.shape[0],
        slice_index=index,
        title=f"Sagittal slice {index + 1} of {len(stack.planes)}, front to the left",
    )
