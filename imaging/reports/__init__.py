"""Bone density that the densitometer has already measured, read from what it wrote about it."""
