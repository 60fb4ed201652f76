"""What is sent twice is done once: a form by a double click, a program's request by its key."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from riskapp.actions.confining import confined_to, program_of
from riskapp.actions.errors import KeyOfAnother, Refused
from riskapp.actions.turns import wait_for_turn
from riskapp.models import Discussion, Fracture, KeptAnswer, Treatment
from riskapp.retention import USUAL

Entry = TypeVar("Entry", Fracture, Treatment, Discussion)
# As draft-ietf-httpapi-idempotency-key-header names it; whoever sends again does so within hours.
KEY, KEY_LENGTH, KEPT_FOR = "Idempotency-Key", 255, USUAL["kept_answers"]
WRONG_KEY = f"{KEY} is 1 to {KEY_LENGTH} printable ASCII characters."
OTHER_KEY = f"This {KEY} came with another request before; give each request its own."


def written_once(kind: type[Entry], id: UUID | None, told: Mapping[str, object]) -> Entry | None:
    """Write an entry; None where the form of this ``id`` wrote the same before, and it stands.

    Whoever goes back and tells of another means another. Call it inside the transaction of the
    deed itself.
    """
    if id:
        wait_for_turn("entry", id)
    rows = kind.objects.filter(id=id)
    if id and rows.filter(struck_out_at=None, **told).exists():
        return None
    return kind.objects.create(id=uuid4() if id is None or rows.exists() else id, **told)


@transaction.atomic
def answered_once(
    *, by: User, key: str, asked: str, answer: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """The answer to what a program asked under a key of its own; asked again, the first one's.

    What is refused is not kept, so that it can be mended and sent under the same key.

    Raises
    ------
    Refused
        If the key cannot be one.
    KeyOfAnother
        If the account asked something else under it within ``KEPT_FOR``, or by another program.
    """
    if not (0 < len(key) <= KEY_LENGTH and key.isascii() and key.isprintable() and key.strip()):
        raise Refused({KEY: WRONG_KEY})
    # What one app of somebody was told, for one patient, is no other app's to hear.
    bounds = f"{confined_to(by)}\n{program_of(by)}\n"
    asked_sha256 = hashlib.sha256((bounds + asked).encode()).hexdigest()
    KeptAnswer.objects.filter(at__lte=timezone.now() - KEPT_FOR).delete()
    # Written first: whoever asks under the same key meanwhile waits for this answer.
    kept, new = KeptAnswer.objects.get_or_create(
        by=by, key=key, defaults={"asked_sha256": asked_sha256, "answer": {}}
    )
    if new:
        kept.answer = answer()
        kept.save(update_fields=["answer"])
    elif kept.asked_sha256 != asked_sha256:
        raise KeyOfAnother({KEY: OTHER_KEY})
    return dict(kept.answer)
