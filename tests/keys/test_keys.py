"""The key ring: what it derives, encrypts and hashes, and which rings it refuses."""

import hashlib
import hmac
import json
import multiprocessing
from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import LazySettings

from riskapp import keys

ONE, TWO = bytes(range(32)), bytes(range(32, 64))


def as_json(active: str = "one", **given: bytes) -> str:
    told = {key_id: b64encode(key).decode() for key_id, key in (given or {"one": ONE}).items()}
    return json.dumps({"active": active, "keys": told})


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.DATA_DIR = tmp_path
    for name in ("TRABECULA_KEYS", "TRABECULA_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRABECULA_KEYS", as_json(one=ONE))


def rfc_5869(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA256 as RFC 5869, sections 2.2 and 2.3, writes it."""
    extracted = hmac.digest(salt or bytes(32), key, hashlib.sha256)
    made, block, count = b"", b"", 0
    while len(made) < length:
        count += 1
        block = hmac.digest(extracted, block + info + bytes([count]), hashlib.sha256)
        made += block
    return made[:length]


def test_keys_are_derived_as_rfc_5869_says() -> None:
    # RFC 5869, appendix A.1.
    assert rfc_5869(b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42) == bytes.fromhex(
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    ring = keys.KeyRing("one", {"one": ONE})
    assert ring.derived("fields") == rfc_5869(ONE, b"", b"trabecula: fields", 32)
    assert ring.derived("files", salt=TWO) == rfc_5869(ONE, TWO, b"trabecula: files", 32)


def test_the_cipher_is_the_published_one() -> None:
    # McGrew and Viega, The Galois/Counter Mode of Operation, test case 16 (AES-256).
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
    plain = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    assert keys._cipher(key).encrypt(nonce, plain, aad).hex() == (
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )


@pytest.mark.usefixtures("given")
def test_an_envelope_can_be_read_by_its_description_alone() -> None:
    sealed = keys.encrypt("fields", b"Odon", b"patient.name")
    assert sealed[:2] == bytes([1, 3])
    assert sealed[2:5] == b"one"
    key = rfc_5869(ONE, b"", b"trabecula: fields", 32)
    plain = AESGCM(key).decrypt(sealed[5:17], sealed[17:], sealed[:5] + b"patient.name")
    assert plain == b"Odon" == keys.decrypt("fields", sealed, b"patient.name")
    assert keys.key_id_of(sealed) == "one"
    assert keys.encrypt("fields", b"Odon", b"patient.name") != sealed


@pytest.mark.usefixtures("given")
def test_what_was_changed_or_moved_is_refused() -> None:
    sealed = keys.encrypt("fields", b"Odon", b"patient.name")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(keys.CannotDecrypt):
            keys.decrypt("fields", bytes(changed), b"patient.name")
    for length in range(len(sealed)):
        with pytest.raises(keys.CannotDecrypt):
            keys.decrypt("fields", sealed[:length], b"patient.name")
    with pytest.raises(keys.CannotDecrypt):
        keys.decrypt("fields", sealed, b"patient.record_number")
    with pytest.raises(keys.CannotDecrypt):
        keys.decrypt("files", sealed, b"patient.name")


@pytest.mark.usefixtures("given")
def test_each_purpose_hashes_otherwise() -> None:
    by_hand = hmac.digest(rfc_5869(ONE, b"", b"trabecula: search", 32), b"odon", "sha256").hex()
    assert keys.keyed_hash("search", "odon") == by_hand
    assert keys.keyed_hash("trail", "odon") != by_hand


def test_the_first_start_makes_a_ring_that_only_its_owner_reads(folder: Path) -> None:
    sealed = keys.encrypt("fields", b"Odon", b"")
    kept = folder / "keys.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["keys.json"]
    assert set(json.loads(kept.read_text())["keys"]) == {keys.key_id_of(sealed)}
    assert keys.decrypt("fields", sealed, b"") == b"Odon"


def _first_id(folder: str) -> str:
    from django.test import override_settings

    with override_settings(DATA_DIR=folder):
        return keys.ring().active


def test_processes_that_start_at_once_share_one_ring(folder: Path) -> None:
    # Not forked: beside the threads of other tests, a forked process may never get on.
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert len(set(pool.map(_first_id, [str(folder)] * 8))) == 1


def test_after_a_rotation_old_and_new_are_read_and_both_are_found() -> None:
    before = keys.encrypt("fields", b"Odon", b"")
    was_found_by = keys.keyed_hash("search", "odon")
    old = keys.ring().active
    ring = keys.replace_ring(keys.with_new_key)
    assert ring.active != old
    assert ring.in_order() == [ring.active, old]
    assert keys.key_id_of(keys.encrypt("fields", b"Odon", b"")) == ring.active
    assert keys.decrypt("fields", before, b"") == b"Odon"
    assert keys.keyed_hashes("search", "odon") == [keys.keyed_hash("search", "odon"), was_found_by]


def test_a_retired_key_checks_old_signatures_and_reads_nothing(folder: Path) -> None:
    before = keys.encrypt("fields", b"Odon", b"")
    old, signed = keys.ring().active, keys.keyed_hash("trail", "row 1")
    keys.replace_ring(keys.with_new_key)
    key = keys.ring().keys[old]
    keys.replace_ring(lambda ring: keys.without_key(ring, old))
    assert keys.keyed_hash("trail", "row 1", old) == signed
    assert b64encode(key).decode() not in (folder / "keys.json").read_text()
    with pytest.raises(keys.CannotDecrypt, match=f"The key {old} is not in this site's key ring."):
        keys.decrypt("fields", before, b"")
    with pytest.raises(keys.CannotDecrypt):
        keys.keyed_hash("search", "odon", old)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("not JSON", "holds no keys"),
        ("[]", "holds no keys"),
        ('{"active": "one"}', "holds no keys"),
        (as_json("two", one=ONE), "the active key is not among the keys"),
        (as_json(one=ONE[:31]), "the key one is not 32 bytes"),
        (as_json(one=ONE + b"1"), "the key one is not 32 bytes"),
        ('{"active": "one", "keys": {"one": "*"}}', "the key one is not 32 bytes"),
        ('{"active": "one", "keys": {"one": 1}}', "the key one is not 32 bytes"),
        (as_json("One", One=ONE), "not 1 to 32 of a-z"),
        (as_json("x" * 33, **{"x" * 33: ONE}), "not 1 to 32 of a-z"),
    ],
)
def test_a_ring_that_cannot_be_used_is_refused_in_a_sentence(
    told: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRABECULA_KEYS", told)
    with pytest.raises(keys.UnusableKeys, match=sentence) as refused:
        keys.ring()
    assert b64encode(ONE).decode()[:20] not in str(refused.value)


def test_a_ring_at_the_limits_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRABECULA_KEYS", as_json("x" * 32, **{"x" * 32: ONE}))
    assert keys.ring().active == "x" * 32


@pytest.mark.parametrize(("mode", "is_taken"), [(0o600, True), (0o440, True), (0o604, False)])
def test_a_key_file_that_everybody_reads_is_refused(
    mode: int, is_taken: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "given.json"
    path.write_text(as_json(one=ONE))
    path.chmod(mode)
    monkeypatch.setenv("TRABECULA_KEY_FILE", str(path))
    if is_taken:
        assert keys.ring().active == "one"
    else:
        with pytest.raises(keys.UnusableKeys, match="Others may read"):
            keys.ring()


def test_a_named_key_file_that_is_missing_is_not_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRABECULA_KEY_FILE", str(folder / "mistyped.json"))
    with pytest.raises(keys.UnusableKeys, match="There is no key file"):
        keys.ring()
    assert not list(folder.iterdir())


@pytest.mark.usefixtures("given")
def test_keys_of_the_environment_are_changed_there() -> None:
    with pytest.raises(keys.UnusableKeys, match="change them there"):
        keys.replace_ring(keys.with_new_key)
