"""What a card offers to do: order a bone density scan, or take it out again. Never a medicine.

Resources are FHIR R4 (https://hl7.org/fhir/R4/servicerequest.html).
"""

import re
from datetime import date
from typing import Any

from riskapp.exchange.cds_situation import Situation

# LOINC 38269-7, as listed for DXA in FHIR; no code tells hip and spine in one order.
DXA_CODING = {
    "system": "http://loinc.org",
    "code": "38269-7",
    "display": "DXA Skeletal system Views for bone density",
}
DXA_WORDS = "Bone density scan (DXA) of hip and lumbar spine"
# Who may ask for a service: FHIR R4, ServiceRequest.requester, as far as a hook's user can be one.
REQUESTERS = re.compile(
    r"(?:Practitioner|PractitionerRole|Patient|RelatedPerson)/[A-Za-z0-9\-.]{1,64}"
)


def order_dxa(situation: Situation, uuid: str, why: str) -> dict[str, Any]:
    """A suggestion that orders a DXA."""
    return {
        "label": "Order a bone density scan",
        "uuid": uuid,
        "isRecommended": True,
        "actions": [
            {
                "type": "create",
                "description": f"Order: {DXA_WORDS}",
                "resource": dxa_request(situation, why),
            }
        ],
    }


def take_out(reference: str, uuid: str) -> dict[str, Any]:
    """A suggestion that removes one draft."""
    return {
        "label": "Take the bone density scan out of the orders",
        "uuid": uuid,
        "actions": [
            {
                "type": "delete",
                "description": "Remove the order of a bone density scan",
                "resourceId": reference,
            }
        ],
    }


def dxa_request(situation: Situation, why: str) -> dict[str, Any]:
    """A ServiceRequest for somebody to sign."""
    today: date = situation.today
    request: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [DXA_CODING], "text": DXA_WORDS},
        "subject": {"reference": situation.patient},
        "authoredOn": today.isoformat(),
        "reasonCode": [{"text": why}],
    }
    if situation.encounter:
        request["encounter"] = {"reference": situation.encounter}
    if REQUESTERS.fullmatch(situation.user):
        request["requester"] = {"reference": situation.user}
    return request
