"""How a number or a machine's name is written on a page."""

from collections.abc import Mapping, Sequence

from django import template

from imaging.presenting.finding_titles import SEVERITY_WORDS, title_of
from imaging.result import Severity
from riskapp.exchange.fields import FIELDS
from riskapp.risk.limits import in_print
from riskapp.web.presenters import numbers
from riskapp.web.presenters.card import card_blocks
from riskapp.web.presenters.events import date_words, fracture_name
from riskapp.web.presenters.measured_table import region_name
from riskapp.web.presenters.registry import OUTCOMES

register = template.Library()

MODALITIES = {"dxa": "DXA", "ct": "CT", "mri": "MRI"}

register.filter("percent", numbers.percent)
register.filter("short", numbers.short)
register.filter("quantity", numbers.quantity)
register.filter("card_blocks", card_blocks)
register.filter("region_name", region_name)
register.filter("finding_title", title_of)
register.filter("as_known", date_words)
register.filter("fracture_name", fracture_name)
register.filter("in_print", in_print)


@register.filter
def sentence_case(text: str) -> str:
    """A capital first letter; the others stay as they are."""
    return text[:1].upper() + text[1:]


@register.filter
def spaced(name: str) -> str:
    """``whole_body`` as "whole body"."""
    return name.replace("_", " ")


@register.filter
def field_name(name: str) -> str:
    """``age_years`` as "Age"; what is no field of ours is written as it is called."""
    return FIELDS[name].label if name in FIELDS else spaced(name)


@register.filter
def counted(value: object) -> str:
    """A count with its thousands apart; one that is hidden for being small is text already."""
    return f"{value:,}" if isinstance(value, int) else str(value)


@register.filter
def outcome_name(outcome: str) -> str:
    return OUTCOMES.get(outcome, spaced(outcome))


@register.filter
def modality(name: str) -> str:
    return MODALITIES.get(name, spaced(name))


@register.filter
def severity_word(severity: str) -> str:
    """How far a finding weighs, so that colour and icon are not alone in saying so."""
    return SEVERITY_WORDS[Severity(severity)]


@register.filter
def of_region(marks: Mapping[str, Sequence[object]], region: str) -> Sequence[object]:
    """What is kept of one region; nothing of one that has nothing."""
    return marks.get(region, ())
