"""Orders are known by the terminologies that records write them in."""

from datetime import date
from typing import Any

import pytest

from riskapp.exchange.cds_orders import Draft, orders_among, selected_drafts
from riskapp.risk.profile import Treatment

TODAY = date(2026, 3, 2)
LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
CPT, RXNORM = "http://www.ama-assn.org/go/cpt", "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"
ORAL, ZOLEDRONATE = Treatment.ORAL_BISPHOSPHONATE, Treatment.ZOLEDRONATE


def concept(system: str, code: str, display: str = "") -> dict[str, Any]:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]}


def scan(system: str, code: str) -> dict[str, Any]:
    return {"resourceType": "ServiceRequest", "id": "s", "code": concept(system, code)}


def medicine(**about: Any) -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "id": "m", "status": "draft"} | about


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (CPT, "77080"), (CPT, "77081"), (CPT, "77085"),
        ("urn:oid:2.16.840.1.113883.6.12", "77080"),
        (LOINC, "38268-9"), (LOINC, "38269-7"), (LOINC, "83311-1"),
        # By what it measures.
        (LOINC, "24701-5"), (LOINC, "24966-4"), (LOINC, "24890-6"), (LOINC, "80946-7"),
        (SNOMED, "312681000"), (SNOMED, "300004007"), (SNOMED, "241686001"),
    ],
)  # fmt: skip
def test_a_bone_density_scan_that_is_ordered(system: str, code: str) -> None:
    assert orders_among([Draft(scan(system, code))], TODAY).dxa == ("ServiceRequest/s",)


@pytest.mark.parametrize(("system", "code"), [(CPT, "71046"), (LOINC, "29463-7"), ("", "77080")])
def test_an_order_of_something_else(system: str, code: str) -> None:
    assert not orders_among([Draft(scan(system, code))], TODAY)


@pytest.mark.parametrize(
    ("system", "code", "display", "treatment"),
    [
        (RXNORM, "46041", "", ORAL), (RXNORM, "904419", "", ORAL), (SNOMED, "391730008", "", ORAL),
        (ATC, "M05BA04", "", ORAL), (SNOMED, "768539002", "", ORAL),
        (RXNORM, "77655", "", ZOLEDRONATE), (SNOMED, "395926009", "", ZOLEDRONATE),
        (ATC, "M05BA08", "", ZOLEDRONATE),
        (RXNORM, "993449", "", Treatment.DENOSUMAB), (RXNORM, "993452", "", Treatment.DENOSUMAB),
        (SNOMED, "446321003", "", Treatment.DENOSUMAB), (ATC, "M05BX04", "", Treatment.DENOSUMAB),
        (RXNORM, "32915", "", Treatment.TERIPARATIDE), (ATC, "H05AA02", "", Treatment.TERIPARATIDE),
        (SNOMED, "1", "Product containing precisely teriparatide 250 microgram/1 milliliter",
         Treatment.TERIPARATIDE),
    ],
)  # fmt: skip
def test_a_medicine_that_is_ordered(
    system: str, code: str, display: str, treatment: Treatment
) -> None:
    draft = medicine(medicationCodeableConcept=concept(system, code, display))
    assert orders_among([Draft(draft)], TODAY).medicines == (treatment,)


def test_what_is_selected_is_found_by_its_id_alone_and_with_the_medicine_beside_it() -> None:
    named = {"resourceType": "Medication", "id": "z", "code": concept(ATC, "M05BA08")}
    draft = medicine(medicationReference={"reference": "Medication/z"})
    bundle = {"entry": [{"resource": one} for one in (draft, scan(CPT, "77080"), named)]}
    for selected in ("m", "MedicationRequest/m", "https://ehr.example/fhir/MedicationRequest/m"):
        found = orders_among(selected_drafts(bundle, [selected, f"{selected}/_history/2"]), TODAY)
        assert (found.medicines, found.dxa) == ((ZOLEDRONATE,), ())
    assert not orders_among(selected_drafts(bundle, ["other"]), TODAY)


def test_new_drafts_without_ids_are_selected_and_referred_to_by_their_full_url() -> None:
    """FHIR R4, Bundle: what has no identity yet is named by a urn:uuid, in references too."""
    dxa, drug, named = (f"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e{one}" for one in range(3))
    draft = medicine(id=None, medicationReference={"reference": named})
    told = {
        drug: draft,
        named: {"resourceType": "Medication", "code": concept(ATC, "M05BA08")},
        dxa: scan(CPT, "77080") | {"id": None},
    }
    bundle = {"entry": [{"fullUrl": url, "resource": one} for url, one in told.items()]}
    for selected in (dxa, f"ServiceRequest/{dxa[9:]}"):
        found = orders_among(selected_drafts(bundle, [selected]), TODAY)
        assert (found.medicines, found.dxa) == ((), (dxa,))
    assert orders_among(selected_drafts(bundle, [drug]), TODAY).medicines == (ZOLEDRONATE,)
    assert not orders_among(selected_drafts(bundle, [named, f"{dxa}0"]), TODAY)
