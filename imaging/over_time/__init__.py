"""Two visits of one person compared."""
