"""The log says where and what kind, and never what somebody typed."""

import logging
import subprocess
import sys

from riskapp.discreet_log import DiscreetFormatter

# In a process of its own: what tests do with warnings and with the log is not what a site does.
READS_DICOM = """
from logging import config, getLogger
from riskapp.log_settings import logging_settings
config.dictConfig(logging_settings(as_json=False))
from pydicom.dataset import Dataset
told = Dataset()
told.PatientBirthDate = "Grace"
told.StudyInstanceUID = "Grace"
getLogger("pydicom").error("it broke")
"""


def test_an_exceptions_words_stay_out_of_the_log_and_its_place_gets_in() -> None:
    try:
        int("Grace " + "Example")
    except ValueError as error:
        kind = type(error), error, error.__traceback__
    record = logging.LogRecord("riskapp", logging.ERROR, __file__, 1, "Job %s failed", (7,), kind)
    line = DiscreetFormatter().format(record)
    assert "Grace Example" not in line
    assert "Job 7 failed" in line
    assert line.endswith("ValueError")
    assert "test_discreet_log.py" in line


def test_what_signing_in_carries_in_an_address_stays_out_of_the_log() -> None:
    asked = "GET /sign-in/with/hospital/back/?code=S3CRET&state=ST4TE&iss=https://x HTTP/1.1"
    also = "GET /oauth/authorize?scope=openid&code_challenge=CH4L&access_token=T0KEN&aud=y"
    for address in (asked, also):
        record = logging.LogRecord("django.server", logging.INFO, "", 1, address, (), None)
        line = DiscreetFormatter().format(record)
        assert not [one for one in ("S3CRET", "ST4TE", "CH4L", "T0KEN") if one in line]
        assert "iss=https://x" not in line


def test_what_reads_dicom_quotes_no_value_in_the_log_or_a_warning() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", READS_DICOM],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Grace" not in shown.stderr
    assert "it broke" in shown.stderr
