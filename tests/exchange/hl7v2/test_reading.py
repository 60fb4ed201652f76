"""Messages are read as the standard has them, and hostile ones refused in a sentence."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.exchange.fhir.reading import read_record
from riskapp.exchange.hl7v2.acknowledging import acknowledgement, code_of
from riskapp.exchange.hl7v2.errors import MISSING, MessageRefused
from riskapp.exchange.hl7v2.message import (
    MOST_BYTES,
    MOST_SEGMENTS,
    Message,
    Signs,
    head_of,
    read_message,
)
from riskapp.exchange.hl7v2.observations import resources_of, when
from riskapp.exchange.hl7v2.orders import read_orders
from riskapp.exchange.hl7v2.persons import read_person
from tests.exchange.hl7v2.messages import ADT_23, ADT_251, ORM_23, ORU_251

AT = datetime(2026, 3, 2, tzinfo=UTC)
TODAY = AT.date()


def read(text: str, encoding: str = "utf-8", **settings: str) -> Message:
    return read_message(text.encode(encoding), **settings)


def test_a_person_of_version_2_3() -> None:
    person = read_person(read(ADT_23), "MCM", "MR")
    assert person.record_number == "A-77"
    assert (person.name, person.sex) == ("EVE E EVERYWOMAN", "female")
    assert person.date_of_birth == date(1954, 1, 15)


def test_a_person_of_version_2_5_1_with_escapes_and_letters() -> None:
    """FN.1 is the family's name, \\T\\ an ampersand; PID-3.4 may be named by its OID."""
    person = read_person(read(ADT_251), "1.2.3", "MR")
    assert person.name == "\u00c4nne M\u00fcller&S\u00f6hne"
    assert person.date_of_birth == date(1954, 1, 16)


@pytest.mark.parametrize(
    ("authority", "kind", "place"),
    [("OTHER", "MR", "PID-3"), ("MCM", "PI", "PID-3"), ("", "", "PID-3")],
)
def test_a_number_of_another_place_is_not_taken(authority: str, kind: str, place: str) -> None:
    with pytest.raises(MessageRefused) as reason:
        read_person(read(ADT_23), authority, kind)
    assert reason.value.place == place


@pytest.mark.parametrize("told", ["1954", "195401", "", '""'])
def test_a_birthday_that_is_not_told_to_the_day_is_not_known(told: str) -> None:
    assert read_person(read(ADT_23.replace("19540115", told)), "MCM", "MR").date_of_birth is None


@pytest.mark.parametrize("told", ["19541301", "yesterday", "1954011", "\u0661\u0669\u0665\u0664"])
def test_a_birthday_that_is_no_day_is_refused(told: str) -> None:
    with pytest.raises(MessageRefused, match="PID-7"):
        read_person(read(ADT_251.replace("19540116000000", told)), "", "")


def test_results_are_read_by_the_reader_of_records() -> None:
    codes = {"TNECK": "http://loinc.org|38263-0"}
    resources = list(resources_of(read(ORU_251), "p", codes))
    record = read_record(resources, today=TODAY)
    assert record.answers["weight_kg"] == pytest.approx(65.0, abs=0.01)
    assert record.answers["height_cm"] == 160
    assert record.answers["current_smoker"] is True
    # A result that was sent in error (OBX-11 W) tells nothing.
    assert "lumbar_spine_t_score" not in record.answers
    told = {one["id"]: one for one in resources[1:]}
    assert told["OBX-20260301.38267-1"]["status"] == "entered-in-error"
    assert told["OBX-20260301.TNECK"]["code"]["coding"][-1]["code"] == "38263-0"
    assert told["OBX-20260301.TNECK"]["valueQuantity"]["value"] == -2.4
    assert told["OBX-20260301.29463-7"]["effectiveDateTime"] == "2026-03-01"


HEAD_ORU = ORU_251.partition("OBX|1")[0].replace("OBR|1||", "OBR|1||F-9^RIS")


