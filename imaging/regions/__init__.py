"""Where the bone is: automatic regions as polygons that a person can correct."""
