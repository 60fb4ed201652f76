#!/usr/bin/env python
"""The shell's door to the product."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

from django.core.management import execute_from_command_line
from django.db import DatabaseError


def main() -> None:
    """Run the command that was named; a site that cannot work is a sentence and status 1."""
    try:
        with _loading_ahead(sys.argv):
            execute_from_command_line(sys.argv)
    except DatabaseError:
        from riskapp.actions.readiness import problem_with_the_site

        problem = problem_with_the_site()
        if not problem:
            raise
        sys.exit(problem)


def _loading_ahead(arguments: list[str]) -> AbstractContextManager[None]:
    """Let the process that measures load its code while Django loads here."""
    if arguments[1:2] != ["measure"]:
        return nullcontext()
    from imaging.isolated.process import PROCESSES

    return PROCESSES.one_ahead()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
    main()
