"""Whom a page is showing."""

from django import template

from riskapp.web.shown_patient import shown_patient

register = template.Library()
register.filter("shown_patient", shown_patient)
