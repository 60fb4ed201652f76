"""What a scan or a cohort may cost: one table, so that a reader cannot forget a limit."""

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
    head_bytes: int = 4 * 2**20  # up to the series: referenced images may stand before it
    head_elements: int = 5_000
    head_value_bytes: int = 4096  # of one element there; names have at most 194 letters (PS3.5)
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
    # A cohort to learn from: a million people with 60 columns have about 300 MiB of CSV.
    cohort_bytes: int = 512 * 2**20
    cohort_schema_bytes: int = 2**20
    cohort_name_letters: int = 80
    cohort_check_bytes: int = 8 * 2**30  # of memory, address space, for reading one
    cohort_check_s: int = 15 * 60
    training_s: int = 24 * 60 * 60
    log_shown_bytes: int = 64 * 2**10  # of a run's log on its page
    # What became of patients, told at once.
    outcomes_bytes: int = 8 * 2**20
    outcome_rows: int = 100_000


LIMITS = Limits()
