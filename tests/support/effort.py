"""How hard random tests try: a moment in the suite, as long as one likes with BUREAU_TEST_EFFORT=20."""

from __future__ import annotations

import os

EFFORT = float(os.environ.get("BUREAU_TEST_EFFORT") or 1)


def tries(count: int) -> int:
    """How many random cases a test looks at: `count` in the suite, more or fewer as one asks for."""
    return max(1, round(count * EFFORT))
