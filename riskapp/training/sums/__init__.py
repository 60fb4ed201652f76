"""Fits from sums that add over parts: sites that keep their rows, pieces of a file."""
