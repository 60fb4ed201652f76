"""The report of a stored assessment as PDF: one clinical page, and the patient's two."""

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation

from riskapp.actions.errors import Refused
from riskapp.actions.reporting import (
    ReportPart,
    ScanShown,
    language_for,
    parts_named,
    scan_shown,
    take_report,
)
from riskapp.exchange.languages import ENGLISH, Language
from riskapp.exchange.printing import CannotPrint, Part, printed
from riskapp.exchange.printing_apart import PRINTER
from riskapp.exchange.wording import SAFETY
from riskapp.models import Assessment
from riskapp.web.answers import population_names
from riskapp.web.presenters.decide import decide_of
from riskapp.web.presenters.report import clinical_page

# The style sheets of the patient's page, as on the screen and for print.
PATIENTS = ("charts.css", "site.css", "pages.css", "print.css", "decide.css", "report-patient.css")

# Set apart, as the second has more to tell.
SHEETS = ("decide/_risk_sheet.html", "decide/_choice_sheet.html")
ALL_PARTS = tuple(ReportPart)


@dataclass(frozen=True, slots=True)
class Report:
    """A file ready to be sent; its name says nothing of who it is about."""

    name: str
    content: bytes


def make_report(*, by: User, id: UUID, part: str = "", language: str = "") -> Report:
    """Make the report, or one part of it, and leave a trace where it names the patient.

    ``language`` is that of the patient's part; the clinical page is English.

    Raises
    ------
    NotFound
        If the assessment is another organisation's, or has no answer to report.
    Refused
        If there is no such part or language, or this machine cannot print.
    """
    parts = parts_named(part)
    read_in = language_for(parts, language)
    assessment = take_report(by=by, id=id, parts=parts)
    content = lay_out(assessment, parts, read_in)
    return Report("your-bones.pdf" if part == ReportPart.PATIENT else "report.pdf", content)


def lay_out(
    assessment: Assessment,
    parts: tuple[ReportPart, ...] = ALL_PARTS,
    language: Language | None = None,
) -> bytes:
    """Set an assessment on paper; one that is stored nowhere too.

    Raises
    ------
    Refused
        If this machine cannot print.
    """
    read_in = language or language_for(parts, "")
    made = {ReportPart.CLINICAL: _clinical, ReportPart.PATIENT: partial(_patient, read_in)}
    try:
        sheets = [sheet for one in parts for sheet in made[one](assessment)]
        return PRINTER.printed(sheets) if settings.PRINT_APART else printed(sheets)
    except CannotPrint as reason:
        raise Refused({"part": str(reason)}) from reason


def _clinical(assessment: Assessment) -> list[Part]:
    drawn = partial(_clinical_html, assessment, population_names(), scan_shown(assessment))
    return [Part(drawn, _styles("report-clinical.css"), ENGLISH)]


def _clinical_html(
    assessment: Assessment, names: dict[str, str], scan: ScanShown | None, level: int
) -> str:
    page = clinical_page(assessment, names, scan, level)
    return render_to_string("report/clinical.html", {"page": page, "safety_words": SAFETY})


def _patient(language: Language, assessment: Assessment) -> list[Part]:
    view = decide_of(assessment)
    if view is None:
        return []  # the numbers are not this person's any more; the clinical page says so
    told = {"view": view, "language": language, "safety_words": SAFETY}
    return [_sheet(name, told) for name in SHEETS]


def _sheet(name: str, told: dict[str, Any]) -> Part:
    language: Language = told["language"]
    with translation.override(language.locale):
        html = render_to_string("report/patient.html", told | {"sheet": name})
    return Part(lambda level: html, _styles(*PATIENTS), language.tag)


@cache
def _styles(*names: str) -> str:
    return "\n".join(Path(str(finders.find(name))).read_text(encoding="utf-8") for name in names)
