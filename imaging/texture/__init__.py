"""Texture features named and checked as the image biomarker standardisation initiative has them."""
