"""Our own codes, extensions, profile and operation, as FHIR defines such things."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from riskapp.exchange.cds_codes import OVERRIDES, TOPICS
from riskapp.exchange.fhir.writing.codes import HOME, Json, code_systems, system
from riskapp.exchange.fhir.writing.elements import narrative
from riskapp.exchange.fhir.writing.extensions import EXTENSIONS, Extension
from riskapp.exchange.fhir.writing.operation import all_operation_definition, operation_definition
from riskapp.exchange.fhir.writing.risk_assessment import PROFILE

FHIR_VERSION = "4.0.1"
TITLES = {
    "kind": "Kinds of resources and components",
    "method": "Methods of estimating",
    "outcome": "Outcomes that are estimated",
    "field": "Inputs",
    "answer": "Answers that are picked",
    "guideline-category": "Categories of guidelines",
    "score-reference": "Reference populations of T-scores",
    TOPICS: "What cards at hooks of a record are about",
    OVERRIDES: "Why a card is set aside",
}
# What every RiskAssessment of ours has: element -> what is asked beyond FHIR R4.
PROFILED: Mapping[str, Mapping[str, Any]] = {
    "RiskAssessment.status": {"fixedCode": "final"},
    "RiskAssessment.method": {"min": 1},
    "RiskAssessment.code": {"min": 1},
    "RiskAssessment.occurrence[x]": {"min": 1, "type": [{"code": "dateTime"}]},
    "RiskAssessment.performer": {"min": 1},
    "RiskAssessment.basis": {"min": 1},
    "RiskAssessment.prediction": {"min": 20},
    "RiskAssessment.prediction.outcome": {"min": 1},
    "RiskAssessment.prediction.probability[x]": {"min": 1, "type": [{"code": "decimal"}]},
    "RiskAssessment.prediction.when[x]": {"min": 1, "type": [{"code": "Period"}]},
    "RiskAssessment.mitigation": {"max": "0"},
    "RiskAssessment.note": {"min": 1},
}


def definitions(version: str) -> list[Json]:
    """Every definition, in a fixed order; ``version`` is the software's."""
    made = [
        *(_code_system(name, codes) for name, codes in code_systems().items()),
        *(_value_set(name) for name in code_systems()),
        *(_extension(name, one) for name, one in EXTENSIONS.items()),
        _profile(),
        operation_definition(),
        all_operation_definition(),
    ]
    return [_published(one, version) for one in made]


def _published(one: Json, version: str) -> Json:
    first = {name: one[name] for name in ("resourceType", "id")}
    told = {"version": version, "status": "active", "experimental": False, "publisher": "Trabecula"}
    return {**first, "text": narrative(f"{one['title']}."), **one, **told}


def _code_system(name: str, codes: Mapping[str, str]) -> Json:
    return {
        "resourceType": "CodeSystem",
        "id": name,
        "url": system(name),
        "name": _computable(name),
        "title": TITLES[name],
        "caseSensitive": True,
        "valueSet": f"{HOME}/ValueSet/{name}",
        "content": "complete",
        "count": len(codes),
        "concept": [{"code": code, "display": words} for code, words in codes.items()],
    }


def _value_set(name: str) -> Json:
    return {
        "resourceType": "ValueSet",
        "id": name,
        "url": f"{HOME}/ValueSet/{name}",
        "name": _computable(name),
        "title": TITLES[name],
        "compose": {"include": [{"system": system(name)}]},
    }


def _extension(name: str, one: Extension) -> Json:
    url = f"{HOME}/StructureDefinition/{name}"
    root = {"short": one.title, "definition": one.means, "min": 0, "max": "*"}
    elements = [_element("Extension", **root)]
    if one.parts:
        elements += [*_parts(one.parts), _element("Extension.url", fixedUri=url)]
        elements.append(_element("Extension.value[x]", max="0"))
    else:
        elements += [_element("Extension.extension", max="0"), *_valued("Extension", url, one.type)]
    return {
        **_structure(name, one.title, one.means, "Extension", elements),
        "context": [{"type": "element", "expression": path} for path in one.on],
    }


def _parts(parts: Mapping[str, str]) -> Iterator[Json]:
    by_url = [{"type": "value", "path": "url"}]
    yield _element("Extension.extension", slicing={"discriminator": by_url, "rules": "closed"})
    for written, kind in parts.items():
        name = written.removesuffix("?")
        here = f"Extension.extension:{name}"
        least = 0 if written.endswith("?") else 1
        yield _element(here, sliceName=name, min=least, max="1")
        yield _element(f"{here}.extension", max="0")
        yield from _valued(here, name, kind)


def _valued(here: str, url: str, kind: str) -> Sequence[Json]:
    return (
        _element(f"{here}.url", fixedUri=url),
        _element(f"{here}.value[x]", min=1, type=[{"code": one} for one in kind.split("|")]),
    )


def _profile() -> Json:
    elements = [_element(path, **rules) for path, rules in PROFILED.items()]
    name = PROFILE.rsplit("/", 1)[1]
    means = (
        "The 10-year probability of hip and of major osteoporotic fracture, with every year before "
        "it, its 95 % interval, what it rests on and what is not known. By a method of our own: "
        "comparable with FRAX, not FRAX."
    )
    title = "Assessment of fracture risk"
    return _structure(name, title, means, "RiskAssessment", elements)


def _structure(name: str, title: str, means: str, kind: str, elements: list[Json]) -> Json:
    return {
        "resourceType": "StructureDefinition",
        "id": name,
        "url": f"{HOME}/StructureDefinition/{name}",
        "name": _computable(name),
        "title": title,
        "description": means,
        "fhirVersion": FHIR_VERSION,
        "kind": "complex-type" if kind == "Extension" else "resource",
        "abstract": False,
        "type": kind,
        "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{kind}",
        "derivation": "constraint",
        "differential": {"element": elements},
    }


def _element(id: str, **rules: Any) -> Json:
    path = ".".join(part.split(":")[0] for part in id.split("."))
    return {"id": id, "path": path, **rules}


def _computable(name: str) -> str:
    """A name as programs have it."""
    return "".join(part.capitalize() for part in f"trabecula-{name}".split("-"))
