"""What a scan may cost: one table, so that a reader cannot forget a limit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit on what comes in; beyond one, the upload is refused in a sentence."""

    # Files and bytes.
    files: int = 3000  # a thin-slice CT of the trunk has about 1,500 slices
    file_bytes: int = 768 * 2**20
    upload_bytes: int = 1536 * 2**20
    # Deflate cannot do better than 1,032 to 1; an empty picture comes near it, a real one stays
    # under 20. Small files may be as empty as they like.
    ratio: int = 150
    ratio_free_bytes: int = 32 * 2**20
    # Pictures.
    side_pixels: int = 16_384  # the largest digital radiograph detectors have about 4,300
    frames: int = 3000
    image_bytes: int = 768 * 2**20  # rows x columns x frames x samples x bits / 8: 1,500 slices
    padding_bytes: int = 512  # behind the pixels; some writers fill up a block of the disk
    # The structure of a DICOM file.
    elements: int = 100_000  # an enhanced CT of 3,000 frames has about 75,000
    sequence_depth: int = 12  # enhanced CT nests 3 deep, structured reports about 8
    uid_letters: int = 128  # the standard has 64; a few writers have gone beyond
    text_letters: int = 120  # kept of one tag; technique words are short, essays may name people
    identity_letters: int = 200  # kept of a name, an identifier or an accession number
    # Documents.
    pages: int = 200
    page_bytes: int = 4 * 2**20  # of drawing instructions, unpacked; a report page has about 50 kB
    shown_texts: int = 40_000  # of ten pages; one that is set letter by letter has about 4,000
    # What a person may draw: a spine has 24 movable vertebrae, a hip a handful of regions.
    regions: int = 40
    corners: int = 400
    region_id_letters: int = 20
    region_label_letters: int = 80


LIMITS = Limits()
