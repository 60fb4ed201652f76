"""Only technique leaves a scan: no name, number, date or free text of a person."""

from io import BytesIO

import pydicom

from imaging.identity.deidentify import kept_tags
from imaging.identity.tags import TAGS
from tests.drawn import spine_file


def test_identity_is_not_kept() -> None:
    dataset = pydicom.dcmread(BytesIO(spine_file(0)))
    dataset.PatientName = "Doe^Jane"
    dataset.PatientBirthDate = "19500101"
    dataset.AccessionNumber = "A-1"
    dataset.ReferringPhysicianName = "Roe^Richard"
    dataset.OtherPatientNames = "Doe^Jane"
    kept = kept_tags(dataset)
    assert set(kept) <= {tag.name for tag in TAGS}
    assert not any(word in str(kept) for word in ("Doe", "Roe", "1950", "A-1"))
    assert kept["ProtocolName"] == "AP Spine"
    assert kept["ExposedArea"] == (180.0, 197.0)


def test_keep_list_names_no_person() -> None:
    # How the body lies and how far it is from the tube say nothing of who it is.
    about_place = {
        "PatientPosition", "PatientOrientation", "DistanceSourceToPatient",
        "ImagePositionPatient", "ImageOrientationPatient",
    }  # fmt: skip
    assert {tag.name for tag in TAGS if "Patient" in tag.name} == about_place
    assert not any(word in tag.name for tag in TAGS for word in ("Birth", "Physician", "Accession"))


def test_numbers_in_the_keep_list_are_those_of_the_dictionary() -> None:
    for tag in TAGS:
        assert pydicom.datadict.keyword_for_tag(tag.number) == tag.name


def test_malformed_values_are_left_out() -> None:
    dataset = pydicom.dcmread(BytesIO(spine_file(0)))
    dataset.add_new(0x00181164, "LO", "wide")
    assert "ImagerPixelSpacing" not in kept_tags(dataset)
