"""When answers come: a 999 in minutes, the clearinghouse in an hour, payers next morning, money by run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.clock import BANK_CALENDAR
from config.settings import PayerPace
from simulator.payers import PayerProfile

_GATEWAY_OPENS = time(5, 30)
_RUNS_AT = time(4)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Due moments (UTC) at one pace; `uniform` in [0, 1) spreads them. AT_ONCE has everything due at once."""

    pace: PayerPace

    def functional_ack(self, at: datetime, uniform: float) -> datetime:
        return at if self._at_once else at + timedelta(minutes=2 + 10 * uniform)

    def clearinghouse_ack(self, at: datetime, uniform: float) -> datetime:
        return at if self._at_once else at + timedelta(minutes=45 + 30 * uniform)

    def payer_ack(self, at: datetime, uniform: float) -> datetime:
        """The payer's gateway reads what came yesterday, on banking days."""
        if self._at_once:
            return at
        morning = BANK_CALENDAR.add_business_days(received_on(at), 1)
        return BANK_CALENDAR.moment(morning, _GATEWAY_OPENS) + timedelta(minutes=60 * uniform)

    def payment(self, at: datetime, profile: PayerProfile, days: int) -> tuple[date, datetime]:
        """The run a claim falls into and when its remittance lies ready; never before its own 277CA."""
        received = received_on(at)
        if self._at_once:
            return received, at
        earliest = BANK_CALENDAR.add_business_days(received, 2)
        run_on = profile.pay_day(max(received + timedelta(days=days), earliest))
        return run_on, BANK_CALENDAR.moment(run_on, _RUNS_AT)

    @property
    def _at_once(self) -> bool:
        return self.pace is PayerPace.AT_ONCE


def received_on(at: datetime) -> date:
    """The payers' day at that moment."""
    return BANK_CALENDAR.local_date(at)
