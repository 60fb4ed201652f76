"""What a spreadsheet would run instead of showing."""

# A cell that begins so is taken for a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(cell: object) -> object:
    """Text that would be run starts with an apostrophe; all else stays as it is."""
    is_text = isinstance(cell, str)
    return f"'{cell}" if is_text and str(cell).lstrip(" ").startswith(FORMULA) else cell
