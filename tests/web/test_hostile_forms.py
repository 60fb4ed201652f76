"""Hostile texts where the crawl does not come: forms that few see, addresses, headers and cookies.

The crawl sends them to every other form, and holds that none is forgotten (test_crawl).
"""

import re
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from riskapp.access import walked
from riskapp.actions.managing_people import set_roles
from riskapp.actions.restricting import restrict
from riskapp.models import Patient, Role
from tests.hostile_texts import HOSTILE, bytes_of
from tests.web.consenting import address, app, second, signed_in
from tests.web.crawler import Crawler
from tests.web.every_door import PARAMETER, get_resolver

__all__ = ["address", "app", "second", "signed_in"]
pytestmark = pytest.mark.django_db
TEXTS = [text[:2_000] for text in HOSTILE.values()]


def fed(client: Client, *addresses: str) -> Crawler:
    """Read these pages and send hostile texts in each field of each of their forms."""
    client.raise_request_exception = False
    crawler = Crawler(client, stays=True)
    for one in addresses:
        reply = client.get(one)
        assert reply.status_code < 500, one
        crawler.look(reply, one)
    crawler.send_all(rubbish=True)
    assert crawler.sent >= len(addresses)
    assert not crawler.broken, "\n".join(crawler.broken)
    assert not crawler.problems, crawler.problems
    return crawler


def test_who_signs_in_or_proves_it_again_may_type_anything(owner: User) -> None:
    fed(Client(), "/sign-in/")
    owner.set_password("a-long-walk-in-the-park")
    owner.save()
    client = Client()
    client.force_login(owner)
    fed(client, "/account/confirm/")


def test_who_searches_the_trail_may_type_anything(colleague: User, browser_of: Any) -> None:
    set_roles(by=colleague, user=colleague, roles=[Role.AUDITOR])
    fed(browser_of(colleague), "/trail/")


def test_who_opens_a_restricted_record_may_give_any_reason(
    owner: User, colleague: User, patient: Patient, browser_of: Any
) -> None:
    restrict(by=owner, patient=patient, team=[])
    fed(browser_of(colleague), f"/patients/{patient.pk}/")


def test_an_app_may_ask_for_anything(signed_in: Client, address: Any, patient: Patient) -> None:
    fed(signed_in, address())
    for name in ("client_id", "redirect_uri", "scope", "state", "launch", "aud", "find", "nonce"):
        for text in TEXTS[:: len(TEXTS) // 5]:
            told = address(**{name: ""}) + f"&{name}=" + quote(bytes_of(text))
            reply = signed_in.get(told)
            assert reply.status_code < 500
            assert "\n" not in reply.get("Location", "")


def test_no_address_breaks_at_a_hostile_part_of_it(statistician: User) -> None:
    set_roles(by=statistician, user=statistician, roles=list(Role))
    client, texts = Client(raise_request_exception=False), cycle(TEXTS)
    client.force_login(statistician)
    broken, asked = [], 0
    for door in walked(get_resolver()):
        pattern = str(door.pattern).lstrip("^").rstrip("$")
        if not PARAMETER.search(pattern):
            continue
        told = PARAMETER.sub(lambda _: quote(bytes_of(next(texts)[:200]), safe=""), pattern)
        told = told.replace("\\", "").replace("(/|$)", "/")
        reply = (client.get, client.post)[asked % 2](f"/{told}")
        asked += 1
        if reply.status_code >= 500:
            broken.append(f"{pattern} {told[:200]} {reply.status_code}")
        reply.close()
    assert asked > 100
    assert not broken, "\n".join(broken)


# What is read of a request beside its address and body, by whom it is read.
HEADERS = (
    "Accept", "Accept-Language", "Authorization", "Content-Type", "If-Match", "If-None-Match",
    "Idempotency-Key", "Origin", "Prefer", "Range", "Referer", "X-CSRFToken", "X-Forwarded-For",
    "X-Forwarded-Proto", "X-Request-ID", "User-Agent", "HX-Request", "HX-Target",
    "Access-Control-Request-Method", "Host", "Forwarded", "Content-Encoding",
)  # fmt: skip
DOORS = ("/", "/api/v1/patients/", "/fhir/Patient", "/dicomweb/studies", "/health/live",
         "/cds-services")  # fmt: skip
COOKIES = ("sessionid", "csrftoken", "messages", "django_language", "x")


def test_no_header_breaks_a_door(pages: Client) -> None:
    pages.raise_request_exception = False
    texts = cycle(TEXTS)
    for name in HEADERS:
        for door in DOORS:
            # As a server hands it on: latin-1, and no line ends within.
            text = re.sub(r"[\r\n\0]", " ", bytes_of(next(texts)).decode("latin-1"))[:8_000]
            reply = pages.get(door, headers={name: text})
            assert reply.status_code < 500, (name, door, text[:100])
            assert "<script>alert(1)" not in reply.content.decode(errors="replace")
            assert not [one for one in reply.headers.values() if "\n" in one or "\r" in one]


def test_no_cookie_breaks_a_page(owner: User) -> None:
    for name in COOKIES:
        for text in TEXTS[::3]:
            client = Client(raise_request_exception=False)
            client.force_login(owner)
            client.cookies[name] = re.sub(r"[\r\n\0]", " ", bytes_of(text).decode("latin-1"))
            for door in ("/", "/api/v1/patients/"):
                assert client.get(door).status_code < 500, (name, text[:100])


def test_names_of_files_are_never_paths(pages: Client, patient: Patient, tmp_path: Path) -> None:
    fed(pages, f"/patients/{patient.pk}/")
    assert not list(tmp_path.rglob("*passwd*"))
