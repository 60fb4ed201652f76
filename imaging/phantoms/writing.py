"""Synthetic pictures as DICOM files that say on every level that they are synthetic."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

MARK = "SYNTHETIC"


def header(name: str, sop_class: UID, modality: str, number: int = 1) -> Dataset:
    """Begin a dataset; the same name always gives the same study and series."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = generate_uid(entropy_srcs=[MARK, name, str(number)])
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=[MARK, name, "study"])
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=[MARK, name, "series"])
    dataset.InstanceNumber = number
    dataset.Modality = modality
    dataset.Manufacturer = f"{MARK} (Trabecula)"
    # Blank: a name that is nobody's would be one more than that of the patient it is filed under.
    dataset.PatientName = dataset.PatientID = dataset.PatientSex = ""
    dataset.ImageComments = f"{MARK}: drawn by a program, no person was scanned"
    dataset.BurnedInAnnotation = "NO"
    return dataset


def with_pixels(
    dataset: Dataset, pixels: npt.NDArray[np.generic], bits: int, signed: bool
) -> bytes:
    """Add grey values and write the file."""
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = pixels.tobytes() + b"\x00" * (pixels.nbytes % 2)
    sink = BytesIO()
    dataset.save_as(sink, enforce_file_format=True)
    return sink.getvalue()
