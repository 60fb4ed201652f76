"""The worker that brings results and messages to a site's peers."""

import logging
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from riskapp.actions import delivery_ways, leasing
from riskapp.actions.alive import keep_telling
from riskapp.actions.delivering import deliver_next
from riskapp.management.patience import patiently
from riskapp.management.stopping import stop_when_told

log = logging.getLogger(__name__)
# How long something waits at most before an idle worker looks.
LOOK_EVERY_S = 0.5


class Command(BaseCommand):
    help = "Bring what is promised to the site’s peers, until they confirm it."
    requires_system_checks = ()  # of pages, which serve has checked
    ways = delivery_ways  # imported for its handlers

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="stop when nothing is due any more"
        )

    def handle(self, *, until_idle: bool, **options: Any) -> None:
        stop_when_told()
        worker, pause = leasing.this_process(), threading.Event()
        log.info("Delivery worker %s is ready", worker)
        if not until_idle:
            keep_telling("deliver")
        try:
            while True:
                if patiently(lambda: deliver_next(worker), pause, until_idle=until_idle):
                    continue
                if until_idle:
                    break
                close_old_connections()
                pause.wait(LOOK_EVERY_S)
        except KeyboardInterrupt:
            pass
