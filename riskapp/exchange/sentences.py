"""Parts of a sentence, put together."""

from collections.abc import Sequence


def listed_in_words(parts: Sequence[str], word: str) -> str:
    """``a, b or c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def small(text: str) -> str:
    """Starting small, unless the first word is an abbreviation, as in "DXA" or "L1"."""
    is_abbreviation = text[1:2].isupper() or text[1:2].isdigit()
    return text if is_abbreviation else text[:1].lower() + text[1:]
