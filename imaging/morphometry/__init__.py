"""Shapes of bones in mm, from landmarks that a program or a person placed."""
