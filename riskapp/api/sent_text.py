"""What the description says of text: what is refused of it and the generator leaves out."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from rest_framework.fields import CharField, RegexField

# Where a text may be blank, the generator adds that choice.
ANY_TEXT = r"^[^\u0000]+$"
# What Python strips is no text; some of it other languages take for letters.
SOME_TEXT = r"^[^\u0000]*[^\s\u0000\u001c-\u001f\u0085][^\u0000]*$"


class Schema(AutoSchema):
    """Text that is sent has no NUL, and is more than spaces unless it may be blank."""

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        shape = super()._map_serializer_field(field, direction, bypass_extensions)
        is_text = isinstance(field, CharField) and not isinstance(field, RegexField)
        if direction == "request" and is_text and "format" not in shape:
            shape["pattern"] = ANY_TEXT if field.allow_blank else SOME_TEXT
        return shape
