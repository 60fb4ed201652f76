"""The software that answered, with the model that spoke."""

from riskapp.exchange.fhir.writing.codes import Json, concept
from riskapp.exchange.fhir.writing.elements import deterministic_id, narrative
from riskapp.exchange.wording import SAFETY

NAME = "Trabecula"


def device_id(software_version: str, engine: str, model_id: str) -> str:
    return deterministic_id("device", software_version, engine, model_id)


def device(software_version: str, engine: str, model_id: str) -> Json:
    """One release of the software with one model: what both are never changes."""
    return {
        "resourceType": "Device",
        "id": device_id(software_version, engine, model_id),
        "text": narrative(f"{NAME} {software_version}, model {model_id}.", SAFETY),
        "status": "active",
        "manufacturer": NAME,
        "deviceName": [{"name": NAME, "type": "user-friendly-name"}],
        "modelNumber": model_id,
        "type": concept("kind", "fracture-risk-software"),
        "version": [
            {"type": {"text": "software"}, "value": software_version},
            {"type": {"text": f"model of the engine {engine}"}, "value": model_id},
        ],
        "note": [{"text": SAFETY}],
    }
