"""The worker: measures uploaded scans until it is told to stop."""

import logging
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections

from imaging.isolated.process import PROCESSES
from riskapp.actions import clock, looking, nightly, queueing, self_testing
from riskapp.actions.alive import keep_telling
from riskapp.actions.arriving import names_of_arrived
from riskapp.actions.erased_again import erase_all_again, finish_what_was_cut_off
from riskapp.actions.filing_arrivals import file_next
from riskapp.actions.keys_at_hand import problem_with_the_keys
from riskapp.actions.measuring import measure_next
from riskapp.actions.stored_bytes import forget_unfinished
from riskapp.management.patience import patiently
from riskapp.management.stopping import stop_when_told
from riskapp.models import ReceivedFile

log = logging.getLogger(__name__)
# How long an uploaded scan waits at most before an idle worker looks.
LOOK_EVERY_S = 0.5


class Command(BaseCommand):
    help = "Measure scans in the background, and file those that arrived. Several may run at once."
    requires_system_checks = ()  # of pages, which serve has checked

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--until-idle", action="store_true", help="stop when there is nothing left to measure"
        )

    def handle(self, *, until_idle: bool, **options: Any) -> None:
        if problem := problem_with_the_keys():
            raise CommandError(problem)
        stop_when_told()
        received = set(ReceivedFile.objects.values_list("name", flat=True))
        forget_unfinished(received | names_of_arrived())
        clock.at_start()
        self_testing.at_start()
        finish_what_was_cut_off()
        erase_all_again()
        worker, pause, measured = queueing.this_process(), threading.Event(), 0
        log.info("Worker %s is ready", worker)
        if not until_idle:
            keep_telling("work")
        try:
            with PROCESSES.some_ready():
                while True:
                    if patiently(file_next, pause, until_idle=until_idle):
                        continue
                    if patiently(lambda: measure_next(worker), pause, until_idle=until_idle):
                        measured += 1
                    elif until_idle:
                        break
                    else:
                        patiently(nightly.run_if_due, pause, until_idle=until_idle)
                        if patiently(looking.catch_up_if_due, pause, until_idle=until_idle):
                            continue
                        close_old_connections()
                        pause.wait(LOOK_EVERY_S)
        except KeyboardInterrupt:
            pass
        finally:
            log.info("Worker %s stops after %d scans", worker, measured)
