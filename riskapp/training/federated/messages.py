"""What travels: questions to all sites alike, and answers that only make sense added together."""

import json
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Masked = npt.NDArray[np.uint64]


class UnreadableMessage(ValueError):
    """Bytes that are no message of this protocol."""


@dataclass(frozen=True)
class Question:
    """What the server asks every site.

    Attributes
    ----------
    number : int
        Rises with every question of a run.
    kind : str
        "describe", "risk", "root", "left", "unseen" or "finished".
    cause : str
        Which hazard it is about; blank where all.
    plan : str
        Digest of the plan.
    run : str
        Drawn anew for every run.
    values : tuple of ndarray
        What the kind needs: coefficients, edges, trees.
    text : str
        The finished model's files as JSON; otherwise blank.
    """

    number: int
    kind: str
    cause: str
    plan: str
    run: str
    values: tuple[Floats, ...] = ()
    text: str = ""

    def to_bytes(self) -> bytes:
        """Write it down: one line of JSON, then the numbers in order."""
        head = {
            "number": self.number,
            "kind": self.kind,
            "cause": self.cause,
            "plan": self.plan,
            "run": self.run,
            "shapes": [list(each.shape) for each in self.values],
            "text": self.text,
        }
        numbers = b"".join(np.ascontiguousarray(each, "<f8").tobytes() for each in self.values)
        return json.dumps(head).encode() + b"\n" + numbers

    @property
    def digest(self) -> bytes:
        """What the masks of its answers depend on, so that no mask serves two questions."""
        return sha256(self.to_bytes()).digest()


def question_from(message: bytes) -> Question:
    """Read a question.

    Raises
    ------
    UnreadableMessage
    """
    try:
        head, _, numbers = message.partition(b"\n")
        told = json.loads(head)
        shapes = [tuple(int(size) for size in shape) for shape in told.pop("shapes")]
        sizes = [int(np.prod(shape)) for shape in shapes]
        parts = np.split(np.frombuffer(numbers, "<f8"), np.cumsum(sizes)[:-1]) if sizes else []
        values = tuple(
            part.reshape(shape).astype(np.float64)
            for part, shape in zip(parts, shapes, strict=True)
        )
        return Question(values=values, **told)
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableMessage("This is no question of the federation.") from error


@dataclass(frozen=True)
class Answer:
    """What one site says: masked numbers, or a sentence why not."""

    site: str
    number: int
    refused: str
    numbers: Masked

    def to_bytes(self) -> bytes:
        """Write it down: one line of JSON, then the numbers."""
        head = {"site": self.site, "number": self.number, "refused": self.refused}
        return json.dumps(head).encode() + b"\n" + self.numbers.astype("<u8").tobytes()


def answer_from(message: bytes) -> Answer:
    """Read an answer.

    Raises
    ------
    UnreadableMessage
    """
    try:
        head, _, numbers = message.partition(b"\n")
        told = json.loads(head)
        return Answer(numbers=np.frombuffer(numbers, "<u8").astype(np.uint64), **told)
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableMessage("This is no answer of a site.") from error
