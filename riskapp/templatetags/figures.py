"""How a number or a machine's name is written on a page."""

from django import template

from riskapp.web.presenters import numbers
from riskapp.web.presenters.card import card_blocks

register = template.Library()

MODALITIES = {"dxa": "DXA", "ct": "CT", "mri": "MRI"}

register.filter("percent", numbers.percent)
register.filter("short", numbers.short)
register.filter("card_blocks", card_blocks)


@register.filter
def spaced(name: str) -> str:
    """``whole_body`` as "whole body"."""
    return name.replace("_", " ")


@register.filter
def modality(name: str) -> str:
    return MODALITIES.get(name, spaced(name))
