"""Texts that somebody types or sends to get something else done, by what they aim at."""

HOSTILE = {
    "SQL": "Robert'); DROP TABLE main.riskapp_patient;--",
    "another row": "' OR '1'='1",
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "out of an attribute": "\"' autofocus onfocus=alert(1) x='",
    "a template": "{{ 7*7 }}{% load static %}${7*7}#{7*7}%(name)s{0.__class__}",
    "a formula": "=cmd|'/c calc'!A1",
    "another header": "x\r\nSet-Cookie: a=b\r\n\r\n<html>",
    "another line of a log": "x\n2026-01-01 00:00:00 ERROR made up",
    "turned round": "\u202egnp.exe\u2066\u200f",
    "a null": "a\x00b",
    "a null in words": "a\\u0000b%00",
    "out of its folder": "../../../../etc/passwd",
    "a file on Windows": "C:\\con\\nul|x",
    "a number": "-1e999",
    "not a number": "+NAN",
    "long": "x" * 20_000,
    "combining": "Z" + "\u0301" * 500,
    "no character": "\ufdd0\uffff",
    "half a character": "x\ud800y",
    "too many digits": "9" * 5_000,
    "an entity": "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
}


def bytes_of(text: str) -> bytes:
    """As a program sends it that does not care whether halves of characters have bytes."""
    return text.encode("utf-8", "surrogatepass")
