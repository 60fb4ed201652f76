"""How a CT was taken, and whether its numbers are Hounsfield units."""
