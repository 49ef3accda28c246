"""A progress bar for long commands, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.world import Progress


def _say_nothing(_progress: Progress) -> bool:
    return True


@contextmanager
def watch_days(title: str) -> Iterator[Callable[[Progress], bool]]:
    """Shows virtual days as they pass; yields what a run tells its progress to."""
    if not sys.stderr.isatty():
        yield _say_nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days, {task.fields[claims]:,} claims"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(title, total=None, claims=0)

        def tell(progress: Progress) -> bool:
            bar.update(task, completed=progress.day, total=progress.days, claims=progress.claims)
            return True

        yield tell
