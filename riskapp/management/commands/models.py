"""Say which models answer, what they were trained on and how well they do."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from riskapp import modelstore
from riskapp.training.card import cards_page, summary


class Command(BaseCommand):
    help = "List the stored models, one line each; --cards prints their cards in full."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cards", action="store_true")
        parser.add_argument(
            "--write-docs", type=Path, metavar="FILE", help="write all shipped cards"
        )

    def handle(self, *, cards: bool, write_docs: Path | None, **options: Any) -> None:
        models = modelstore.listed()
        if write_docs is not None:
            shipped = tuple(m for m in models if m.model_id in modelstore.SHIPPED.values())
            write_docs.write_text(cards_page(shipped), encoding="utf-8")
        for model in models:
            self.stdout.write(model.card if cards else summary(model))
        if not models:
            self.stdout.write("No models are stored.")
