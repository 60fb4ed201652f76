"""The form of a record, whatever is typed into it and however a program sends it."""

from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from riskapp.models import Assessment, Patient
from riskapp.risk.profile import FIELD_NAMES
from tests.hostile_texts import HOSTILE, bytes_of
from tests.web.record import ANSWERS, answer, new

pytestmark = pytest.mark.django_db
OF_FORM = ("save_as", "recorded", "from", "happened_on", "engine", "csrfmiddlewaretoken")
NUMBER = st.floats().map(repr) | st.integers().map(str) | st.decimals().map(str)
DAY = st.dates().map(str) | st.datetimes().map(str)
WORD = st.sampled_from(["", "true", "false", "unknown", "on", "gb", "female", "hologic", "None"])
TYPED = st.text(max_size=40) | NUMBER | DAY | WORD | st.sampled_from(list(HOSTILE.values()))
# A field may be sent more than once, and there may be fields of which nobody knows.
FIELDS = st.sampled_from([*FIELD_NAMES, *OF_FORM]) | st.text(max_size=12)
SENT = st.dictionaries(FIELDS, st.lists(TYPED, min_size=1, max_size=3), max_size=8)
NUMBERS = ("age_years", "weight_kg", "height_cm", "femoral_neck_t_score", "trabecular_bone_score")
FORM = "application/x-www-form-urlencoded"


def as_sent(told: dict[str, list[str]]) -> bytes:
    pairs = [(bytes_of(name), bytes_of(one)) for name, values in told.items() for one in values]
    return urlencode(pairs).encode()


@given(told=SENT, over=st.booleans())
@example(told={"age_years": ["1e400"]}, over=True)
@example(told={"weight_kg": ["61.5", "x"]}, over=True)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_it_is_answered_and_nothing_that_was_typed_is_lost(
    pages: Client, patient: Patient, told: dict[str, list[str]], over: bool
) -> None:
    """``over`` what makes a whole record, so that what follows the reading is reached too."""
    sent = ({name: [value] for name, value in ANSWERS.items()} if over else {}) | told
    body, before = as_sent(sent), Assessment.objects.count()
    assert pages.post(answer(patient), body, FORM).status_code == 200
    reply = pages.post(new(patient), body, FORM)
    stored = Assessment.objects.count() - before
    assert (reply.status_code, stored) in ((302, 1), (400, 0)), reply.status_code
    if not stored:
        page = unescape(reply.content.decode())
        assert "<form" in page
        assert [one for one in shown(sent) if one not in page] == []


def shown(sent: dict[str, list[str]]) -> list[str]:
    """Of what was typed into fields that the form has, what a page can show."""
    shown = (values[-1] for name, values in sent.items() if name in NUMBERS)
    return [one for one in shown if one.isascii() and one.isprintable()]
