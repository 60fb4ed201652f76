"""Masks that cancel when every site's answer is added, and hide each of them until then.

Each pair of sites draws the same numbers from a secret that the server does not have; one adds
them and the other takes them away. Sums are kept as whole multiples of 2^-32, so that they cancel
exactly.

References
----------
Bonawitz K, 2017. CCS 1175-1191, doi:10.1145/3133956.3133982; here without its recovery of sites
that drop out, since no sum over fewer sites is wanted.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256, shake_256

import numpy as np
import numpy.typing as npt

from riskapp.cohorts.follow_up import UnusableCohort

Floats = npt.NDArray[np.float64]
Masked = npt.NDArray[np.uint64]

STEPS_TO_ONE = 2.0**32
# So that the sum over the most sites stays within what 64 bits hold.
LARGEST = 2.0**24
LEAST_SECRET_BYTES = 32


def secret_from(text: str) -> bytes:
    """Read the sites' common secret: at least 64 hexadecimal digits.

    Raises
    ------
    UnusableCohort
    """
    try:
        secret = bytes.fromhex(text.strip())
    except ValueError as error:
        raise UnusableCohort("The sites' secret is not made of hexadecimal digits.") from error
    if len(secret) < LEAST_SECRET_BYTES:
        raise UnusableCohort(
            f"The sites' secret needs at least {2 * LEAST_SECRET_BYTES} hexadecimal digits."
        )
    return secret


def masked(
    numbers: Floats, secret: bytes, sites: Sequence[str], own: str, question: bytes
) -> Masked:
    """Hide one site's numbers, shape (m,), from everybody who does not add up all sites'.

    Raises
    ------
    UnusableCohort
        If a number is too large to be hidden without loss.
    """
    if not (np.abs(numbers) < LARGEST).all():
        raise UnusableCohort(
            "A sum is no number or too large to be sent; columns or coefficients are not sane."
        )
    hidden = np.rint(numbers * STEPS_TO_ONE).astype(np.int64).view(np.uint64)
    for other in sites:
        if other != own:
            pair = (min(own, other), max(own, other))
            drawn = _drawn(secret, pair, question, numbers.size)
            # Whole numbers wrap at 2^64, here as when they are added.
            hidden = hidden + drawn if own < other else hidden - drawn
    return hidden


def added(answers: Sequence[Masked]) -> Floats:
    """Add the answers of all sites: the masks cancel."""
    total = np.sum(np.stack(answers), axis=0, dtype=np.uint64)
    return np.asarray(total.view(np.int64) / STEPS_TO_ONE, dtype=np.float64)


def _drawn(secret: bytes, pair: tuple[str, str], question: bytes, size: int) -> Masked:
    told = b"\0".join((pair[0].encode(), pair[1].encode(), question))
    key = hmac.new(secret, told, sha256).digest()
    return np.frombuffer(shake_256(key).digest(8 * size), "<u8").astype(np.uint64)
