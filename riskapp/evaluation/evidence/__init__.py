"""The published evidence held against published data."""
