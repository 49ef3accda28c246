"""Edits on what is charged and when it was done: sums, signs, dates of service, deadlines."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from datetime import date

from bureau.x12.edits.edit import HERE, WARNING, Context, Edit, Group, Marks, Status, always, mark_lines
from bureau.x12.values837 import Claim, ServiceLine


def _date_parts(claim: Claim) -> Collection[Hashable]:
    return [(line.date_from, line.date_to) for line in claim.lines]


def _charge_sum(claim: Claim, _context: Context) -> Marks:
    return HERE if claim.lines and claim.charge_cents != sum([line.charge_cents for line in claim.lines]) else ()


def _charge_zero(claim: Claim, _context: Context) -> Marks:
    return HERE if claim.charge_cents == 0 else ()


def _charge_negative(claim: Claim, _context: Context) -> Marks:
    if not claim.lines or min([line.charge_cents for line in claim.lines]) >= 0:
        return ()
    return mark_lines(claim, lambda line: line.charge_cents < 0)


def _date_missing(claim: Claim, _context: Context) -> Marks:
    return mark_lines(claim, lambda line: line.date_from is None)


def _future(claim: Claim, context: Context) -> Marks:
    def fails(day: date | None) -> bool:
        return day is not None and day > context.today

    return mark_lines(claim, lambda line: fails(line.date_from) or fails(line.date_to), "472")


def _backwards(claim: Claim, _context: Context) -> Marks:
    def fails(line: ServiceLine) -> bool:
        return line.date_to is not None and line.date_from is not None and line.date_to < line.date_from

    return mark_lines(claim, fails, "472")


def _late(_claim: Claim, context: Context) -> Marks:
    return HERE if context.file_by is not None and context.today > context.file_by else ()


_CHARGES = (
    Edit(
        "charge_sum", _charge_sum, "CLM02", "2300", Status("A7", "178"), "CLM02 is not the sum of the line charges.",
        "Correct the charges so that lines and claim agree.", level=3, rank=11,
    ),
    Edit(
        "charge_zero", _charge_zero, "CLM02", "2300", Status("A7", "402"), "The claim charges nothing.",
        "Give the lines their price.", severity=WARNING, rank=11,
    ),
    Edit(
        "charge_negative", _charge_negative, "SV102", "2400", Status("A7", "402"), "A charge is below zero.",
        "Correct the charge; a credit is a replacement or a void.", level=2, rank=11,
    ),
    Edit(
        "filing_limit", _late, "DTP", "2400", Status("A3", "718"), "The payer's filing limit has passed.",
        "Decide: write off, or send with proof of timely filing.", level=7, rank=10, needs="file_by",
    ),
)  # fmt: skip
_DATES = (
    Edit(
        "date_missing", _date_missing, "DTP", "2400", Status("A6", "187"), "The date of service is missing.",
        "Give the date of service.", level=2, rank=10,
    ),
    Edit(
        "service_in_future", _future, "DTP03", "2400", Status("A7", "187"),
        "The date of service lies after the day the claim was made or received.", "Correct the date of service.",
        rank=10,
    ),
    Edit(
        "service_backwards", _backwards, "DTP03", "2400", Status("A7", "187"),
        "The service ends before it begins.", "Correct the dates of service.", rank=10,
    ),
)  # fmt: skip
GROUPS = (Group(always, _CHARGES), Group(_date_parts, _DATES))
