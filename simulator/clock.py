"""Virtual time: the clock that the bureau reads while a SimPy world moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import simpy


class VirtualClock:
    """A Clock whose now is the start plus the seconds a SimPy environment has run."""

    def __init__(self, env: simpy.Environment, start: datetime) -> None:
        self.env = env
        self.start = start.astimezone(UTC)

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.env.now)

    def until(self, moment: datetime) -> simpy.Timeout:
        """An event at that moment, or at once when it has passed."""
        return self.env.timeout(max(0.0, (moment - self.now()).total_seconds()))
