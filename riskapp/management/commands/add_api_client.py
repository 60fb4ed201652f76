"""Register a program that may ask: a backend, or an app that people sign in to."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskapp.actions.api_clients import add_client
from riskapp.actions.errors import Refused
from riskapp.exchange.json_web_keys import read_json


class Command(BaseCommand):
    help = (
        "Register a program for one organisation. With --jwks it proves who it is by signing; "
        "without, a secret is printed, once. With --redirect-uri it is an app that people use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--organisation", required=True, help="made if it does not exist")
        parser.add_argument(
            "--scope",
            action="append",
            default=[],
            help="such as system/RiskAssessment.rs; may be given several times",
        )
        parser.add_argument(
            "--jwks", metavar="FILE|URL", default="", help="its public keys, or where they are"
        )
        parser.add_argument(
            "--redirect-uri", action="append", default=[], help="of an app; exact, may be several"
        )
        parser.add_argument(
            "--launch-url", default="", help="where an app is opened from a patient's page"
        )
        parser.add_argument(
            "--public", action="store_true", help="an app that can keep no secret and has no key"
        )

    def handle(self, *, name: str, organisation: str, jwks: str, **options: Any) -> None:
        is_url = jwks.startswith(("https://", "http://"))
        try:
            made = add_client(
                name=name,
                organisation=organisation,
                scopes=[one for given in options["scope"] for one in given.split()],
                redirect_uris=options["redirect_uri"],
                keys=None if is_url or not jwks else _keys_in(Path(jwks)),
                keys_url=jwks if is_url else "",
                public=options["public"],
                launch_url=options["launch_url"],
            )
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{name} is registered with {organisation}")
        self.stdout.write(f"client_id {made.client.application.client_id}")
        if made.secret:
            self.stdout.write(f"client_secret {made.secret}")
        self.stdout.write(f"may have {' '.join(made.client.scopes)}")


def _keys_in(path: Path) -> Any:
    try:
        told = read_json(path.read_bytes())
    except OSError as problem:
        raise CommandError(f"{path.name} cannot be read.") from problem
    if not isinstance(told, dict):
        raise CommandError(f"{path.name} is no JSON Web Key Set.")
    return told
