"""Tests of what clients send in."""
