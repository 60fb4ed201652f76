"""Where a scan came from: what a result must repeat so that an archive files it with the images."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid5

from pydicom.dataset import Dataset

from imaging.errors import UnsuitableScan
from imaging.intake.dicom import read_dicom
from imaging.intake.gathering import Format, gather
from imaging.intake.overviews import is_overview

# Makes UIDs from names: the same result of the same scan has the same UID wherever it is written.
OUR_UIDS = UUID("4d0c1d8e-3a52-5f0b-9a55-6b1f2f6f5c3a")
NOT_DICOM = (
    "A result can go back only to an archive that sent the scan: this one did not come as DICOM."
)
UID_LETTERS = 64  # PS3.5 section 9; a few scanners write longer ones, which no object may repeat
# Type 2 attributes of the patient and study modules (PS3.3 C.7.1.1, C.7.2.1): blank where unknown.
IDENTITY = (
    "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime",
    "StudyID", "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
OF_THE_IMAGE = (
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "Modality", "Rows",
    "Columns", "NumberOfFrames", "FrameOfReferenceUID", "PositionReferenceIndicator",
    "ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "ImagerPixelSpacing",
    "SliceThickness", "PatientOrientation", "SeriesNumber", "InstanceNumber",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Origin:
    """Which images were measured, and whose they are.

    Attributes
    ----------
    images : tuple of Dataset
        The images without pixels and, where the standard wants identity, with blanks.
    identity : dict of str to str
        ``IDENTITY`` by keyword; it is put into a result last, so that no library that writes
        one can put it into a warning or a log.
    """

    images: tuple[Dataset, ...]
    identity: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def first(self) -> Dataset:
        return self.images[0]

    def sign(self, made: Dataset) -> None:
        """Write into a result whose it is, as the images say."""
        for name in IDENTITY:
            setattr(made, name, self.identity.get(name, ""))


def read_origin(paths: Sequence[str | Path]) -> Origin:
    """Collect identity, study and references from the files of one scan.

    Raises
    ------
    UnsuitableScan
        If the scan did not come as DICOM, or its images do not say which they are.
    UnreadableScan
        If a file is broken.
    """
    sources = gather([Path(path) for path in paths])
    read = [read_dicom(one.data) for one in sources if one.format is Format.DICOM]
    datasets = _measured_on([one.dataset for one in read if one.has_pixels])
    if not datasets:
        raise UnsuitableScan(NOT_DICOM)
    images = {str(one.SOPInstanceUID): one for one in map(_without_pixels, datasets)}
    identity = {name: str(datasets[0].get(name) or "") for name in IDENTITY}
    return Origin(tuple(images.values()), identity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What the sender calls a study and its patient, where files are kept under other names.

    Attributes
    ----------
    instances : sequence of (series UID, SOP instance UID)
        One pair for each kept file, in order.
    identity : mapping
        ``IDENTITY`` by keyword, as far as it is known.
    """

    study_uid: str
    frame_uid: str
    instances: Sequence[Sequence[str]]
    identity: Mapping[str, str] = field(repr=False)


def restored_origin(files: Iterable[bytes], sender: Sender) -> Origin:
    """Give files that are kept without identity the names back under which they came.

    Raises
    ------
    UnsuitableScan
        If the scan did not come as DICOM, or its images did not say which they are.
    """
    named: list[Dataset] = []
    for data, (series, instance) in zip(files, sender.instances, strict=False):
        if data[128:132] != b"DICM":
            continue
        dataset = read_dicom(data).dataset
        dataset.SeriesInstanceUID, dataset.SOPInstanceUID = series, instance
        dataset.StudyInstanceUID = sender.study_uid
        if sender.frame_uid:
            dataset.FrameOfReferenceUID = _frame_uid(sender.frame_uid)
        named.append(dataset)
    if not named:
        raise UnsuitableScan(NOT_DICOM)
    kept = _measured_on(named)
    day = next((str(one.StudyDate) for one in kept if one.get("StudyDate")), "")
    images = {str(one.SOPInstanceUID): _without_pixels(one) for one in kept}
    return Origin(tuple(images.values()), {"StudyDate": day, **sender.identity})


def _measured_on(datasets: list[Dataset]) -> list[Dataset]:
    """Leave out overviews that came with the slices, as measuring does."""
    slices = [
        one
        for one in datasets
        if not is_overview(str(one.get("Modality", "")), str(one.get("ImageType", "")))
    ]
    return slices or datasets


def uid_for(*names: str) -> str:
    """Make a UID (PS3.5 B.2, from a UUID) that the same names always give."""
    return f"2.25.{uuid5(OUR_UIDS, '/'.join(names)).int}"


def _frame_uid(given: str) -> str:
    """Give a frame of reference that an object may repeat."""
    return given if len(given) <= UID_LETTERS else uid_for("frame of reference", given)


def _without_pixels(dataset: Dataset) -> Dataset:
    header = Dataset()
    for name in IDENTITY:
        setattr(header, name, "")
    for name in OF_THE_IMAGE:
        value = dataset.get(name)
        if value not in (None, ""):
            setattr(header, name, _frame_uid(value) if name == "FrameOfReferenceUID" else value)
    missing = {"SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"}
    if not missing <= {element.keyword for element in header}:
        raise UnsuitableScan(
            "The scan does not say which study and image it is, so no result can point back to it."
        )
    return header
