"""The bytes of strangers become pixels: limits, formats, series; nothing is measured here."""
