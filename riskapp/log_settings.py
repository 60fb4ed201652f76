"""What is logged, and what is kept out of it."""

import warnings
from typing import Any

# What is told below about the log of pydicom it also says as a warning, which goes to the same
# place.
warnings.filterwarnings("ignore", category=UserWarning, module=r"pydicom\.")


def logging_settings(*, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING, for lines to read or for one JSON object a line.

    Counts and identifiers only: the formatter leaves out what an exception says, which may quote
    what somebody typed, and keeps where it happened.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "discreet": {
                "()": "riskapp.discreet_log."
                + ("JsonFormatter" if as_json else "DiscreetFormatter")
            }
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "discreet"},
            "errors": {
                "class": "logging.StreamHandler",
                "formatter": "discreet",
                "level": "ERROR",
            },
        },
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {
            # A line for each request: for a program that reads them, too many for a person.
            "riskapp.observing": {"level": "INFO" if as_json else "WARNING"},
            "riskapp.actions.trail.witness": {"level": "INFO" if as_json else "WARNING"},
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # What reads DICOM quotes values that do not fit, which may be a person's. It sets its
            # own level when it is imported, so that a level set here would not last.
            "pydicom": {"handlers": ["errors"], "propagate": False},
            "pynetdicom": {"level": "CRITICAL"},
            # What writes pages and DICOM tells each step, with the identifiers of the scan.
            "highdicom": {"level": "ERROR"},
            # What grants tokens tells them at its lower levels.
            "oauthlib": {"level": "WARNING"},
            "oauth2_provider": {"level": "WARNING"},
            "dicomweb_client": {"level": "ERROR"},
            "weasyprint": {"level": "ERROR"},
            "fontTools": {"level": "ERROR"},
        },
    }
