"""What every shape that is sent is read by: text is text, and no name is unknown."""

from typing import Any

from rest_framework import serializers


# No docstring: it would stand in the description of each shape.
class TextIsText(serializers.Serializer):
    # Refuses a number where text is described: 007 would have become 7 before it was sent.
    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict):
            refused = {
                name: sentence
                for name, field in self.fields.items()
                if (sentence := _of_number_for_text(field, data.get(name)))
            }
            if refused:
                raise serializers.ValidationError(refused)
        read: dict[str, Any] = super().to_internal_value(data)
        return read


def _of_number_for_text(field: serializers.Field, sent: Any) -> str:
    """Refuse a number in the field's own words; nothing to say of anything else."""
    if isinstance(field, serializers.ListField) and isinstance(sent, list):
        return next(filter(None, (_of_number_for_text(field.child, one) for one in sent)), "")
    # Of a UUID too a whole number would be taken, and true is one to Python.
    is_text = isinstance(field, serializers.CharField | serializers.UUIDField)
    return str(field.error_messages["invalid"]) if is_text and isinstance(sent, int | float) else ""


class BoundedList(serializers.ListField):
    # No docstring, as above. The framework's own looks at each element before it counts them.
    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        read: list[Any] = super().to_internal_value(data)
        return read


class Strict(TextIsText):
    """Refuses names that it does not know: a slip must not become a default."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, dict):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = sorted(str(name)[:60] for name in set(data) - known)
            if unknown:
                raise serializers.ValidationError(
                    dict.fromkeys(unknown, "There is no field of this name.")
                )
        return super().to_internal_value(data)
