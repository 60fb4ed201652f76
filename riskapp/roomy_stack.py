"""Room in one piece for all that is called while one request is answered.

CPython 3.11 keeps the variables of calls in chunks of 16 KiB, which come from the operating system
and go back to it. A loop deep in the stack may cross the end of a chunk with every call, and then
waits for the operating system each time: a page that was drawn there took three times as long
(https://github.com/python/cpython/issues/142183, mended in later versions alone).
"""

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

# A chunk has the next power of two of bytes, here 1 MiB; what this leaves of it holds more calls
# than may be within one another (the recursion limit). What is not used of it takes no memory.
WORDS_ASKED_FOR = 66_000
# Of a thread's first call: a chunk of 2 MiB, which leaves room for a call that asks as above, and
# as much beyond.
WORDS_OF_A_THREAD = 132_000


def roomy(function: Function, words: int = WORDS_ASKED_FOR) -> Function:
    """Begin a large chunk with each call of a function, unless the present one has room for it.

    To begin one takes 20 to 100 microseconds, as its pages are new each time.
    """
    code: Any = function
    code.__code__ = code.__code__.replace(co_stacksize=words)
    return function
