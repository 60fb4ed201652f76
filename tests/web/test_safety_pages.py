"""The safety file within the product: intended use, downtime, incidents, and a form on paper."""

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from riskapp.actions.notices import NOTICE_LETTERS
from riskapp.models import AuditEvent
from riskapp.web.presenters.fields import ASKED, label_of
from riskapp.web.views.safety import PAGES
from tests.web.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_of_this_test(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def test_every_page_leads_to_what_to_do(pages: Client) -> None:
    for page in ("/", "/models/", "/patients/new/"):
        shown = text_of(pages, page)
        assert "Tell of an incident" in shown
        assert "When it is down" in shown
        assert "Intended use, and who it is not for" in shown
    assert "Tell of an incident" not in text_of(Client(), "/sign-in/")


def test_each_page_of_the_safety_file_is_shown_with_no_mark_left(pages: Client) -> None:
    for name in PAGES:
        shown = text_of(pages, f"/safety/{name}/")
        body = shown.partition('<div class="guide stack">')[2].partition("</main>")[0]
        assert "**" not in body
        assert "](" not in body
    assert pages.get("/safety/nothing/").status_code == 404


def test_the_paper_form_asks_all_that_the_screen_asks(pages: Client) -> None:
    shown = unescape(text_of(pages, "/safety/paper-form/"))
    for name in ASKED:
        assert label_of(name) in shown, name
    for told in ("Name", "Born", "Sex", "Record number", "Not known", "never “no”"):
        assert told in shown
    assert "100 to 230" in shown  # height in cm, as the screen takes it
    # Nothing is answered without an age: only of other answers "Not known" is one.
    age, height = (shown.partition(f">{label_of(name)}<")[2] for name in ("age_years", "height_cm"))
    assert "Not known" not in age.partition("</tr>")[0]
    assert "☐ Not known" in height.partition("</tr>")[0]


def test_a_notice_of_the_site_stands_on_every_page_until_it_is_taken_away(pages: Client) -> None:
    call_command("safety_notice", "Texture scores of Friday are wrong. <b>Ask</b> radiology.")
    for page in ("/", "/models/"):
        shown = text_of(pages, page)
        assert "Texture scores of Friday are wrong. &lt;b&gt;Ask&lt;/b&gt; radiology." in shown
    assert "Friday" not in text_of(Client(), "/sign-in/")
    call_command("safety_notice", "--clear")
    assert "Friday" not in text_of(pages, "/")
    done = AuditEvent.objects.filter(action__startswith="notice.").values_list("action", flat=True)
    assert list(done) == ["notice.put_up", "notice.take_away"]


@pytest.mark.parametrize("words", ["", "x" * (NOTICE_LETTERS + 1), "a\x07b"])
def test_a_notice_that_cannot_be_shown_is_refused(words: str) -> None:
    with pytest.raises(CommandError, match="printable characters"):
        call_command("safety_notice", words)
    call_command("safety_notice", "x" * NOTICE_LETTERS)
