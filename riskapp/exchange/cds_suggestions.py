"""What a card offers to do: order a bone density scan, or take it out again. Never a medicine.

Resources are FHIR R4 (https://hl7.org/fhir/R4/servicerequest.html).
"""

import re
from datetime import date
from typing import Any

from riskapp.exchange.cds_situation import Situation

# LOINC 2.76, as listed for orders of DXA scans in CMS249 (value set
# 2.16.840.1.113883.3.464.1003.113.12.1051); no code tells hip and spine in one order. 38269-7 is
# the report of such a scan.
DXA_CODING = {
    "system": "http://loinc.org",
    "code": "38268-9",
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
