"""Django’s own command; before it checks anything, it looks whether the database is whole."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate

from riskapp.actions.database_health import problem_with_the_database


class Command(migrate.Command):
    def execute(self, *args: Any, **options: Any) -> str | None:
        if problem := problem_with_the_database():
            raise CommandError(problem)
        return super().execute(*args, **options)
