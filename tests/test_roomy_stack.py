"""Calls deep in the stack take no memory anew, wherever the stack stands."""

import resource
import sys
from collections.abc import Callable

from riskapp.observing import Observed
from riskapp.roomy_stack import WORDS_ASKED_FOR, roomy

DEPTHS, CALLS = range(0, 240, 2), 400


def pages_taken_at(depth: int) -> int:
    """How many pages of memory come and go in calls of something small, so deep in the stack."""
    if depth:
        return pages_taken_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        of_a_few_variables()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def of_a_few_variables() -> int:
    a = b = c = d = e = f = g = h = i = j = k = m = 1
    return within(a + b + c + d + e + f, g + h + i + j + k + m)


def within(first: int, second: int) -> int:
    return first + second


def worst(calls: Callable[[int], int]) -> int:
    return max(calls(depth) for depth in DEPTHS)


def test_calls_across_chunks_are_slow_here_and_not_in_a_roomy_function() -> None:
    assert worst(pages_taken_at) >= CALLS
    assert worst(roomy(lambda depth: pages_taken_at(depth))) < CALLS / 10


def test_the_room_holds_as_many_calls_as_may_be_within_one_another() -> None:
    usual_words_of_a_call = 60
    left = 2**20 / 8 - WORDS_ASKED_FOR - 1000
    assert left > sys.getrecursionlimit() * usual_words_of_a_call


def test_a_request_is_answered_in_such_a_room() -> None:
    assert Observed.__call__.__code__.co_stacksize == WORDS_ASKED_FOR
