"""What is kept of a scan: pixels and the keep-list of tags; who it is of goes apart.

DICOM becomes DICOM with the tags of ``imaging.identity.tags`` alone, new identifiers and the same
packed pixels; NIfTI keeps its voxels and its header without texts; PNG, JPEG and TIFF become
plain pictures of the same pixels. Documents, whose words are their content, have no such form:
they are measured once and not kept. See docs/adr/0020.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from imaging.identity.whose import Identity, check_one_person
from imaging.intake.dicom import DicomImage, read_dicom
from imaging.intake.gathering import Format, Source
from imaging.intake.opening import PICTURES, open_scan
from imaging.intake.other_formats import read_nifti
from imaging.intake.pictures import read_picture
from imaging.keeping.printed_identity import Printed, check_one_printed, once
from imaging.keeping.printed_pages import print_of
from imaging.keeping.stored_dicom import stored_dicom
from imaging.keeping.stored_files import stored_nifti, stored_picture

DOCUMENTS = {Format.PDF}
# Stands for a file that is not kept, so that the others keep their places and it is still counted
# among those that were left out.
NOTHING = b""
# Files of one upload that are looked at for print: a scan that is measured on pages is one file.
MOST_PAGES = 4


@dataclass(frozen=True, slots=True)
class Split:
    """One upload, its identity apart from what is kept.

    Attributes
    ----------
    identities : tuple of Identity
        One for each file, in order; blank for files that carry none.
    has_document : bool
        Something in it can only be measured on the original.
    printed : tuple of Printed
        Whose its printed pages say they are, apart from the tags.
    print_unread : bool
        There is print of which it was not read whose it is.
    """

    identities: tuple[Identity, ...]
    has_document: bool
    printed: tuple[Printed, ...]
    print_unread: bool
    _sources: tuple[Source, ...] = field(repr=False)
    _images: dict[int, DicomImage] = field(repr=False)

    def files(self, key: bytes) -> Iterator[bytes]:
        """Give the kept form of one file after another; identifiers are made anew by ``key``."""
        for at, source in enumerate(self._sources):
            if source.format is Format.DICOM:
                image = self._images[at]
                yield stored_dicom(image, key) if image.has_pixels else NOTHING
            elif source.format in PICTURES:
                yield stored_picture(source.data)
            else:
                yield stored_nifti(source.data) if source.format is Format.NIFTI else NOTHING


def split(sources: Sequence[Source]) -> Split:
    """Read every file and take who it is of apart from what is measured.

    Raises
    ------
    UnreadableScan
        If a file is broken or contradicts itself, or nothing in the upload is a scan.
    UnsuitableScan
        If the files name more than one person, or are of a kind that is never measured.
    """
    images = {
        at: read_dicom(source.data)
        for at, source in enumerate(sources)
        if source.format is Format.DICOM
    }
    for source in sources:
        if source.format in PICTURES:
            read_picture(source.data)
        elif source.format is Format.NIFTI:
            read_nifti(source.data)
    if all(source.format in {Format.UNKNOWN, Format.ZIP, Format.GZIP} for source in sources):
        open_scan(sources)  # which says what is wrong
    identities = tuple(
        images[at].identity if at in images else Identity() for at in range(len(sources))
    )
    check_one_person(identities)
    # Slices of a series are no pages; a page comes alone, or with few others.
    pages = [print_of(one, images.get(at)) for at, one in enumerate(sources[:MOST_PAGES])]
    check_one_printed([printed for page in pages for printed in page.by_text])
    return Split(
        identities,
        printed=once(one for page in pages for one in (*page.by_text, *page.by_picture)),
        print_unread=any(page.is_unread for page in pages),
        has_document=any(source.format in DOCUMENTS for source in sources)
        or not any(image.has_pixels for image in images.values())
        and bool(images),
        _sources=tuple(sources),
        _images=images,
    )
