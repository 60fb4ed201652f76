"""Fixtures of the tests that use the database."""

from tests.actions.laboratory_files import cohort, training, usable
from tests.answering import answered_here
from tests.people import (
    colleague,
    confirmed_scan,
    measured_scan,
    model,
    model_folder,
    owner,
    patient,
    scan_folder,
    second_statistician,
    statistician,
    strange_statistician,
    stranger,
)

__all__ = [
    "answered_here",
    "cohort",
    "colleague",
    "confirmed_scan",
    "measured_scan",
    "model",
    "model_folder",
    "owner",
    "patient",
    "scan_folder",
    "second_statistician",
    "statistician",
    "strange_statistician",
    "stranger",
    "training",
    "usable",
]
