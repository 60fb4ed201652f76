"""Every link and every form of the product, over a clinic in which everything has happened."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver

from riskapp.actions.managing_people import set_roles
from riskapp.models import Role
from riskapp.web.urls import urlpatterns
from tests.hostile_texts import HOSTILE
from tests.kept import ROOT
from tests.quiet import told, written_down
from tests.web.crawler import Crawler
from tests.web.stories import Stories
from tests.web.story_archive import archive_of_stories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.enable_socket,
    pytest.mark.usefixtures("sheets_laid_out_once"),
]


@pytest.fixture
def stories(
    owner: User,
    statistician: User,
    second_statistician: User,
    model_folder: Path,
    settings: Any,
    tmp_path: Path,
) -> Iterator[Stories]:
    settings.CONNECTIONS_FILE = tmp_path / "connections.toml"
    told = Stories(owner, statistician, second_statistician)
    with archive_of_stories() as archive:
        told.tell(model_folder, archive.url)
        yield told


def names(patterns: list[Any]) -> Iterator[str]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns)
        elif isinstance(one, URLPattern) and one.name:
            yield one.name


# Shorter texts stand anywhere.
SHORT = 8
# Forms that the crawl does not see, to which hostile texts are sent in test_hostile_forms; and
# what a passkey's device fills in (test_passkeys).
SENT_ELSEWHERE = {
    "account/_passkey.html",
    "account/confirm.html",
    "account/consent.html",
    "account/kept.html",
    "account/sign_in.html",
    "patient/another_there.html",
    "patient/_archive_study.html",
    "patient/restricted.html",
    "smart/same_person.html",
    "trail/show.html",
}


def with_forms() -> set[str]:
    """Templates that hold a form or send something by themselves."""
    folder = ROOT / "templates"
    found = {one: one.read_text(encoding="utf-8") for one in folder.rglob("*.html")}
    return {
        str(one.relative_to(folder))
        for one, text in found.items()
        if re.search("<form|hx-post", text)
    }


def listed(crawler: Crawler) -> str:
    return "\n".join(f"{what}\n    at {where}" for what, where in sorted(crawler.problems.items()))


def test_every_page_can_be_reached_and_is_sound(stories: Stories, browser_of: Any) -> None:
    stories.statistician.set_password("a-long-walk-in-the-park")
    stories.statistician.save()
    every = [Role.CLINICIAN, Role.STATISTICIAN, Role.ADMINISTRATOR]
    set_roles(by=stories.statistician, user=stories.statistician, roles=every)
    browser_of(stories.statistician)  # signed in elsewhere too
    browser_of(stories.clinician).get("/account/")
    client = browser_of(stories.statistician)
    client.raise_request_exception = False
    crawler = Crawler(client)
    crawler.walk("/")
    assert not crawler.broken, "\n".join(crawler.broken)
    crawler.send_all(rubbish=True)
    assert not crawler.broken, "\n".join(crawler.broken)
    crawler.send_all(rubbish=False)
    assert not crawler.broken, "\n".join(crawler.broken)
    # Whatever was typed into forms and stands in records, none of it was written down.
    typed = [*HOSTILE.values(), *(one.name for one in stories.people)]
    assert crawler.logged
    assert not told([one for one in typed if len(one) > SHORT], [*crawler.logged, *written_down()])
    shared = {title: names for title, names in crawler.titles.items() if len(names) > 1}
    # Signing in and out are the two that a signed-in person does not see; only an app leads to
    # the page that asks whether it may act for somebody (test_consent), and the two of a sign-in
    # service are there where one is configured (test_sign_in_service).
    # A hospital's record leads to the pages of a launch (tests/smart).
    launched = {"smart_launch", "smart_callback", "smart_standalone_with", "smart_opened"}
    launched |= {"smart_left"}
    services = {"sign_in_with", "signed_in_with", "signed_out_with"}
    # Results go back only where an archive is to have them (test_archive_pages).
    unseen = {"sign_in", "sign_out", "oauth_authorize", "scan_return"} | launched | services
    # An app is opened from a patient's page where one is registered (test_opened_apps).
    unseen |= {"patient_app"}
    # An administrator gives the link (test_passwords); the other two are asked for by a page's
    # script and at the end of a session (test_sessions).
    unseen |= {"one_time_link", "session_left", "kept_form"}
    # Who has a second factor meets these (test_second_factor).
    unseen |= {"sign_in_second", "confirm", "app_remove", "recovery_codes"}
    unseen |= {"sign_in_passkey", "passkey_begin", "passkey_rename", "passkey_remove"}
    unseen |= {"person_factors_remove"}
    # Asked where a record is restricted, and by who reviews that (test_restricted_records).
    unseen |= {"restricted_open", "emergency_accesses", "emergency_review"}
    # A shared link with something behind it (test_shared_page).
    unseen |= {"shared_and_more"}
    # Only auditors read the trail (test_trail_pages).
    unseen |= {"trail", "trail_proof", "trail_table"}
    # What was erased has a certificate (test_keeping_pages).
    unseen |= {"erasure_file"}
    missed = set(names(urlpatterns)) - crawler.names - unseen
    assert (listed(crawler), shared, missed) == ("", {}, set()), listed(crawler) + str(missed)
    assert with_forms() - crawler.templates <= SENT_ELSEWHERE
    see_nothing(Client(), crawler, stories)


def see_nothing(client: Client, crawler: Crawler, stories: Stories) -> None:
    client.raise_request_exception = False
    told = [word for one in stories.people for word in (one.name, one.record_number)]
    for address in crawler.visited:
        reply = client.get(address)
        assert reply.status_code < 500, address
        page = b"" if reply.streaming else reply.content
        assert not [word for word in told if word.encode() in page], address
