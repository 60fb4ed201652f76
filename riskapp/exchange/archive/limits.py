"""What an archive may cost us: one table, as it is hostile until proven otherwise."""

from dataclasses import dataclass

from imaging.limits import LIMITS


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """Every limit on what an archive answers; beyond one, the rest is not read."""

    connect_s: int = 5
    question_s: int = 30  # a whole answer to a question, however slowly it drips
    fetch_s: int = 60 * 60  # one series; a CT of 750 MB over 2 Mbit/s takes 50 minutes
    store_s: int = 10 * 60
    commit_s: int = 10  # for a promise to keep; archives often promise later, elsewhere
    answer_bytes: int = 16 * 2**20  # metadata of a thin-slice CT has about 6 MiB
    part_header_bytes: int = 8 * 2**10
    series_bytes: int = LIMITS.upload_bytes
    instance_bytes: int = LIMITS.file_bytes
    instances: int = LIMITS.files  # of one series
    studies_per_page: int = 20
    studies_found: int = 500  # of one patient, by DIMSE, which knows no pages
    series_found: int = 200  # of one study
    asked_pdu_bytes: int = 128 * 2**10  # of one DICOM message unit, as we ask for it
    pdu_bytes: int = 2**20  # beyond it none is read
    text_letters: int = 200  # kept of a description


ARCHIVE_LIMITS = ArchiveLimits()
