"""Train the network that checks outlines, on drawn pictures, and write its card."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from imaging.errors import ScanError, UnsuitableWeights
from imaging.segmentation.recipe import DEFAULT_MINUTES, DEFAULT_SEED, TARGETS, Target


class Command(BaseCommand):
    help = "Train a segmentation network: weights, recipe and card go into a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--target", choices=TARGETS, required=True)
        parser.add_argument("--output", type=Path, required=True, metavar="DIR")
        parser.add_argument(
            "--minutes",
            type=float,
            default=DEFAULT_MINUTES,
            help="about so long on one thread; a fixed number of steps, so that a seed says all",
        )
        parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
        parser.add_argument(
            "--labels",
            type=Path,
            nargs="+",
            default=[],
            metavar="PATH",
            help="label maps whose shapes are painted too (NIfTI for ct, PNG of 1 mm for flat)",
        )
        parser.add_argument(
            "--pretrain",
            type=Path,
            nargs="+",
            default=[],
            metavar="UNLABELLED",
            help="scans without labels to learn from first",
        )
        parser.add_argument(
            "--evaluate",
            type=Path,
            nargs=2,
            action="append",
            default=[],
            metavar=("CT", "BODIES"),
            help="a CT for the card: NIfTI in HU, NIfTI with a number for each vertebral body",
        )

    def handle(
        self,
        *,
        target: Target,
        output: Path,
        minutes: float,
        seed: int,
        labels: list[Path],
        pretrain: list[Path],
        evaluate: list[list[Path]],
        **options: Any,
    ) -> None:
        # torch is not loaded for --help.
        from imaging.segmentation.making import Sources, make

        if minutes <= 0 or seed < 0:
            raise CommandError("Minutes must be above 0, and the seed 0 or more.")
        sources = Sources(labels, pretrain, [(image, bodies) for image, bodies in evaluate])
        with tqdm(unit="step", disable=None) as bar:

            def report(step: int, loss: float) -> None:
                bar.update()
                bar.set_postfix(loss=f"{loss:.3f}", refresh=False)

            try:
                written = make(target, output, minutes, seed, sources, report)
            except (ScanError, UnsuitableWeights) as error:
                raise CommandError(str(error)) from error
            except OSError as error:
                raise CommandError(f"{error.filename}: {error.strerror}.") from error
        self.stdout.write(written)
