"""The CDS Hooks services that are offered, as discovery lists them.

CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/, sections "Discovery" and "Prefetch Template".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from riskapp.exchange.cds_orders import DXA
from riskapp.exchange.clinical_codes import standard_codes

OF_CONTEXT = "{{context.patientId}}"
PATIENT = "patient"
LOINC = "http://loinc.org"
MEDICINES = ("MedicationRequest", "MedicationStatement", "MedicationAdministration")
# How much is asked for, the newest first: a search has no next page in a prefetch.
MOST_OBSERVATIONS, MOST_OTHERS = 200, 500


@dataclass(frozen=True, slots=True)
class Service:
    """One service: ``needs_orders`` where it speaks about orders that are being made."""

    id: str
    hook: str
    title: str
    description: str
    needs_orders: bool = False


SERVICES: Mapping[str, Service] = MappingProxyType(
    {
        one.id: one
        for one in (
            Service(
                "fracture-risk-patient-view",
                "patient-view",
                "Fracture risk",
                "Says when the 10-year fracture probability of the person whose record is opened "
                "meets a threshold of the site’s guideline, when bone density would decide that, "
                "and when a treatment is due for review.",
            ),
            Service(
                "fracture-risk-order-select",
                "order-select",
                "Fracture risk at an order",
                "Says of a bone density scan that is selected whether it is sooner than it can "
                "show a change, and of a medicine for osteoporosis what the site’s guideline finds "
                "and what is taken already. Never which medicine to give.",
                needs_orders=True,
            ),
            Service(
                "fracture-risk-order-sign",
                "order-sign",
                "Fracture risk before an order is signed",
                "The same as at the selection of an order, for all orders about to be signed.",
                needs_orders=True,
            ),
        )
    }
)
USAGE = (
    "Works from prefetched data alone. What is missing is read from fhirServer with "
    "fhirAuthorization where the site has listed that server, and is else taken as not known; "
    "without the Patient the answer is 412."
)


def prefetch_templates() -> dict[str, str]:
    """FHIR queries for all that the reader reads; the same for each service."""
    of, all_ = f"patient={OF_CONTEXT}", f"&_count={MOST_OTHERS}"
    codes = f"&code={','.join(_observed())}&_sort=-date&_count={MOST_OBSERVATIONS}"
    return {
        PATIENT: f"Patient/{OF_CONTEXT}",
        "observations": f"Observation?{of}{codes}",
        "conditions": f"Condition?{of}{all_}",
        "procedures": f"Procedure?{of}{all_}",
        **{
            # Some systems name a medicine by reference only; its code then stands beside it.
            f"{kind[0].lower()}{kind[1:]}s": f"{kind}?{of}{all_}&_include={kind}:medication"
            for kind in MEDICINES
        },
        "familyHistory": f"FamilyMemberHistory?{of}{all_}",
        "answers": f"QuestionnaireResponse?{of}{all_}",
    }


def discovery() -> dict[str, Any]:
    """The answer of ``GET /cds-services``."""
    templates = prefetch_templates()
    return {
        "services": [
            {
                "hook": one.hook,
                "id": one.id,
                "title": one.title,
                "description": one.description,
                "prefetch": templates,
                "usageRequirements": USAGE,
            }
            for one in SERVICES.values()
        ]
    }


@cache
def _observed() -> tuple[str, ...]:
    """Every code of LOINC that the reader knows, as a search names it: system|code.

    Codes of LOINC's answers (LA...) are values and name no Observation.
    """
    read = (
        key.rpartition("|")[2]
        for key, rows in standard_codes().rows.items()
        if key.startswith(f"{LOINC}|") and any(meaning.name != DXA for meaning, _ in rows)
    )
    return tuple(f"{LOINC}|{code}" for code in read if not code.startswith("LA"))
