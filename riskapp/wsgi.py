"""The WSGI entry point."""

import gc
import os
import sys
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

# All that is loaded here stays for good. The collector of cycles would walk over it time and again:
# a fifth of the start, and later a request that stops now and then for 0.2 s.
gc.disable()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
application = get_wsgi_application()
# Every page's code is read before the first request, and what every answer needs: seconds that
# nobody has to wait for.
import_module(settings.ROOT_URLCONF)
import_module("riskapp.actions.warming").warm()
import_module("riskapp.actions.keys_at_hand").at_start()
import_module("riskapp.actions.clock").at_start()
# What fails is withheld, never the start: stored records can still be read. Workers of our own web
# server test for themselves, beside their first answers.
if "riskapp.gunicorn_settings" not in sys.modules:
    import_module("riskapp.actions.self_testing").at_start()
gc.freeze()
gc.enable()
