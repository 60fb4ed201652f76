"""Fractures and treatments in words."""

from django.utils.formats import date_format

from riskapp.exchange.partial_date import PartialDate, Precision
from riskapp.models import Fracture

ADJECTIVES = {"vertebra": "Vertebral fracture"}
FORMATS = {Precision.DAY: "j F Y", Precision.MONTH: "F Y", Precision.YEAR: "Y"}


def date_words(known: PartialDate) -> str:
    """As closely as it is known: "20 September 2024", "September 2024" or "2024"."""
    return date_format(known.first, FORMATS[known.precision])


def fracture_name(fracture: Fracture) -> str:
    """What broke, such as "Forearm fracture"."""
    return ADJECTIVES.get(fracture.site, f"{fracture.get_site_display()} fracture")
