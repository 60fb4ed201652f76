"""A safety notice that stands on all pages until somebody takes it away.

It is a file beside the site's data, so that it can be put up while the database is down.
"""

from pathlib import Path

from django.conf import settings

from riskapp.actions import auditing
from riskapp.actions.errors import Refused

NOTICE_LETTERS = 500


def notice() -> str:
    """What the site tells everybody who is signed in; empty if nothing."""
    try:
        return _file().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def put_up(words: str) -> None:
    """Show a notice on all pages, in the place of the one before.

    Raises
    ------
    Refused
        If it is empty, too long or cannot be printed.
    """
    words = " ".join(words.split())
    if not words or len(words) > NOTICE_LETTERS or not words.isprintable():
        raise Refused({"words": f"A notice has 1 to {NOTICE_LETTERS} printable characters."})
    fresh = _file().with_suffix(".new")
    fresh.write_text(words, encoding="utf-8")
    fresh.replace(_file())  # complete before anybody reads it
    auditing.record(by=auditing.Actor.SITE, action="notice.put_up", target="site")


def take_away() -> None:
    """Show no notice any longer."""
    _file().unlink(missing_ok=True)
    auditing.record(by=auditing.Actor.SITE, action="notice.take_away", target="site")


def _file() -> Path:
    return Path(settings.DATA_DIR) / "safety-notice.txt"
