"""Train an encoder of bone texture without labels, and write its card."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from imaging.errors import ScanError
from imaging.segmentation.recipe import DEFAULT_SEED

DEFAULT_STEPS = 300


class Command(BaseCommand):
    help = "Train a texture encoder: weights, recipe and card go into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--kind", choices=("cnn", "hybrid"), required=True)
        parser.add_argument("--output", type=Path, required=True, metavar="DIR")
        parser.add_argument("--steps", type=int, default=DEFAULT_STEPS)
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        parser.add_argument(
            "--scans",
            type=Path,
            nargs="+",
            default=[],
            metavar="PATH",
            help="flat pictures to cut patches from; textures are drawn if left out",
        )

    def handle(self, *, output: Path, steps: int, seed: int, **options: Any) -> None:
        # torch is not loaded for --help.
        from imaging.segmentation.embedding_training import train_encoder, write_encoder
        from imaging.segmentation.unlabelled import texture_field

        if steps < 1 or seed < 0:
            raise CommandError("Steps must be 1 or more, and the seed 0 or more.")
        scans: list[Path] = options["scans"]
        with tqdm(total=steps, unit="step", disable=None) as bar:
            try:
                fields = [texture_field(path) for path in scans]
                encoder = train_encoder(
                    options["kind"], seed, steps, fields, lambda step, loss: bar.update()
                )
                sha256 = write_encoder(encoder, output, seed, steps, len(scans))
            except ScanError as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self.stdout.write(f"Weights SHA-256 {sha256}")
