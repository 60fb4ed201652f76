"""What not knowing costs: fractions that a person says, and nothing below the noise."""

import pytest

from riskapp.exchange.unknown_wording import NOISE, cost_of_not_knowing, share_in_words


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (-0.03, ""),
        (0.0499, ""),
        (0.05, "a tenth"),
        (0.1, "a tenth"),
        (0.2, "a fifth"),
        (0.25, "a quarter"),
        (1 / 3, "a third"),
        (0.5, "half"),
        (0.59, "half"),
        (0.6, "most of it"),
        (1.0, "most of it"),
    ],
)
def test_a_share_is_said_as_a_person_says_it(share: float, words: str) -> None:
    assert share_in_words(share) == words


def test_the_cost_is_a_sentence_and_noise_is_not_told() -> None:
    assert cost_of_not_knowing(1 / 3) == (
        "Averaged over; knowing it would narrow the interval by about a third."
    )
    assert cost_of_not_knowing(0.7).endswith("by most of it.")
    assert cost_of_not_knowing(NOISE / 2) == ""
