"""Fills a site with stories and notes where each page is; runs inside the site."""

import json
import os
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from riskapp.actions.api_clients import add_client
from riskapp.actions.managing_people import make_statistician, set_roles
from riskapp.actions.passwords import make_link
from riskapp.actions.registering import register_clinician
from riskapp.models import Role
from riskapp.modelstore import look_also_in
from tests.browser.serving import PASSWORD, SECOND, USERNAME
from tests.web.crawler import Crawler, name_of
from tests.web.stories import Stories
from tests.web.story_archive import NUMBER

ORGANISATION: Final = "Story clinic"
NO_PAGES: Final = frozenset({"report", "scan_file", "scan_picture", "stored_engines"})


def fill() -> None:
    clinician, statistician, second = (
        register_clinician(username=name, password=PASSWORD, organisation=ORGANISATION)
        for name in ("cleo", USERNAME, SECOND)
    )
    for one in (statistician, second):
        make_statistician(one)
    every = [Role.CLINICIAN, Role.STATISTICIAN, Role.ADMINISTRATOR]
    set_roles(by=statistician, user=statistician, roles=every)
    settings.MODEL_DIR.mkdir(exist_ok=True)
    look_also_in(settings.MODEL_DIR)
    stories = Stories(clinician, statistician, second)
    stories.tell(settings.MODEL_DIR, os.environ["STORY_ARCHIVE"])
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(statistician)
    client.force_login(statistician)  # once more, as from another browser
    crawler = Crawler(client, passes_over=NO_PAGES)
    crawler.walk("/")
    for form in list(crawler.forms.values()):
        if name_of(form.address) == "shares":
            crawler.send(form, {}, rubbish=False)
    pages = {name: address for name, (_, address) in crawler.richest.items() if name}
    there = next(one for one in stories.people if one.record_number == NUMBER)
    told = pages | {
        "sign_in": "/sign-in/",
        "model_compare": "/laboratory/compare/",
        "patient_archive": f"/patients/{there.pk}/archive/?find=1&archive=Main+archive",
        "consent": _asks_for_consent(),
        "passkey_new": "/account/passkeys/new/",
        "confirm": "/account/confirm/",
        "one_time_link": f"/account/link/{make_link(by=second, user=clinician).token}/",
    }
    (settings.DATA_DIR / "pages.json").write_text(json.dumps(told), encoding="utf-8")


def _asks_for_consent() -> str:
    """Where an app sends people who are to let it act for them."""
    back, scopes = "https://app.example/back", ["launch/patient", "patient/*.rs", "offline_access"]
    app = add_client(
        name="bone-app", organisation=ORGANISATION, scopes=scopes, redirect_uris=[back], public=True
    )
    asked = {
        "response_type": "code",
        "client_id": app.client.application.client_id,
        "redirect_uri": back,
        "scope": " ".join(scopes),
        "state": "xyz",
        "code_challenge": "a" * 43,
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(asked)}"
