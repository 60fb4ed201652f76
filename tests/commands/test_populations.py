"""The populations as the shell lists them: what answers, from where, and what is borrowed."""

from collections.abc import Callable
from io import StringIO

from django.core.management import call_command


def test_each_population_says_how_it_came_by_its_numbers(with_bases: Callable[..., None]) -> None:
    with_bases("jp", "us-asian", "us-black", "us-hispanic", "us-white")
    shown = StringIO()
    call_command("populations", stdout=shown)
    lines = shown.getvalue().splitlines()
    heads = {line.partition(":")[0]: line for line in lines if not line.startswith(" ")}
    assert heads.keys() >= {"gb", "ee", "us", "us-white", "jp"}
    assert "female only" in heads["jp"]
    assert "only" not in heads["gb"]
    said = "\n".join(lines)
    for part in (
        "frax-2008: calibrated",
        "frax-2008: matched to published hip fracture incidence",
        "frax-2008: mixture of us-asian, us-black, us-hispanic, us-white",
        "meta-2025: matched: on average as many fractures as frax-2008 has",
        "borrowed: ",
        "source: ",
    ):
        assert part in said
