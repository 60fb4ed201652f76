"""What a DICOM file says of its pixels, held against itself and against the bytes there are."""

from imaging.errors import UnreadableScan
from imaging.identity.tagged import Tagged
from imaging.intake.gathering import check_ratio
from imaging.limits import Limits

# Values of Photometric Interpretation (PS3.3 C.7.6.3.1.2, with the retired ones) by their number
# of samples.
SAMPLES = {
    "MONOCHROME1": 1, "MONOCHROME2": 1, "PALETTE COLOR": 1,
    "RGB": 3, "HSV": 3, "YBR_FULL": 3, "YBR_FULL_422": 3, "YBR_PARTIAL_422": 3,
    "YBR_PARTIAL_420": 3, "YBR_ICT": 3, "YBR_RCT": 3, "XYB": 3,
    "ARGB": 4, "CMYK": 4,
}  # fmt: skip
BITS = {1, 8, 16, 32, 64}


def whole(image: Tagged, name: str, default: int | None = None) -> int:
    """Read a number of things that a picture must have.

    Raises
    ------
    UnreadableScan
        If it is not a whole number from 1, or is not there and has no default.
    """
    value = image.number(name)
    if value is None and default is not None:
        return default
    if value is None or value < 1 or value != int(value):
        raise UnreadableScan(f"The DICOM file does not say how many {name} its picture has.")
    return int(value)


def plain_bytes(image: Tagged) -> int:
    """Work out how long the pixels are once they are unpacked."""
    bits = (
        whole(image, "Rows")
        * whole(image, "Columns")
        * whole(image, "NumberOfFrames", 1)
        * whole(image, "SamplesPerPixel", 1)
        * whole(image, "BitsAllocated", 8)
    )
    plain = (bits + 7) // 8
    # Two of three samples are kept for every second pixel only (PS3.3 C.7.6.3.1.2).
    return plain * 2 // 3 if image.text("PhotometricInterpretation") == "YBR_FULL_422" else plain


def check_claims(image: Tagged, held: int, *, packed: bool, limits: Limits) -> None:
    """Refuse a file whose picture is larger than allowed or contradicts itself.

    Parameters
    ----------
    held : int
        Bytes of pixels in the file.
    packed : bool
        Whether they are compressed.
    """
    _check_bits(image)
    _check_samples(image)
    rows, columns = whole(image, "Rows"), whole(image, "Columns")
    frames, plain = whole(image, "NumberOfFrames", 1), plain_bytes(image)
    if max(rows, columns) > limits.side_pixels or frames > limits.frames:
        raise UnreadableScan(
            f"The file claims {frames} pictures of {columns} × {rows} pixels, more than is read."
        )
    if plain > limits.image_bytes:
        raise UnreadableScan(
            f"The picture would need {plain // 2**20} MiB of memory, "
            f"more than the {limits.image_bytes // 2**20} MiB allowed."
        )
    if packed:
        check_ratio(held, plain, limits)
    elif not plain <= held <= plain + limits.padding_bytes:
        raise UnreadableScan(
            f"The file claims {columns} × {rows} pixels in {frames} picture(s), which are {plain} "
            f"bytes, but holds {held}: it is cut short or contradicts itself."
        )


def _check_bits(image: Tagged) -> None:
    allocated = whole(image, "BitsAllocated", 8)
    stored = whole(image, "BitsStored", allocated)
    highest = image.number("HighBit")
    if allocated not in BITS:
        raise UnreadableScan(f"The file claims {allocated} bits for each pixel, which none has.")
    if stored > allocated:
        raise UnreadableScan(
            f"The file contradicts itself: it stores {stored} bits of each pixel in {allocated}."
        )
    if highest is not None and highest != stored - 1:
        raise UnreadableScan(
            f"The file contradicts itself: of {stored} stored bits the highest is number "
            f"{stored - 1}, and it names {highest:g}."
        )
    if image.number("PixelRepresentation") not in (None, 0, 1):
        raise UnreadableScan("The file does not say whether its pixels have a sign.")


def _check_samples(image: Tagged) -> None:
    photometric = image.text("PhotometricInterpretation")
    samples = whole(image, "SamplesPerPixel", 1)
    if SAMPLES.get(photometric, samples) != samples:
        raise UnreadableScan(
            f"The file contradicts itself: {photometric} has {SAMPLES[photometric]} number(s) for "
            f"each pixel, and it claims {samples}."
        )
    if samples > 1 and image.number("PlanarConfiguration") not in (0, 1):
        raise UnreadableScan(
            "The file does not say how the colours of its pixels follow each other."
        )
