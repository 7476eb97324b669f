"""Formulas given as text."""
