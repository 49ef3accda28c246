"""The bench of this installation, for pages that cannot do without."""

from __future__ import annotations

from bureau.office import NotFound
from portal.sandbox import Lab, find_lab


def get_bench() -> Lab:
    """Raises NotFound where no simulator is attached."""
    bench = find_lab()
    if bench is None:
        raise NotFound("no lab")
    return bench
