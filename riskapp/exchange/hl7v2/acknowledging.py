"""What is answered: taken (AA), not taken as it is (AE), never taken (AR)."""

from datetime import datetime
from textwrap import shorten

from riskapp.exchange.hl7v2.errors import MessageRefused
from riskapp.exchange.hl7v2.message import Message, Signs

OURS = "TRABECULA"
# ERR became a segment of codes and sentences with version 2.5.
OLDER = ("2.1", "2.2", "2.3", "2.3.1", "2.4")
LONGEST_SENTENCE = 80  # MSA-3 in version 2.5


def acknowledgement(
    to: Message | None, id: str, at: datetime, refused: MessageRefused | None = None
) -> bytes:
    """The ACK of a message, in its own version and with its own separators.

    ``to`` is what was read of it, None where not even its head could be.
    """
    signs = to.signs if to else Signs()
    asked = to.control_id if to else ""
    version = to.version if to and to.version else "2.5.1"
    code = "AA" if refused is None else "AR" if refused.is_rejected else "AE"
    lines = [
        _head(to, signs, id, at, version),
        ["MSA", code, signs.escaped(asked), _sentence(signs, refused)],
    ]
    if refused is not None:
        lines.append(_error(signs, refused, is_older=version in OLDER))
    text = "".join(signs.field.join(line).rstrip(signs.field) + "\r" for line in lines)
    return text.encode("ascii", "replace")


def code_of(answer: bytes) -> tuple[str, str]:
    """MSA-1 and MSA-2 of an acknowledgement; blank where it is none."""
    for line in answer.replace(b"\n", b"\r").split(b"\r"):
        if line.startswith(b"MSA") and len(line) > 4:
            parts = [one.decode("latin-1") for one in line.split(line[3:4])]
            return parts[1], (parts[2] if len(parts) > 2 else "")
    return "", ""


def _head(to: Message | None, signs: Signs, id: str, at: datetime, version: str) -> list[str]:
    marks = signs.component + signs.repetition + signs.escape + signs.subcomponent
    # Each side's names change places.
    sender, site, ours, our_site = (
        [signs.escaped(to.head.text(number)) for number in (3, 4, 5, 6)] if to else [""] * 4
    )
    event = to.event if to else ""
    kind = signs.component.join(["ACK", event, "ACK"] if event else ["ACK"])
    when = at.strftime("%Y%m%d%H%M%S%z")
    names = [ours or OURS, our_site, sender, site]
    return ["MSH", marks, *names, when, "", kind, id, "P", version]


def _sentence(signs: Signs, refused: MessageRefused | None) -> str:
    if refused is None:
        return ""
    return signs.escaped(shorten(refused.sentence, LONGEST_SENTENCE, placeholder=" ..."))


def _error(signs: Signs, refused: MessageRefused, *, is_older: bool) -> list[str]:
    segment, _, field = refused.place.partition("-")
    code, words = refused.code
    if is_older:
        told = signs.subcomponent.join([code, signs.escaped(words), "HL70357"])
        return ["ERR", signs.component.join([segment, "1" if segment else "", field, told])]
    where = signs.component.join([segment, "1", field]).rstrip(signs.component) if segment else ""
    told = signs.component.join([code, signs.escaped(words), "HL70357"])
    return ["ERR", "", where, told, "E", "", "", "", signs.escaped(refused.sentence)]
