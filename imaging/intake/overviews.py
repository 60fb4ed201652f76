"""Overview pictures that a scanner makes before a series, and that every export carries along."""

from collections.abc import Sequence

from imaging.identity.whose import check_one_person
from imaging.intake.dicom import DicomImage

# Image Type, value 3 (PS3.3 C.8.2.1.1.1 for CT, C.8.3.1.1.1 for MR).
OVERVIEW = "LOCALIZER"
SLICES = {"CT", "MR"}


def is_overview(modality: str, image_type: str) -> bool:
    """Tell an overview by what its tags say; ``image_type`` has its values apart by any mark."""
    return modality in SLICES and OVERVIEW in image_type.upper()


def without_overviews(images: Sequence[DicomImage]) -> tuple[list[DicomImage], int]:
    """Leave overviews of the same person out where there are slices too; how many were left out.

    Raises
    ------
    UnsuitableScan
        If one that is left out names another person than the slices.
    """
    slices = [
        image
        for image in images
        if not is_overview(image.text("Modality"), image.text("ImageType"))
    ]
    if len(slices) == len(images) or not any(image.has_pixels for image in slices):
        return list(images), 0
    check_one_person([image.identity for image in images])
    return slices, len(images) - len(slices)
