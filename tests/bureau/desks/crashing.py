"""A process that dies at its n-th statement, so that nothing of it is cleaned up."""

from __future__ import annotations

import os

from sqlalchemy import event

from tests.support.houses import House

DIED = 77


def die_at(house: House, place: int) -> list[str]:
    """Count what goes to the database, commits included; at the n-th the process is gone."""
    seen: list[str] = []

    def count(what: str) -> None:
        seen.append(what)
        if len(seen) == place:
            os._exit(DIED)

    engine = house.bureau.engine
    event.listen(engine, "before_cursor_execute", lambda *args: count(args[2].split(" ", 2)[0]))
    event.listen(engine, "commit", lambda *_: count("before commit"))
    finish = house.payers.submit

    def submit(*args: object) -> None:
        count("before the hand-over")
        finish(*args)  # type: ignore[arg-type]
        count("after the hand-over")

    house.payers.submit = submit  # type: ignore[method-assign]
    return seen
