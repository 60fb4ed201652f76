"""Pages of the made-up hospital: who is there, one chart with its cards, the app in its place."""

from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from riskapp.management.mock_ehr import cds_caller
from riskapp.management.mock_ehr.authorization_door import CLINICIAN
from riskapp.management.mock_ehr.card_words import as_html
from riskapp.management.mock_ehr.fhir_door import BASE, names
from riskapp.management.mock_ehr.hospital import NotThere, Resource
from riskapp.management.mock_ehr.permits import LAUNCH_S, Launch
from riskapp.management.mock_ehr.showing import groups, person, risks
from riskapp.management.mock_ehr.wire import address, page

# The tokens and parts of Trabecula's own pages, and what makes this another program.
STYLE_SHEETS = {
    "site": settings.BASE_DIR / "static" / "site.css",
    "mock": Path(__file__).with_name("mock.css"),
}
DXA = {
    "resourceType": "ServiceRequest",
    "id": "draft-dxa",
    "status": "draft",
    "intent": "proposal",
    "code": {
        "coding": [
            {
                "system": "http://loinc.org",
                "code": "38268-9",
                "display": "DXA Skeletal system Views for bone density",
            }
        ]
    },
}


def style_sheet(request: HttpRequest, name: str) -> HttpResponse:
    if name not in STYLE_SHEETS:
        raise NotThere(name)
    return HttpResponse(STYLE_SHEETS[name].read_bytes(), content_type="text/css")


def people(request: HttpRequest) -> HttpResponse:
    return page(request, "people.html", people=[person(one) for one in names(request.ehr.hospital)])


def chart(request: HttpRequest, id: str) -> HttpResponse:
    """A chart is opened: patient-view is called and its cards are shown, as a record would."""
    return _chart(request, id, "patient-view", {})


def order(request: HttpRequest, id: str) -> HttpResponse:
    """A DXA is picked but not signed yet: order-select is called."""
    draft = DXA | {"subject": {"reference": f"Patient/{id}"}}
    orders = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}
    further = {"selections": [f"ServiceRequest/{DXA['id']}"], "draftOrders": orders}
    return _chart(request, id, "order-select", further)


def app(request: HttpRequest, id: str) -> HttpResponse:
    """Trabecula, launched in its place within the chart."""
    patient = request.ehr.hospital.read("Patient", id)
    launch = request.ehr.permits.give(Launch(id, _encounter(request, id)), LAUNCH_S)
    query = urlencode({"iss": address(request, BASE), "launch": launch})
    opened = f"{request.ehr.trabecula}/smart/launch?{query}"
    return page(request, "app.html", person=person(patient), opened=opened)


def tell(request: HttpRequest, card: str) -> HttpResponse:
    """A card was followed or set aside; suggestions that were accepted are carried out."""
    ehr, at = request.ehr, address(request)
    if request.method != "POST" or card not in ehr.cards:
        raise NotThere(card)
    _, patient, shown = ehr.cards[card]
    wanted = request.POST.get("suggestion", "")
    taken = next((one for one in shown.get("suggestions", []) if one.get("uuid") == wanted), None)
    try:
        if taken is not None:
            _carry_out(request, taken)
            told: dict[str, Any] = {"acceptedSuggestions": [{"id": wanted}]}
            cds_caller.tell(ehr, at, card, outcome="accepted", **told)
        else:
            reasons = {one["code"]: one for one in shown.get("overrideReasons", [])}
            reason = reasons.get(request.POST.get("reason", ""))
            said = {"overrideReason": {"reason": reason}} if reason else {}
            cds_caller.tell(ehr, at, card, outcome="overridden", **said)
    except cds_caller.NoAdvice as silent:
        return _chart(request, patient, "patient-view", {}, f"Not told to Trabecula: {silent}")
    return HttpResponse(
        status=HTTPStatus.SEE_OTHER, headers={"Location": f"/patients/{patient}/?told={card}"}
    )


def _chart(
    request: HttpRequest, id: str, hook: str, further: dict[str, Any], silent: str = ""
) -> HttpResponse:
    ehr = request.ehr
    resources = ehr.hospital.everything(id)
    context = {
        "userId": f"Practitioner/{CLINICIAN}",
        "patientId": id,
        "encounterId": _encounter(request, id),
        **further,
    }
    told = request.GET.get("told", "")
    cards: list[dict[str, Any]] = []
    try:
        cards = cds_caller.advice(ehr, address(request), hook, context)
    except cds_caller.NoAdvice as none:
        silent = silent or str(none)
    return page(
        request,
        "chart.html",
        person=person(resources[0]),
        groups=groups(resources),
        risks=risks(resources),
        cards=[_shown(one) for one in cards],
        silent=silent,
        hook=hook,
        told=next((one for one in ehr.feedback if one["card"] == told), None),
    )


def _shown(card: dict[str, Any]) -> dict[str, Any]:
    first, further = as_html(card.get("detail", ""))
    return card | {"first": first, "further": further}


def _encounter(request: HttpRequest, patient: str) -> str:
    found = request.ehr.hospital.search("Encounter", [("patient", patient)])
    return str(found[0]["id"]) if found else ""


def _carry_out(request: HttpRequest, suggestion: dict[str, Any]) -> None:
    """Do what a suggestion says; a record would show each order for signing first."""
    for action in suggestion.get("actions", []):
        resource: Resource | None = action.get("resource")
        if action.get("type") == "create" and resource:
            request.ehr.hospital.create(resource)
