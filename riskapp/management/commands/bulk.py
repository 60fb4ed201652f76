"""The worker of imports and answers for many people."""

import logging
import threading
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from riskapp.actions import leasing
from riskapp.actions.alive import keep_telling
from riskapp.actions.bulk_importing import import_next
from riskapp.actions.fhir.bulk_answering import answer_next
from riskapp.management.patience import patiently
from riskapp.management.stopping import stop_when_told

log = logging.getLogger(__name__)
# How long something waits at most before an idle worker looks.
LOOK_EVERY_S = 1.0


class Command(BaseCommand):
    help = "Import and answer for many people at once, as other programs and import_bulk ask for."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="stop when nothing is due any more"
        )

    def handle(self, *, until_idle: bool, **options: Any) -> None:
        stop_when_told()
        worker, pause = leasing.this_process(), threading.Event()
        log.info("Bulk worker %s is ready", worker)
        if not until_idle:
            keep_telling("bulk")
        try:
            while True:
                works = (partial(work, worker) for work in (answer_next, import_next))
                worked = [patiently(work, pause, until_idle=until_idle) for work in works]
                if any(worked):
                    continue
                if until_idle:
                    break
                close_old_connections()
                pause.wait(LOOK_EVERY_S)
        except KeyboardInterrupt:
            pass
