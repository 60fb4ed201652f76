"""What a reader chose: kept over sign-ins, theirs alone, and audited when it changes."""

import pytest
from django.contrib.auth.models import User

from riskapp.actions.remembering import Preferences, preferences, remember
from riskapp.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_a_choice_is_kept_and_the_others_stay(owner: User, colleague: User) -> None:
    assert preferences(by=owner) == Preferences()
    remember(by=owner, guideline="nogg-2024", units={"weight": "[lb_av]"})
    remember(by=owner, population="gb", units={"height": "[in_i]"})
    assert preferences(by=owner) == Preferences(
        guideline="nogg-2024",
        population="gb",
        units={"weight": "[lb_av]", "height": "[in_i]"},
    )
    assert preferences(by=colleague) == Preferences()
    assert remember(by=owner, guideline="").guideline == ""  # blank is a choice: the usual one


def test_only_a_change_is_written_down(owner: User) -> None:
    for _ in range(2):
        remember(by=owner, population="gb")
    events = AuditEvent.objects.filter(action="preference.change")
    assert [event.target for event in events] == [str(owner.pk)]