def answers_of(*lines: str, **codes: str) -> dict[str, object]:
    """What a message with these lines behind OBR answers."""
    message = read(HEAD_ORU + "".join(f"{line}\r" for line in lines))
    return dict(read_record(list(resources_of(message, "p", codes)), today=TODAY).answers)


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("OBX|1|SN|8302-2^Height^LN||=^161|cm|||||F", "height_cm", 161),
        ("OBX|1|SN|8302-2^Height^LN||^161|cm^^UCUM|||||F", "height_cm", 161),
        ("OBX|1|SN|8302-2^Height^LN||<^161|cm|||||F", "height_cm", None),
        ("OBX|1|SN|8302-2^Height^LN||<>^161|cm|||||F", "height_cm", None),
        ("OBX|1|ST|8302-2^Height^LN||1.62|m|||||F", "height_cm", 162),
        ("OBX|1|NM|29463-7^Weight^LN||1e400|kg|||||F", "weight_kg", None),
        ("OBX|1|NM|29463-7^Weight^LN||70||||||F", "weight_kg", None),
        # The sender's own code may stand for a field itself: no code of LOINC says "neck".
        ("OBX|1|NM|NECK^T^L||-2.2||||||F|||20260301", "femoral_neck_t_score", -2.2),
        # OBX-20, where it was measured (2.7); OBX-18, the scanner.
        ("OBX|1|NM|38263-0^T^LN||-2.3||||||F|||20260301||||||29627003^neck^SCT",
         "femoral_neck_t_score", -2.3),
        ("OBX|1|NM|38261-4^BMD^LN||0.71|g/cm2|||||F|||20260301||||QDR^HOLOGIC",
         "total_hip_bmd_g_cm2", 0.71),
    ],
)  # fmt: skip
def test_a_value_is_read_as_its_type_and_unit_say(line: str, field: str, value: object) -> None:
    assert answers_of(line, NECK="femoral_neck_t_score").get(field) == value


def test_the_state_of_an_order_counts_where_a_result_tells_none() -> None:
    line = "OBX|1|NM|29463-7^Weight^LN||70|kg"
    assert answers_of(line) == {}
    ordered = HEAD_ORU.rstrip("\r") + "|" * 18 + "F\r"
    message = read(f"{ordered}{line}\r")
    assert message.all("OBR").__next__().text(25) == "F"
    told = read_record(list(resources_of(message, "p", {})), today=TODAY).answers
    assert told["weight_kg"] == 70


def test_a_result_has_the_same_name_each_time_it_is_sent() -> None:
    lines = "OBX|1|NM|29463-7^W^LN|1|70|kg|||||F\rOBX|2|NM|29463-7^W^LN|1|71|kg|||||F\r"
    first, again = (
        [one["id"] for one in resources_of(read(HEAD_ORU + extra + lines), "p", {})][-2:]
        for extra in ("", "NTE|1||Sent again\r")
    )
    assert first == again == ["OBX-F-9.29463-7.1", "OBX-F-9.29463-7.1.2"]


@pytest.mark.parametrize(
    ("told", "day"),
    [("20260301", "2026-03-01"), ("202603", "2026-03"), ("2026", "2026"), ("", ""),
     ("20260301102030.1+0100", "2026-03-01"), ("x", ""), ("202", "")],
)  # fmt: skip
def test_a_time_is_as_close_as_it_is_told(told: str, day: str) -> None:
    assert when(told) == day


def test_an_order_names_its_accession_number_and_day() -> None:
    (order,) = read_orders(read(ORM_23), TODAY)
    assert (order.accession_number, order.procedure) == ("ACC-1", "Bone density")
    assert (order.planned_on, order.is_cancelled) == (date(2026, 3, 10), False)
    (cancelled,) = read_orders(read(ORM_23.replace("ORC|NW", "ORC|CA")), TODAY)
    assert cancelled.is_cancelled


def test_every_order_of_a_message_is_read() -> None:
    second = "ORC|NW|101|ACC-2\rOBR|1|101|ACC-2|HIP^Hip^L\r"
    numbers = [one.accession_number for one in read_orders(read(ORM_23 + second), TODAY)]
    assert numbers == ["ACC-1", "ACC-2"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Sm\\F\\i\\S\\t\\T\\h\\R\\x\\E\\y", "Sm|i^t&h~x\\y"), ("M\\XC3BC\\ller", "M\u00fcller"),
        ("Smith\\X0D\\Jones", "Smith Jones"), ("A\\.br\\B\\.sp\\C", "A B C"),
        ("Sm\\H\\i\\N\\th", "Smith"), ("Sm\\Zabc\\ith", "Smith"), ("Smi\\X4\\th", "Smith"),
    ],
)  # fmt: skip
def test_a_name_is_read_as_it_was_before_it_was_escaped(written: str, name: str) -> None:
    text = ADT_251.replace("M\u00fcller\\T\\S\u00f6hne&M\u00fcller^\u00c4nne", written)
    assert read_person(read(text), "", "").name == name


