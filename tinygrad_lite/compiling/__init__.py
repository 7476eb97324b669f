"""Recorded programs as NumPy source."""
