"""Tests of X12: text to values and back."""
