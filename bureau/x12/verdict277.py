"""What the codes of a claim status answer come to: one verdict for whoever follows the claim up."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from bureau.x12.values277 import Status, StatusCode


class StatusVerdict(StrEnum):
    """In the order of how much each asks of the biller, least first."""

    UNKNOWN = "unknown"  # no status, or no category that is known
    SYSTEM_ERROR = "system_error"  # the payer could not look: ask again
    REQUEST_ERROR = "request_error"  # the question was wrong: mend it and ask again
    ACKNOWLEDGED = "acknowledged"  # received, not yet worked on
    FINAL_PAID = "final_paid"
    PENDED = "pended"
    FINAL_OTHER = "final_other"  # finished without payment or denial: revised, forwarded
    FINAL_DENIED = "final_denied"
    NOT_FOUND = "not_found"
    REJECTED = "rejected"  # never taken into adjudication
    NEEDS_INFO = "needs_info"  # waits for what the payer asked for


_RANKS = {verdict: rank for rank, verdict in enumerate(StatusVerdict)}
# Claim status category codes, X12 external code list 507; the letter decides where the code itself is not listed.
_VERDICTS = {
    "A": StatusVerdict.ACKNOWLEDGED,
    "A3": StatusVerdict.REJECTED,
    "A4": StatusVerdict.NOT_FOUND,
    "A6": StatusVerdict.REJECTED,
    "A7": StatusVerdict.REJECTED,
    "A8": StatusVerdict.REJECTED,
    "D": StatusVerdict.NOT_FOUND,
    "E": StatusVerdict.SYSTEM_ERROR,
    "E0": StatusVerdict.REQUEST_ERROR,
    "E3": StatusVerdict.REQUEST_ERROR,
    "E4": StatusVerdict.REQUEST_ERROR,
    "F": StatusVerdict.FINAL_OTHER,
    "F0": StatusVerdict.FINAL_PAID,
    "F1": StatusVerdict.FINAL_PAID,
    "F2": StatusVerdict.FINAL_DENIED,
    "P": StatusVerdict.PENDED,
    "R": StatusVerdict.NEEDS_INFO,
}
_ASKING = frozenset({"P3", "P4"})


def verdict_of(statuses: Iterable[Status]) -> StatusVerdict:
    """The worst verdict among the statuses of the latest date; those without a date count as the oldest.

    F0 says only that adjudication is finished: with a payment of zero it is no payment.
    """
    latest = _latest(statuses)
    verdicts = [_verdict(code, one) for one in latest for code in one.codes]
    return max(verdicts, key=_RANKS.__getitem__, default=StatusVerdict.UNKNOWN)


def asks_for_information(statuses: Iterable[Status]) -> bool:
    """Whether the latest word is that somebody waits for records or answers: R, or pending with P3 or P4."""
    codes = [code.category for one in _latest(statuses) for code in one.codes]
    return any(category in _ASKING or category.startswith("R") for category in codes)


def _latest(statuses: Iterable[Status]) -> list[Status]:
    found = list(statuses)
    last = max((one.on or date.min for one in found), default=date.min)
    return [one for one in found if (one.on or date.min) == last]


def _verdict(code: StatusCode, status: Status) -> StatusVerdict:
    category = code.category
    if category == "F0" and status.paid_cents == 0:
        return StatusVerdict.FINAL_OTHER
    return _VERDICTS.get(category, _VERDICTS.get(category[:1], StatusVerdict.UNKNOWN))