def test_a_message_about_two_people_is_refused() -> None:
    other = "PID|1||B-2^^^MCM^MR||OTHER^PERSON||19540115|F\r"
    with pytest.raises(MessageRefused, match="several segments PID"):
        read_person(read(ADT_23 + other), "MCM", "MR")


@pytest.mark.parametrize("version", ["2.3", "2.7.1", "2.8", "2.8.2"])
def test_versions_that_are_read(version: str) -> None:
    assert read(ADT_23.replace("|2.3\r", f"|{version}\r")).version == version


@pytest.mark.parametrize(
    ("named", "encoding"),
    [("8859/1", "latin-1"), ("8859/15", "iso8859-15"), ("UNICODE UTF-8", "utf-8")],
)
def test_characters_are_those_that_msh_18_names(named: str, encoding: str) -> None:
    text = ADT_251.replace("UNICODE UTF-8", named)
    assert "M\u00fcller" in (read_person(read(text, encoding), "", "").name or "")


def test_where_msh_18_names_none_the_site_does() -> None:
    text = ADT_251.replace("UNICODE UTF-8", "")
    with pytest.raises(MessageRefused, match="MSH-18"):
        read(text, "latin-1")
    assert read_person(read(text, "latin-1", character_set="8859/1"), "", "").name


HEAD = "MSH|^~\\&|A|B|C|D|2026||ADT^A04|1|P|2.3\r"


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "AR"), (b"PID|1", "AR"), (b"MSH", "AR"), (b"MSH|", "AR"), (b"MSH||||||||", "AR"),
        (b"MSHAAAAAAAA", "AR"), (b"MSH|^^^^|", "AR"), (b"\x00\xff\xfe", "AR"),
        (HEAD.replace("|1|P|", "||P|").encode(), "AR"),
        (HEAD.replace("|1|P|", f"|{'1' * 200}|P|").encode(), "AR"),
        (HEAD.replace("|P|", "|T|").encode(), "AR"),
        (HEAD.replace("2.3", "3.0").encode(), "AR"),
        (HEAD.replace("ADT^A04", "").encode(), "AR"),
        ((HEAD + HEAD).encode(), "AR"),
        ((HEAD + "PID|\x01").encode(), "AR"),
        (HEAD.encode() + b"PID|\xff", "AE"),
        (HEAD.replace("2.3\r", "2.3||||||ISO IR87\r").encode(), "AE"),
        ((HEAD + "Z\r" * MOST_SEGMENTS).encode(), "AR"),
        (HEAD.encode() + b"Z" * MOST_BYTES, "AR"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_in_a_sentence(sent: bytes, code: str) -> None:
    with pytest.raises(MessageRefused) as reason:
        read_message(sent)
    answer = acknowledgement(head_of(sent), "id", AT, reason.value)
    assert code_of(answer)[0] == code
    assert reason.value.sentence.endswith(".")


def test_as_many_segments_as_may_be_are_read() -> None:
    assert len(read(HEAD + "Z\r" * (MOST_SEGMENTS - 1)).segments) == MOST_SEGMENTS


def test_an_acknowledgement_turns_the_names_round_and_says_where() -> None:
    refused = MessageRefused("Mend | it.", MISSING, "PID-3")
    new = acknowledgement(read(ADT_251), "X1", AT, refused).decode().split("\r")
    assert new[0].startswith(
        "MSH|^~\\&|TRABECULA|CLINIC|KIS|HOSP|20260302000000+0000||ACK^A08^ACK|X1|P|2.5.1"
    )
    assert new[1] == "MSA|AE|42|Mend \\F\\ it."
    assert new[2] == "ERR||PID^1^3|101^Required field missing^HL70357|E||||Mend \\F\\ it."
    old = acknowledgement(read(ADT_23), "X1", AT, refused).decode().split("\r")
    assert old[2] == "ERR|PID^1^3^101&Required field missing&HL70357"
    assert acknowledgement(read(ADT_23), "X1", AT).decode().split("\r")[1] == "MSA|AA|MSG00001"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_what_is_escaped_is_read_back(text: str) -> None:
    signs = Signs()
    escaped = signs.escaped(text)
    assert not set("|^~&\r\n") & set(escaped)
    assert signs.plain(escaped) == text


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(sent: bytes) -> None:
    for tried in (sent, HEAD.encode() + sent, b"MSH" + sent):
        try:
            message = read_message(tried)
            read_person(message, "", "")
            list(resources_of(message, "p", {}))
        except MessageRefused as reason:
            acknowledgement(head_of(tried), "1", AT, reason)
