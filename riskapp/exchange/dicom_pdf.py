"""A page as an Encapsulated PDF, filed in the study of the images that it is about."""

import hashlib

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, EncapsulatedPDFStorage, ExplicitVRLittleEndian

from riskapp import __version__
from riskapp.exchange.dicom_origin import IDENTITY, Origin, uid_for

SERIES_NUMBER = 9003


def encapsulated_pdf(pdf: bytes, origin: Origin, key: str, title: str) -> Dataset:
    """Wrap a PDF (PS3.3 A.45.1).

    Parameters
    ----------
    pdf : bytes
    origin : Origin
        The images, whose patient and study the object repeats.
    key : str
        Names this edition of the results. What draws the page is not ours alone, so that its
        bytes take part in its UID.
    title : str
        At most 1,024 characters.
    """
    key = f"{key}/{hashlib.sha256(pdf).hexdigest()}"
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = EncapsulatedPDFStorage
    made.SOPInstanceUID = UID(uid_for(key, "page"))
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID
    made.SpecificCharacterSet = "ISO_IR 192"
    for name in IDENTITY:
        setattr(made, name, "")
    made.StudyInstanceUID = origin.first.StudyInstanceUID
    made.SeriesInstanceUID = uid_for(key, "page series")
    made.SeriesNumber, made.InstanceNumber = SERIES_NUMBER, 1
    made.SeriesDescription = "Bone measurements, page"
    made.Modality = "DOC"
    made.ConversionType = "WSD"  # from a workstation
    made.Manufacturer = made.ManufacturerModelName = "Trabecula"
    made.DeviceSerialNumber = made.SoftwareVersions = __version__
    made.BurnedInAnnotation = "NO"  # the page names nobody, and shows no picture that may
    # Type 2: when it was made is not part of what it says, so that it can be written again alike.
    made.ContentDate = made.ContentTime = made.AcquisitionDateTime = ""
    made.DocumentTitle = title[:1024]
    made.ConceptNameCodeSequence = []
    made.SourceInstanceSequence = [_reference(image) for image in origin.images]
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(pdf)
    made.EncapsulatedDocument = pdf + b"\x00" * (len(pdf) % 2)
    return made


def _reference(image: Dataset) -> Dataset:
    reference = Dataset()
    reference.ReferencedSOPClassUID = image.SOPClassUID
    reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
    return reference
