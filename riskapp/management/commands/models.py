"""Say which models there are, where each stands, and how well they do."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from riskapp import modelstore
from riskapp.actions import registry
from riskapp.actions.errors import ActionError
from riskapp.models import RegisteredModel
from riskapp.modelstore import StoredModel, UnknownModel
from riskapp.training.card import cards_page, summary


class Command(BaseCommand):
    requires_system_checks = ()  # of pages, which serve has checked
    help = "List the stored models, one line each; --cards prints their cards in full."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cards", action="store_true")
        parser.add_argument(
            "--write-docs", type=Path, metavar="FILE", help="write all shipped cards"
        )
        parser.add_argument(
            "--register", metavar="MODEL-ID", help="make a model trained at a shell known"
        )
        parser.add_argument(
            "--by", metavar="USER", help="statistician who answers for the model registered"
        )

    def handle(self, *, cards: bool, write_docs: Path | None, **options: Any) -> None:
        if options["register"] is not None:
            self._register(options["register"], options["by"])
            return
        models = modelstore.listed()
        if write_docs is not None:
            shipped = tuple(m for m in models if m.model_id in modelstore.SHIPPED.values())
            write_docs.write_text(cards_page(shipped), encoding="utf-8")
        for model in models:
            self.stdout.write(model.card if cards else f"{_status(model)}  {summary(model)}")
        for sentence in modelstore.refused():
            self.stdout.write(f"refused  {sentence}")
        if not models:
            self.stdout.write("No models are stored.")

    def _register(self, model_id: str, username: str | None) -> None:
        user = User.objects.filter(username=username or "").first()
        if user is None:
            raise CommandError("Say with --by which statistician answers for the model.")
        try:
            registry.adopt(by=user, model_id=model_id)
        except (ActionError, UnknownModel) as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{model_id} is registered; another statistician can approve it.")


def _status(model: StoredModel) -> str:
    """Where a model stands in its life; those that ship are no site's own."""
    if model.model_id in modelstore.SHIPPED.values():
        return "shipped"
    known = RegisteredModel.objects.filter(model_id=model.model_id).first()
    if known is None:
        return "not registered"
    return known.status if known.sha256 == model.sha256 else "changed, refused"
