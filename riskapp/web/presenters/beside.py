"""The one line beside each question: what to look at again, else what its answer means or costs."""

from collections.abc import Mapping
from dataclasses import dataclass

from riskapp.web.presenters.answer import Answer


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside one question; a caution asks for another look."""

    text: str
    is_caution: bool = False


def beside(
    answer: Answer | None, cautions: Mapping[str, str], problems: Mapping[str, str]
) -> dict[str, Beside]:
    """By field. A caution comes first; an answer that is refused has its sentence already."""
    said = {} if answer is None else dict(answer.beside)
    found = {field: Beside(text) for field, text in said.items()}
    found |= {field: Beside(text, is_caution=True) for field, text in cautions.items()}
    return {field: one for field, one in found.items() if field not in problems}
