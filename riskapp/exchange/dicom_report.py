"""Measurements as a DICOM structured report: Comprehensive SR, TID 1500 Measurement Report."""

from collections.abc import Sequence
from dataclasses import dataclass

from highdicom.seg import Segmentation
from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    ComprehensiveSR,
    CoordinatesForMeasurement,
    DeviceObserverIdentifyingAttributes,
    FindingSite,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    PlanarROIMeasurementsAndQualitativeEvaluations,
    SourceImageForMeasurementGroup,
    TrackingIdentifier,
    VolumetricROIMeasurementsAndQualitativeEvaluations,
)
from highdicom.sr import Measurement as CodedMeasurement
from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from imaging.errors import UnsuitableScan
from imaging.polygons import BY_HAND
from imaging.result import Measurement, Region, ScanMeasurement, Status
from riskapp import __version__
from riskapp.exchange.dicom_codes import (
    OWN_SCHEME,
    OWN_SCHEME_NAME,
    measurement_code,
    own_code,
    region_code,
    site_code,
    unit_code,
)
from riskapp.exchange.dicom_origin import Origin, uid_for
from riskapp.exchange.dicom_places import coordinates, outlined, segment_of
from riskapp.exchange.editions import Edition

SERIES_NUMBER = 9002
# PS3.16: CID 7021 (title), CID 244 (laterality), CID 270 (observer type).
TITLE = CodedConcept("126000", "DCM", "Imaging Measurement Report")
DEVICE = CodedConcept("121007", "DCM", "Device")
PERSON = CodedConcept("121006", "DCM", "Person")
SIDES = {
    "left": CodedConcept("7771000", "SCT", "Left"),
    "right": CodedConcept("24028007", "SCT", "Right"),
}
# CID 100 has no densitometry; the codes of the modality are sure (CID 29).
PROCEDURES = {
    "dxa": CodedConcept("BMD", "DCM", "Bone Mineral Densitometry"),
    "ct": CodedConcept("CT", "DCM", "Computed Tomography"),
    "mri": CodedConcept("MR", "DCM", "Magnetic Resonance"),
    "radiograph": CodedConcept("DX", "DCM", "Digital Radiography"),
}
Group = (
    PlanarROIMeasurementsAndQualitativeEvaluations
    | VolumetricROIMeasurementsAndQualitativeEvaluations
    | MeasurementsAndQualitativeEvaluations
)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is made of.

    Attributes
    ----------
    result : ScanMeasurement
    origin : Origin
        The images, whose patient and study the report repeats.
    edition : Edition
        Which version of the scan's results, and who stood by it.
    segmentation : Segmentation or None
        The regions of a volume; None on a projection.
    """

    result: ScanMeasurement
    origin: Origin
    edition: Edition
    segmentation: Segmentation | None = None

    @property
    def key(self) -> str:
        return self.edition.key


def structured_report(report: Report) -> ComprehensiveSR:
    """Write every measurement with its region, unit, method and source images.

    Raises
    ------
    UnsuitableScan
        If nothing was measured.
    """
    result, origin = report.result, report.origin
    if result.status is not Status.MEASURED or not result.measurements:
        raise UnsuitableScan("Nothing was measured on this scan, so there is nothing to report.")
    content = MeasurementReport(
        observation_context=_observers(report),
        procedure_reported=PROCEDURES.get(result.kind.modality, own_code("bone_measurement")),
        imaging_measurements=_groups(report),
        title=TITLE,
    )
    evidence = [*origin.images, *([report.segmentation] if report.segmentation else [])]
    verified = report.edition.verified
    written = ComprehensiveSR(
        evidence=evidence,
        content=content[0],
        series_instance_uid=series_uid(report.key),
        series_number=SERIES_NUMBER,
        sop_instance_uid=report_uid(report.key),
        instance_number=1,
        manufacturer="Trabecula",
        is_complete=True,
        is_final=verified is not None,
        is_verified=verified is not None,
        verifying_observer_name=verified.person_name if verified else None,
        verifying_organization=verified.organisation[:64] if verified else None,
    )
    if verified is not None:
        at = f"{verified.at:%Y%m%d%H%M%S}"
        written.VerifyingObserverSequence[0].VerificationDateTime = at
    if report.edition.replaces:
        written.PredecessorDocumentsSequence = [_predecessors(report)]
    # Methods and intervals are said with letters beyond ASCII.
    written.SpecificCharacterSet = "ISO_IR 192"
    written.SeriesDescription = "Bone measurements"
    written.SoftwareVersions = __version__
    written.ManufacturerModelName = "Trabecula"
    written.CodingSchemeIdentificationSequence = [_own_scheme()]
    return written


def report_uid(key: str) -> str:
    """UID of the report of one edition."""
    return uid_for(key, "report")


def series_uid(key: str) -> str:
    return uid_for(key, "report series")


def _predecessors(report: Report) -> Dataset:
    """Name the reports that this one replaces (PS3.3 C.17.2), in the study of its images."""
    study = Dataset()
    study.StudyInstanceUID = report.origin.first.StudyInstanceUID
    study.ReferencedSeriesSequence = []
    for key in report.edition.replaces:
        document, series = Dataset(), Dataset()
        document.ReferencedSOPClassUID = ComprehensiveSRStorage
        document.ReferencedSOPInstanceUID = report_uid(key)
        series.SeriesInstanceUID = series_uid(key)
        series.ReferencedSOPSequence = [document]
        study.ReferencedSeriesSequence.append(series)
    return study


def _own_scheme() -> Dataset:
    scheme = Dataset()
    scheme.CodingSchemeDesignator = OWN_SCHEME
    scheme.CodingSchemeName = OWN_SCHEME_NAME
    return scheme


def _observers(report: Report) -> ObservationContext:
    device = ObserverContext(
        DEVICE,
        DeviceObserverIdentifyingAttributes(
            uid=uid_for("device"),
            name="Trabecula",
            manufacturer_name="Trabecula",
            model_name=__version__,
        ),
    )
    verified = report.edition.verified
    if verified is None:
        return ObservationContext(observer_device_context=device)
    person = ObserverContext(
        PERSON,
        PersonObserverIdentifyingAttributes(
            verified.person_name, organization_name=verified.organisation
        ),
    )
    return ObservationContext(observer_device_context=device, observer_person_context=person)


def _groups(report: Report) -> list[Group]:
    """One group for each region that has numbers, in the order of the numbers."""
    regions = {region.id: region for region in report.result.regions}
    by_region: dict[str, list[Measurement]] = {}
    for one in report.result.measurements:
        by_region.setdefault(one.region, []).append(one)
    return [_group(report, name, regions.get(name), many) for name, many in by_region.items()]


def _group(
    report: Report, name: str, region: Region | None, measured: Sequence[Measurement]
) -> Group:
    tracking = TrackingIdentifier(uid=uid_for(report.key, "region", name), identifier=name)
    algorithm, sites = _algorithm(region, measured), [_site(report, name)]
    if region is not None and region.outline == "area":
        numbers = [_number(report, one, measured) for one in measured]
        if report.segmentation is not None:
            return VolumetricROIMeasurementsAndQualitativeEvaluations(
                tracking,
                referenced_segment=segment_of(report.segmentation, name),
                algorithm_id=algorithm,
                finding_sites=sites,
                measurements=numbers,
            )
        return PlanarROIMeasurementsAndQualitativeEvaluations(
            tracking,
            referenced_region=outlined(report.origin, report.result.size, region),
            algorithm_id=algorithm,
            finding_sites=sites,
            measurements=numbers,
        )
    # A line, landmarks, or a summary of several regions: no area, so the images alone.
    drawn = (
        None
        if region is None or report.segmentation
        else coordinates(report.origin, report.result.size, region)
    )
    image = report.origin.first
    return MeasurementsAndQualitativeEvaluations(
        tracking,
        algorithm_id=algorithm,
        finding_sites=sites,
        measurements=[_number(report, one, measured, drawn) for one in measured],
        source_images=[SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID)],
    )


def _algorithm(region: Region | None, measured: Sequence[Measurement]) -> AlgorithmIdentification:
    placed = "several regions" if region is None else region.method
    told = f"regions {placed}" if placed == BY_HAND else f"regions by {placed}"
    methods = dict.fromkeys(one.method for one in measured)
    return AlgorithmIdentification(
        name="Trabecula", version=__version__, parameters=[told, *methods], manufacturer="Trabecula"
    )


def _site(report: Report, name: str) -> FindingSite:
    kind = report.result.kind
    return FindingSite(
        anatomic_location=site_code(name, kind.body_part),
        laterality=SIDES.get(kind.laterality),
        topographical_modifier=region_code(name),
    )


def _number(
    report: Report,
    one: Measurement,
    beside: Sequence[Measurement],
    drawn: list[CoordinatesForMeasurement] | None = None,
) -> CodedMeasurement:
    return CodedMeasurement(
        name=measurement_code(one, report.result.kind.body_part),
        value=one.value,
        unit=unit_code(one.unit),
        referenced_coordinates=drawn,
        # Only where it differs from what the group says once.
        algorithm_id=None if len(beside) == 1 else _its_own(one),
    )


def _its_own(one: Measurement) -> AlgorithmIdentification:
    parameters = [one.method, f"source: {one.source}", f"precision: {one.precision}"]
    if one.tried_on != "real scans":
        parameters.append("not tried on real scans")
    return AlgorithmIdentification(
        name="Trabecula", version=__version__, parameters=parameters, manufacturer="Trabecula"
    )
