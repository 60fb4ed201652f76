#!/usr/bin/env python
"""The shell's door to the product."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import DatabaseError


def main() -> None:
    """Run the command that was named; a site that cannot work is a sentence and status 1."""
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError:
        from riskapp.actions.readiness import problem_with_the_site

        problem = problem_with_the_site()
        if not problem:
            raise
        sys.exit(problem)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "riskapp.settings")
    main()
