"""Batches are parted whole or not at all, and answered as they were sent."""

from datetime import UTC, datetime

import pytest

from riskapp.exchange.hl7v2.acknowledging import code_of
from riskapp.exchange.hl7v2.batch import MOST_LINES, MOST_MESSAGES, answer_to, read_file
from riskapp.exchange.hl7v2.errors import MessageRefused
from riskapp.exchange.hl7v2.message import MOST_BYTES, read_message
from tests.exchange.hl7v2.messages import ADT_23, ADT_251, ORU_251

AT = datetime(2026, 3, 2, tzinfo=UTC)
FHS = "FHS|^~\\&|KIS|HOSP|TRABECULA|CLINIC|20260302||NIGHT||F1\r"
BHS = "BHS|^~\\&|KIS|HOSP|TRABECULA|CLINIC|20260302||ADT||B1\r"
WHOLE = f"{FHS}{BHS}{ADT_23}{ADT_251}BTS|2\r{BHS}{ORU_251}BTS|1\rFTS|2\r"


def parted(text: str) -> list[list[bytes]]:
    return [one.messages for one in read_file(text.encode()).batches]


def test_each_message_of_a_file_comes_out_as_it_was_put_in() -> None:
    """HL7 2.3, chapter 2: [FHS] { [BHS] { [MSH ...] } [BTS] } [FTS]."""
    texts = [[ADT_23.encode(), ADT_251.encode()], [ORU_251.encode()]]
    assert parted(WHOLE) == texts
    assert parted(WHOLE.replace("\r", "\r\n")) == texts
    # A batch may stand alone, without a trailer, hold nothing, or have no header in a file.
    assert parted(BHS + ADT_23) == [[ADT_23.encode()]]
    assert parted(BHS + "BTS|0\r") == [[]]
    assert parted(FHS + ADT_23 + "BTS\r" + ADT_23 + "FTS") == 2 * [[ADT_23.encode()]]
    assert read_message(texts[0][1]).control_id == "42"


def test_the_answer_refers_to_the_batch_by_its_id_with_the_names_turned_round() -> None:
    ids = iter("123")
    acks = [[b"MSH|1\r", b"MSH|2\r"], [b"MSH|3\r"]]
    answer = answer_to(read_file(WHOLE.encode()), acks, lambda: next(ids), AT)
    names = "|^~\\&|TRABECULA|CLINIC|KIS|HOSP|20260302000000+0000||"
    assert answer.decode().split("\r") == [
        f"FHS{names}NIGHT||1|F1", f"BHS{names}ADT||2|B1", "MSH|1", "MSH|2", "BTS|2",
        f"BHS{names}ADT||3|B1", "MSH|3", "BTS|1", "FTS|2", "",
    ]  # fmt: skip
    assert code_of(answer_to(read_file(BHS.encode()), [[]], lambda: "1", AT)) == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        WHOLE.replace("BTS|2", "BTS|3"),
        WHOLE.replace("FTS|2", "FTS|1"),
        WHOLE + ADT_23,
        FHS + FHS,
        BHS + BHS,
        BHS + FHS,
        BHS + "PID|1\r",
        BHS + ADT_23 + "FTS|1\r",
        BHS + "BTS|0\rBTS|0\r",
        FHS + "BTS|0\r",
        "BHS\r",
        "FHS|\r",
        "BHS|^^^^|\r",
        BHS + "MSH|\r" * (MOST_MESSAGES + 1),
        (BHS + "BTS\r") * (MOST_MESSAGES + 1),
        BHS + "MSH|\r" + "Z\r" * (MOST_LINES - 1),
        BHS + "MSH|" + "Z" * MOST_BYTES,
    ],
)
def test_what_is_no_whole_file_is_refused_whole(text: str) -> None:
    with pytest.raises(MessageRefused) as reason:
        read_file(text.encode())
    assert reason.value.is_rejected
    assert reason.value.sentence.endswith(".")


def test_as_many_messages_as_may_be_are_parted() -> None:
    (batch,) = parted(BHS + "MSH|\r" * MOST_MESSAGES)
    assert len(batch) == MOST_MESSAGES
    ((long,),) = parted(BHS + "MSH|\r" + "Z\r" * (MOST_LINES - 2))
    assert long.count(b"Z") == MOST_LINES - 2
