"""Which passwords are taken: long ones that are not easily guessed, of any characters.

After NIST SP 800-63B-4, section 3.1.1.2: a least length, no rules of composition, no change for
its own sake, and nothing that stands on a list of common ones.
"""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

if TYPE_CHECKING:  # settings read this module before models can be
    from django.contrib.auth.models import User

LEAST, MOST = 12, 128
SITE_WORDS = ("trabecula", "fracture", "password")
# So many characters must be left once the words that everybody here knows are taken out.
LEFT = 8


class NotTooLong:
    """Refuse more than can be meant; nothing is ever cut off."""

    def validate(self, password: str, user: "User | None" = None) -> None:
        if len(password) > MOST:
            raise ValidationError(f"This password is longer than {MOST} characters.", "too_long")

    def get_help_text(self) -> str:
        return f"It has at most {MOST} characters."


class NotOfKnownWords:
    """Refuse what is little more than words of the site, the organisation or the person."""

    def validate(self, password: str, user: "User | None" = None) -> None:
        left = password.casefold()
        for word in sorted(_known_words(user), key=len, reverse=True):
            left = left.replace(word, "")
        if len(left) < LEFT <= len(password):
            raise ValidationError(
                "This password is mostly made of words that everybody here knows: Trabecula, the "
                "organisation’s name or your own.",
                "known_words",
            )

    def get_help_text(self) -> str:
        return "It is not made of the names of the site, the organisation or yourself."


def _known_words(user: "User | None") -> set[str]:
    texts = [*SITE_WORDS]
    if user is not None:
        texts += [user.get_username(), user.first_name, user.last_name, user.email]
        membership = getattr(user, "membership", None)
        texts += [membership.organisation.name] if membership else []
    words = {word for text in texts for word in (text, *text.replace("@", " ").split())}
    return {word.casefold() for word in words if len(word) >= 3}
