"""The DICOM attributes that measuring needs: name, number, type and unit."""

from typing import Literal, NamedTuple


class Tag(NamedTuple):
    name: str
    number: int
    type: Literal["text", "code", "number", "numbers"]  # PS3.5 has codes in capitals
    unit: str = "1"  # UCUM


# Names and numbers: DICOM PS3.6. This is also the keep-list of ``deidentify``: no name, no
# identifier, no date of a person, and no free text that is not about the technique.
TAGS = (
    Tag("Modality", 0x00080060, "code"),
    Tag("SOPClassUID", 0x00080016, "text"),
    Tag("ImageType", 0x00080008, "text"),
    Tag("Manufacturer", 0x00080070, "text"),
    Tag("ManufacturerModelName", 0x00081090, "text"),
    Tag("SoftwareVersions", 0x00181020, "text"),
    Tag("StudyDescription", 0x00081030, "text"),
    Tag("SeriesDescription", 0x0008103E, "text"),
    Tag("ProtocolName", 0x00181030, "text"),
    Tag("PerformedProcedureStepDescription", 0x00400254, "text"),
    Tag("BodyPartExamined", 0x00180015, "code"),
    Tag("ViewPosition", 0x00185101, "code"),
    Tag("Laterality", 0x00200060, "code"),
    Tag("ImageLaterality", 0x00200062, "code"),
    Tag("ContrastBolusAgent", 0x00180010, "text"),
    Tag("ContrastBolusRoute", 0x00181040, "text"),
    Tag("ConvolutionKernel", 0x00181210, "text"),
    Tag("BurnedInAnnotation", 0x00280301, "code"),
    Tag("PhotometricInterpretation", 0x00280004, "code"),
    Tag("KVP", 0x00180060, "number", "kV"),
    Tag("SliceThickness", 0x00180050, "number", "mm"),
    Tag("GantryDetectorTilt", 0x00181120, "number", "deg"),
    Tag("Rows", 0x00280010, "number"),
    Tag("Columns", 0x00280011, "number"),
    Tag("NumberOfFrames", 0x00280008, "number"),
    Tag("SamplesPerPixel", 0x00280002, "number"),
    Tag("BitsAllocated", 0x00280100, "number"),
    Tag("BitsStored", 0x00280101, "number"),
    Tag("PixelRepresentation", 0x00280103, "number"),
    Tag("RescaleSlope", 0x00281053, "number"),
    Tag("RescaleIntercept", 0x00281052, "number"),
    Tag("PixelSpacing", 0x00280030, "numbers", "mm"),
    Tag("ImagerPixelSpacing", 0x00181164, "numbers", "mm"),
    Tag("NominalScannedPixelSpacing", 0x00182010, "numbers", "mm"),
    Tag("ExposedArea", 0x00400303, "numbers", "mm"),
    Tag("ImagePositionPatient", 0x00200032, "numbers", "mm"),
    Tag("ImageOrientationPatient", 0x00200037, "numbers"),
)

# A unique identifier: digits and dots. Slashes would be a path somewhere else one day.
UIDS = {
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "SOPInstanceUID": 0x00080018,
    "FrameOfReferenceUID": 0x00200052,
}
