"""Fills a site with stories and notes where each page is; runs inside the site."""

import json
import os
from typing import Final

from django.conf import settings
from django.test import Client

from riskapp.actions.permitting import make_statistician
from riskapp.actions.registering import register_clinician
from riskapp.modelstore import look_also_in
from tests.browser.serving import PASSWORD, SECOND, USERNAME
from tests.web.crawler import Crawler, name_of
from tests.web.stories import Stories

ORGANISATION: Final = "Story clinic"


def fill() -> None:
    clinician, statistician, second = (
        register_clinician(username=name, password=PASSWORD, organisation=ORGANISATION)
        for name in ("cleo", USERNAME, SECOND)
    )
    for one in (statistician, second):
        make_statistician(one)
    settings.MODEL_DIR.mkdir(exist_ok=True)
    look_also_in(settings.MODEL_DIR)
    Stories(clinician, statistician, second).tell(settings.MODEL_DIR, os.environ["STORY_ARCHIVE"])
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(statistician)
    crawler = Crawler(client)
    crawler.walk("/")
    for form in list(crawler.forms.values()):
        if name_of(form.address) == "shares":
            crawler.send(form, rubbish=False)
    pages = {name: address for name, (_, address) in crawler.richest.items() if name}
    told = pages | {"sign_in": "/sign-in/"}
    (settings.DATA_DIR / "pages.json").write_text(json.dumps(told), encoding="utf-8")
