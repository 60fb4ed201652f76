"""The log says where and what kind, and never what somebody typed."""

import logging

from riskapp.discreet_log import DiscreetFormatter


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
