"""Why a message is not taken: how it is acknowledged, a code of HL7 table 0357, a sentence."""

from typing import NamedTuple


class Code(NamedTuple):
    """A row of table 0357, Message Error Condition Codes (recalled, to be confirmed)."""

    code: str
    words: str


SEGMENT = Code("100", "Segment sequence error")
MISSING = Code("101", "Required field missing")
DATA_TYPE = Code("102", "Data type error")
NOT_IN_TABLE = Code("103", "Table value not found")
MESSAGE_TYPE = Code("200", "Unsupported message type")
EVENT = Code("201", "Unsupported event code")
PROCESSING = Code("202", "Unsupported processing id")
VERSION = Code("203", "Unsupported version id")
UNKNOWN_KEY = Code("204", "Unknown key identifier")
INTERNAL = Code("207", "Application internal error")


class MessageRefused(Exception):
    """The sentence names places of the message, and never what stands there.

    Attributes
    ----------
    place : str
        Such as ``PID-3``; blank of the whole message.
    is_rejected : bool
        AR, whatever is sent again; else AE, which somebody can mend.
    """

    def __init__(
        self, sentence: str, code: Code, place: str = "", *, is_rejected: bool = False
    ) -> None:
        super().__init__(sentence)
        self.sentence, self.code, self.place = sentence, code, place
        self.is_rejected = is_rejected
