"""Another key for all that is kept encrypted, while the site runs (docs/encryption.md).

The new key serves what is written from the moment on that it is in the ring; rows and files of
before are encrypted anew one by one. Cut off, it is called again and goes on with what is left.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from riskapp import keys, sealed_file
from riskapp.actions.errors import Refused
from riskapp.actions.stored_bytes import keep, open_kept, open_stored, path_of
from riskapp.models import Patient, ScanFile, ScanPicture
from riskapp.models.encrypted import EncryptedField
from riskapp.models.keyed_hash import KeyedHash
from riskapp.models.search_word import write_words
from riskapp.sealed_file import PIECE_BYTES, sealed_pieces

PLAIN = "(not encrypted)"
Tell = Callable[[str], None]


def uses() -> Counter[str]:
    """How many rows and files need each key, by its id; files that are still plain as well."""
    found: Counter[str] = Counter()
    for model in _models():
        for _, ids in _keys_of_rows(model):
            found.update(ids)
    for path in [*_files(settings.SCAN_DIR), *_others()]:
        found[_key_of(path)] += 1
    return found


def change_keys(tell: Tell = lambda _: None) -> Counter[str]:
    """Bring everything under the newest key, which is made unless an earlier change goes on.

    Returns
    -------
    Counter
        What is left under other keys; empty where nothing is.

    Raises
    ------
    UnusableKeys
        If the ring cannot be written.
    """
    ring = keys.ring()
    needed = uses()
    is_going_on = len(ring.keys) > 1 and any(needed[one] for one in ring.keys if one != ring.active)
    if not is_going_on and needed[ring.active]:
        keys.replace_ring(keys.with_new_key)
    encrypt_anew(tell)
    left = uses()
    del left[keys.ring().active]
    return left


def encrypt_anew(tell: Tell = lambda _: None) -> None:
    """Encrypt by the active key what is plain or under another key, rows and then files."""
    for model in _models():
        done = _rows_anew(model)
        if done:
            tell(f"{model._meta.verbose_name_plural}: {done}")
    hashes = {
        sha256
        for table in (ScanFile, ScanPicture)
        for sha256 in table.objects.values_list("sha256", flat=True).distinct()
    }
    tell(f"files that are kept: {sum(map(_kept_anew, sorted(hashes)))}")
    tell(f"files that wait: {sum(map(_in_place, _others()))}")


def retire_key(key_id: str) -> None:
    """Take a key out of the ring, for good; what it once signed can still be checked.

    Raises
    ------
    Refused
        If it is the active one or not there, or something still needs it.
    UnusableKeys
        If the ring cannot be written.
    """
    ring = keys.ring()
    if key_id not in ring.keys:
        raise Refused({"key": f"There is no key {key_id}."})
    if key_id == ring.active:
        raise Refused({"key": "This key is the active one; change keys first: keys rotate."})
    needing = uses()[key_id]
    if needing:
        raise Refused({"key": f"{needing:,} values and files still need this key: keys rotate."})
    keys.replace_ring(lambda now: keys.without_key(now, key_id))


def _models() -> list[type[Model]]:
    return [one for one in apps.get_models() if _fields(one)]


def _fields(model: type[Model]) -> list[str]:
    return [one.attname for one in model._meta.fields if isinstance(one, EncryptedField)]


def _keys_of_rows(model: type[Model]) -> Iterator[tuple[object, set[str]]]:
    rows = model._base_manager.order_by("pk").values_list("pk", *_fields(model))
    for pk, *values in rows.iterator(chunk_size=1_000):
        yield pk, {keys.key_id_of(one.data) for one in values if one is not None}


def _rows_anew(model: type[Model]) -> int:
    active, done = keys.ring().active, 0
    hashed = [one.attname for one in model._meta.fields if isinstance(one, KeyedHash)]
    for pk in [pk for pk, ids in _keys_of_rows(model) if ids - {active}]:
        # One row at a time, so that nobody waits for the rest.
        with transaction.atomic():
            row = model._base_manager.select_for_update().filter(pk=pk).first()
            if row is None:
                continue
            for name in _fields(model):
                getattr(row, name)
            row.save(update_fields=[*_fields(model), *hashed])
            if isinstance(row, Patient):
                write_words(row)
        done += 1
    return done


def _kept_anew(sha256: str) -> bool:
    path = path_of(sha256)
    if not path.exists() or _key_of(path) == keys.ring().active:
        return False
    with open_kept(sha256) as file:
        keep(iter(lambda: file.read(PIECE_BYTES), b""))
    path.unlink(missing_ok=True)
    if not any(one.objects.filter(sha256=sha256).exists() for one in (ScanFile, ScanPicture)):
        path_of(sha256).unlink(missing_ok=True)  # its person was erased meanwhile
    return True


def _in_place(path: Path) -> bool:
    """Encrypt a file anew under the name that it has, unless it is given up meanwhile."""
    fresh = path.with_name(f"incoming-{path.name}")
    try:
        if _key_of(path) == keys.ring().active:
            return False
        with open_stored(path) as file, fresh.open("wb") as target:
            for piece in sealed_pieces(iter(lambda: file.read(PIECE_BYTES), b"")):
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        os.utime(fresh, (path.stat().st_atime, path.stat().st_mtime))
        fresh.replace(path)
    except FileNotFoundError:
        fresh.unlink(missing_ok=True)
        return False
    return True


def _key_of(path: Path) -> str:
    try:
        return sealed_file.key_id_of(path) or PLAIN
    except FileNotFoundError:
        return keys.ring().active  # given up meanwhile


def _others() -> Iterable[Path]:
    """Files that lie under names of their own until they are a scan, or are let go."""
    for folder in (settings.RECEIVED_DIR, settings.FETCH_DIR, settings.SET_ASIDE_DIR):
        yield from _files(folder)


def _files(folder: Path | str) -> list[Path]:
    # What is being written has another beginning, and is complete under its name only.
    return [
        path
        for path in Path(folder).rglob("*")
        if path.is_file() and not path.name.startswith("incoming-") and path.suffix != ".part"
    ]
