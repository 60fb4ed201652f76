"""The DICOM attributes that measuring needs: name, number, type and unit."""

from typing import Literal, NamedTuple


class Tag(NamedTuple):
    name: str
    number: int
    # PS3.5 has codes in capitals and dates as eight digits.
    type: Literal["text", "code", "date", "number", "numbers"]
    unit: str = "1"  # UCUM


# Names and numbers: DICOM PS3.6. This is also the keep-list of what is stored with the pixels
# (``imaging.keeping.splitting``): whoever measures by one more tag adds it here. No name, no
# identifier, no birth date, no age and no free text that is not about the technique; the day of the
# scan is there, because the newest scan counts (docs/adr/0020).
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
    Tag("StudyDate", 0x00080020, "date"),
    Tag("SeriesDate", 0x00080021, "date"),
    Tag("AcquisitionDate", 0x00080022, "date"),
    Tag("ContentDate", 0x00080023, "date"),
    # Of the scanner and not of a person: two visits compare only on the same one.
    Tag("DeviceSerialNumber", 0x00181000, "text"),
    Tag("ViewPosition", 0x00185101, "code"),
    Tag("PatientPosition", 0x00185100, "code"),
    Tag("PatientOrientation", 0x00200020, "code"),
    Tag("Laterality", 0x00200060, "code"),
    Tag("ImageLaterality", 0x00200062, "code"),
    Tag("ContrastBolusAgent", 0x00180010, "text"),
    Tag("ContrastBolusRoute", 0x00181040, "text"),
    Tag("ConvolutionKernel", 0x00181210, "text"),
    Tag("BurnedInAnnotation", 0x00280301, "code"),
    Tag("PhotometricInterpretation", 0x00280004, "code"),
    Tag("ScanOptions", 0x00180022, "code"),
    Tag("FilterType", 0x00181160, "text"),
    Tag("KVP", 0x00180060, "number", "kV"),
    Tag("MultienergyCTAcquisition", 0x00189361, "code"),
    Tag("XRayTubeCurrent", 0x00181151, "number", "mA"),
    Tag("Exposure", 0x00181152, "number", "mA.s"),
    Tag("ReconstructionDiameter", 0x00181100, "number", "mm"),
    Tag("DistanceSourceToDetector", 0x00181110, "number", "mm"),
    Tag("DistanceSourceToPatient", 0x00181111, "number", "mm"),
    Tag("EstimatedRadiographicMagnificationFactor", 0x00181114, "number"),
    Tag("MagneticFieldStrength", 0x00180087, "number", "T"),
    Tag("ScanningSequence", 0x00180020, "code"),
    Tag("SequenceVariant", 0x00180021, "code"),
    Tag("MRAcquisitionType", 0x00180023, "code"),
    Tag("SequenceName", 0x00180024, "text"),
    Tag("RepetitionTime", 0x00180080, "number", "ms"),
    Tag("EchoTime", 0x00180081, "number", "ms"),
    Tag("InversionTime", 0x00180082, "number", "ms"),
    Tag("FlipAngle", 0x00181314, "number", "deg"),
    Tag("SpacingBetweenSlices", 0x00180088, "number", "mm"),
    Tag("SliceThickness", 0x00180050, "number", "mm"),
    Tag("GantryDetectorTilt", 0x00181120, "number", "deg"),
    Tag("Rows", 0x00280010, "number"),
    Tag("Columns", 0x00280011, "number"),
    Tag("NumberOfFrames", 0x00280008, "number"),
    Tag("SamplesPerPixel", 0x00280002, "number"),
    Tag("BitsAllocated", 0x00280100, "number"),
    Tag("BitsStored", 0x00280101, "number"),
    Tag("HighBit", 0x00280102, "number"),
    Tag("PixelRepresentation", 0x00280103, "number"),
    Tag("PlanarConfiguration", 0x00280006, "number"),
    Tag("PixelPaddingValue", 0x00280120, "number"),
    Tag("LossyImageCompression", 0x00282110, "code"),
    Tag("PixelIntensityRelationship", 0x00281040, "code"),
    Tag("PresentationLUTShape", 0x20500020, "code"),
    Tag("RescaleType", 0x00281054, "text"),
    Tag("InstanceNumber", 0x00200013, "number"),
    Tag("RescaleSlope", 0x00281053, "number"),
    Tag("RescaleIntercept", 0x00281052, "number"),
    Tag("PixelSpacing", 0x00280030, "numbers", "mm"),
    Tag("ImagerPixelSpacing", 0x00181164, "numbers", "mm"),
    Tag("NominalScannedPixelSpacing", 0x00182010, "numbers", "mm"),
    Tag("ExposedArea", 0x00400303, "numbers", "mm"),
    Tag("ImagePositionPatient", 0x00200032, "numbers", "mm"),
    Tag("ImageOrientationPatient", 0x00200037, "numbers"),
)

# Where enhanced files keep what older ones have at the top: the group of functional groups
# (PS3.3 C.7.6.16.2, C.8.15.3).
GROUP_OF = {
    "KVP": 0x00189325,
    "ConvolutionKernel": 0x00189314,
    "MultienergyCTAcquisition": 0x00189301,
    "SliceThickness": 0x00289110,
    "SpacingBetweenSlices": 0x00289110,
}
SHARED_GROUPS, FRAME_GROUPS = 0x52009229, 0x52009230
# Where files that were converted to the enhanced form keep what has no group of its own there
# (PS3.3 C.7.6.16.2.21 and .22).
UNASSIGNED = {SHARED_GROUPS: 0x00209170, FRAME_GROUPS: 0x00209171}

# A unique identifier: digits and dots. Slashes would be a path somewhere else one day.
UIDS = {
    "StudyInstanceUID": 0x0020000D,
    "SeriesInstanceUID": 0x0020000E,
    "SOPInstanceUID": 0x00080018,
    "FrameOfReferenceUID": 0x00200052,
}
