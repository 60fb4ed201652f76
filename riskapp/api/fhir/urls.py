"""The addresses of FHIR; two that need pages laid out stand in ``riskapp.urls``."""

from django.urls import path, re_path

from riskapp.api.fhir import base, bulk, metadata, resources
from riskapp.api.fhir.served import DEFINED, SERVED

ID = r"(?P<id>[A-Za-z0-9\-.]{1,64})"
SEARCHED = [kind for kind, one in SERVED.items() if "search-type" in one.interactions]

urlpatterns = [
    path("fhir/RiskAssessment/$assess-all", bulk.AssessAll.as_view(), name="fhir_assess_all"),
    path(
        "fhir/RiskAssessment/$assess-all/<uuid:id>",
        bulk.AllAnswers.as_view(),
        name="fhir_all_answers",
    ),
    re_path(
        rf"^fhir/RiskAssessment/\$assess-all/(?P<id>[0-9a-f-]{{36}})/(?P<name>{bulk.NAMES})\.ndjson$",
        bulk.AnswersFile.as_view(),
        name="fhir_answers_file",
    ),
    path("fhir/metadata", metadata.Metadata.as_view(), name="fhir_metadata"),
    *(
        re_path(address, view.as_view(), {"resource_type": kind}, name=f"fhir_{name}_{kind}")
        for kind in DEFINED
        for address, view, name in (
            (rf"^fhir/{kind}$", metadata.Definitions, "search"),
            (rf"^fhir/{kind}/{ID}$", metadata.OneDefinition, "read"),
        )
    ),
    *(
        re_path(address, view.as_view(), {"resource_type": kind}, name=f"fhir_{name}_{kind}")
        for kind in SEARCHED
        for address, view, name in (
            (rf"^fhir/{kind}$", resources.Search, "search"),
            (rf"^fhir/{kind}/_search$", resources.SearchByForm, "search_form"),
            (rf"^fhir/{kind}/{ID}$", resources.OneResource, "read"),
        )
    ),
    re_path(
        r"^fhir/(?P<resource_type>[A-Z][A-Za-z]+)$",
        resources.Unserved.as_view(),
        name="fhir_unserved",
    ),
    re_path(r"^fhir(/|$)", base.Nothing.as_view(), name="fhir_nothing"),
]
