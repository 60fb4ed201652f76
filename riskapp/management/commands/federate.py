"""Train one model with other sites, without any row leaving its own; docs/federated.md."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from riskapp.cohorts.follow_up import UnusableCohort
from riskapp.cohorts.reading import read_cohort
from riskapp.evaluation.summary import judge
from riskapp.risk.anchor import CAUSES, CLINICAL
from riskapp.risk.errors import RiskError
from riskapp.training.federated import flower
from riskapp.training.federated.joining import not_read, people_for
from riskapp.training.federated.masks import secret_from
from riskapp.training.federated.model import judged_here, lead, new_plan, write_given
from riskapp.training.federated.plan import ENGINES, plan_from
from riskapp.training.federated.site import Site

MODELS = settings.DATA_DIR / "models"


class Command(BaseCommand):
    help = "Train with other sites on masked sums: propose a plan, serve it, or join it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        roles = parser.add_subparsers(dest="role", required=True)
        plan = roles.add_parser("plan", help="write a plan for the sites to agree on")
        plan.add_argument("plan", type=Path)
        plan.add_argument("--study", required=True)
        plan.add_argument("--site", action="append", required=True, help="a name; for each site")
        plan.add_argument("--population", action="append", required=True)
        plan.add_argument("--engine", choices=ENGINES, default="cox")
        plan.add_argument(
            "--cause", action="append", choices=CAUSES, help="all of them if left out"
        )
        plan.add_argument(
            "--without",
            action="append",
            default=[],
            choices=CLINICAL,
            metavar="COLUMN",
            help="one that not every site knows; the evidence alone then speaks of it",
        )
        plan.add_argument(
            "--simulated", action="store_true", help="all people are; the model is marked so"
        )

        serve = roles.add_parser("serve", help="add up what the sites answer; holds no people")
        serve.add_argument("plan", type=Path)
        serve.add_argument("--address", required=True, help="host and port to listen at")
        serve.add_argument("--model-id", required=True)
        serve.add_argument("--out", type=Path, default=MODELS)
        serve.add_argument(
            "--certificates", type=Path, nargs=3, metavar=("ROOT", "OWN", "KEY"), help="PEM files"
        )

        join = roles.add_parser("join", help="answer for the people of one site")
        join.add_argument("plan", type=Path)
        join.add_argument("cohort", type=Path, help="CSV or Parquet, as the contract describes")
        join.add_argument("--schema", type=Path, help="the site's JSON; by default beside COHORT")
        join.add_argument("--population", help="for rows that name none")
        join.add_argument("--site", required=True, help="this site's name in the plan")
        join.add_argument("--secret", type=Path, required=True, help="file common to the sites")
        join.add_argument("--address", required=True, help="of the server")
        join.add_argument("--root", type=Path, help="certificate that vouches for the server")
        join.add_argument("--out", type=Path, default=MODELS)

    def handle(self, *, role: str, plan: Path, **options: Any) -> None:
        try:
            {"plan": self._plan, "serve": self._serve, "join": self._join}[role](plan, options)
        except (RiskError, OSError) as error:
            raise CommandError(str(error)) from error

    def _plan(self, place: Path, options: dict[str, Any]) -> None:
        plan = new_plan(
            options["study"],
            tuple(options["site"]),
            options["engine"],
            tuple(options["population"]),
            causes=tuple(options["cause"] or CAUSES),
            read=tuple(name for name in CLINICAL if name not in options["without"]),
            simulated=options["simulated"],
        )
        place.write_text(plan_from(plan.text()).text(), encoding="utf-8")
        self.stdout.write(f"Plan {plan.digest[:12]} for {len(plan.sites)} sites; {place}")

    def _serve(self, place: Path, options: dict[str, Any]) -> None:
        plan = plan_from(place.read_text(encoding="utf-8"))
        told = options["certificates"]
        folders: list[Path] = []
        self.stdout.write(f"Waiting at {options['address']} for {', '.join(plan.sites)}")
        flower.serve(
            plan,
            options["address"],
            lambda ask: folders.append(lead(plan, ask, options["model_id"], options["out"])),
            certificates=flower.Certificates(*told) if told else None,
        )
        self.stdout.write(f"Trained with {len(plan.sites)} sites; {folders[0]}")

    def _join(self, place: Path, options: dict[str, Any]) -> None:
        plan = plan_from(place.read_text(encoding="utf-8"))
        secret = secret_from(options["secret"].read_text(encoding="ascii"))
        cohort = read_cohort(
            options["cohort"], population=options["population"], schema=options["schema"]
        )
        # Counts only: neither logs nor terminals are places for a patient's values.
        for reason, count in cohort.left_out.items():
            self.stdout.write(f"{count} left out: {reason}")
        site = Site(options["site"], plan, secret, people_for(plan, cohort))
        site.refuse_small()
        unread = not_read(plan, cohort)
        if unread:
            self.stdout.write(f"Not learned from together: {', '.join(unread)}.")
        self.stdout.write(f"{len(cohort.profiles)} people; plan {plan.digest[:12]}")
        flower.join(site, options["address"], root=options["root"])
        if not site.finished:
            raise UnusableCohort("The server let go before there was a model.")
        folder = write_given(site.finished, options["out"])
        self.stdout.write(f"The model of all sites; {folder}")
        # Counts and figures only, and of this site's people alone.
        for outcome, found in judged_here(site.finished, cohort, judge).items():
            told = ", ".join(
                f"{name.replace('_', ' ')} {found[name]}"
                for name in ("events", "concordance", "observed_over_expected")
                if name in found
            )
            self.stdout.write(f"{outcome} on the people here, who were trained on: {told}")
