"""The product's settings, with the addresses of ``score_urls``."""

from riskapp.settings import *  # noqa: F403 (all of them)

ROOT_URLCONF = "benchmarks.score_urls"
