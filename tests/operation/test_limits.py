"""The table of limits: its page is fresh, and each limit names a test that is there."""

import os
import re

import pytest

from imaging.limits import LIMITS
from riskapp import limits
from riskapp.access import ACCESS
from riskapp.limits import SECTIONS, Limit
from riskapp.rates import _NAMED
from tests.kept import ROOT

PAGE = ROOT / "docs" / "limits.md"
EVERY = [one for section in SECTIONS.values() for one in section]


def test_the_page_of_limits_is_fresh() -> None:
    if os.environ.get("TRABECULA_DESCRIBE"):
        PAGE.write_text(limits.document(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == limits.document()


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.means)
def test_each_limit_has_a_value_and_names_its_test(one: Limit) -> None:
    assert one.value > 0
    file, _, name = one.test.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not name or re.search(rf"^def {name}\(", text, re.MULTILINE), one.test


def test_files_of_tables_that_are_named_are_there() -> None:
    for file in limits.BESIDE:
        assert (ROOT / file).is_file()
    assert LIMITS.files == next(one.value for one in EVERY if one.means == "files of an upload")


def test_rates_are_of_addresses_that_there_are() -> None:
    for views in _NAMED.values():
        assert views <= ACCESS.keys()
