"""NIfTI and PDF: what they hold, as far as bone can use it."""

import struct
import warnings
from dataclasses import dataclass, field
from io import BytesIO

import numpy as np

from imaging.acquisition.hounsfield_scale import check_scale
from imaging.errors import UnreadableScan, UnsuitableScan
from imaging.intake.flat import PIXEL_MM
from imaging.limits import LIMITS, Limits
from imaging.volume import Volume, body_ordered

# What a report is about stands at its beginning.
WORDED_PAGES, WORDED_LETTERS = 10, 5000
# NIfTI data types: complex 32, 1792 and 2048; RGB 128; RGBA 2304.
NIFTI_NOT_GREY = {32, 128, 1792, 2048, 2304}


@dataclass(frozen=True, slots=True)
class Document:
    """A report as pages; ``words`` is its text, for what it is about, never kept."""

    pages: int
    words: str
    data: bytes = field(default=b"", repr=False)


def read_nifti(data: bytes, limits: Limits = LIMITS) -> Volume:
    """Read a NIfTI volume in Hounsfield units.

    Raises
    ------
    UnreadableScan
        If it is broken or too large.
    UnsuitableScan
        If it is no CT: a label map, another modality, or not three-dimensional.
    """
    import nibabel  # takes longer to load than a flat picture to open

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            holder = nibabel.Nifti2Image if data[4:7] == b"n+2" else nibabel.Nifti1Image
            image = holder.from_bytes(data)
            shape = image.shape
            size = int(np.prod(shape, dtype=np.float64))
            if 4 * size > limits.image_bytes or size < 1:
                raise UnreadableScan("The NIfTI volume claims more than is read.")
            if size * int(image.header["bitpix"]) // 8 > len(data):
                raise UnreadableScan("The NIfTI file holds fewer voxels than it claims.")
            if int(image.header["datatype"]) in NIFTI_NOT_GREY:
                raise UnsuitableScan("The NIfTI file holds a colour picture, not a CT.")
            voxels = np.asarray(image.get_fdata(dtype=np.float32))
            affine = np.asarray(image.affine, dtype=np.float64)
    except (
        nibabel.filebasedimages.ImageFileError,
        nibabel.spatialimages.HeaderDataError,
        OSError,
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        OverflowError,
        MemoryError,
        struct.error,
    ) as error:
        raise UnreadableScan("The NIfTI file is damaged or cut short.") from error
    voxels = voxels.reshape(shape[:3]) if len(shape) > 3 and size == np.prod(shape[:3]) else voxels
    if voxels.ndim > 3:
        raise UnsuitableScan(
            f"The NIfTI file holds {size // int(np.prod(shape[:3]))} volumes in one (points of "
            "time, or phases): send the one to be measured as a file of three dimensions."
        )
    if voxels.ndim < 3 or min(voxels.shape) < 3:
        raise UnsuitableScan(
            "The NIfTI file holds one slice or two, and a vertebra needs the whole series: send "
            "all its slices."
        )
    if not np.isfinite(voxels).all() or not np.isfinite(affine).all():
        raise UnreadableScan("The NIfTI file holds values that are not numbers.")
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if lengths.min() < PIXEL_MM[0] or lengths.max() > 20:
        raise UnsuitableScan(
            f"The NIfTI file does not say how large a voxel is ({lengths.min():.3g} to "
            f"{lengths.max():.3g} mm cannot be): convert the series again."
        )
    check_scale(voxels)
    # NIfTI's world axes point right, front and head; DICOM's point left, back and head.
    lps = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    return body_ordered(voxels, lps, "NIfTI header", {})


def read_pdf(data: bytes, limits: Limits = LIMITS) -> Document:
    """Count the pages and collect their words, to say what the report is.

    Raises
    ------
    UnreadableScan
        If it is broken or larger than any report.
    UnsuitableScan
        If it is locked.
    """
    import pypdf  # as above

    from imaging.intake.pdf_limits import check_text

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            reader = pypdf.PdfReader(BytesIO(data))
            if reader.is_encrypted:
                raise UnsuitableScan("The PDF is locked with a password: send it unlocked.")
            pages = len(reader.pages)
            if pages > limits.pages:
                raise UnreadableScan(f"The PDF has {pages} pages, more than a report has.")
            first = list(reader.pages[:WORDED_PAGES])
            check_text(first, limits)
            words = " ".join(page.extract_text()[:WORDED_LETTERS] for page in first)
    except (
        pypdf.errors.PyPdfError,
        pypdf.errors.DependencyError,  # a page that is packed as JBIG2, as only pictures are
        OSError,
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        RecursionError,
        NotImplementedError,
        AssertionError,
        MemoryError,
        OverflowError,
    ) as error:
        raise UnreadableScan("The PDF is damaged or cut short.") from error
    return Document(pages, words, data)
