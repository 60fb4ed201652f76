"""A measurement as overlays, tables and words."""
