"""Edits on an 835 besides its sums: adjustment reasons that nobody has published."""

from __future__ import annotations
