"""What the book says of an encounter that was read: is everyone it names known, is it priced, was it here before."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bureau.rules.intake.layout import SELF_PAY, EncounterDraft
from bureau.rules.intake.old_visits import OldVisit, check_old_visit
from bureau.rules.pricing import Prices, price_line
from config.problems import Problem


class Judgement(StrEnum):
    """What becomes of an encounter."""

    GOOD = "good"
    REPEAT = "repeat"  # received before with the same content
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Book:
    """What the book holds about the client, as far as intake asks."""

    providers: Collection[str]  # NPIs
    payers: Collection[str]  # codes
    prices: Prices
    today: date  # at the client's place
    cutover_on: date | None = None  # visits before it are the former biller's; None: all are ours
    old_visits: Mapping[date, Sequence[OldVisit]] = field(default_factory=dict)  # by date of service


def judge(draft: EncounterDraft, known_as: str | None, book: Book) -> Judgement:
    """Price the draft and say what becomes of it; `known_as` is the fingerprint it was received with before.

    The draft carries the problems afterwards.
    """
    if known_as is not None and known_as == draft.fingerprint:
        return Judgement.REPEAT
    if known_as is not None:
        first = draft.lines[0].row
        text = (
            "this encounter was received before with other content, and was not changed; "
            "a further visit needs an encounter id of its own."
        )
        draft.complain(first, Problem(first.where("encounter_id"), "encounter.changed", text))
    _check_names(draft, book)
    check_old_visit(draft, book.old_visits)
    for line in draft.lines:
        if line.charge_cents is None and line.code and line.served_on is not None:
            line.charge_cents = price_line(book.prices, line.code, line.modifiers, line.units, line.served_on)
            if line.charge_cents is None:
                text = f"no charge given, and the charge master has no price for {line.code} on that date."
                draft.complain(line.row, Problem(line.row.where("charge"), "charge.no_price", text))
        if line.served_on is not None and line.served_on > book.today:
            text = "the date of service is in the future."
            draft.complain(line.row, Problem(line.row.where("service_date"), "service_date.future", text))
        if line.served_on is not None and book.cutover_on is not None and line.served_on < book.cutover_on:
            text = (
                f"the date of service is before {book.cutover_on:%d %b %Y}, the first day that we bill; "
                "earlier visits stay with the former biller."
            )
            draft.complain(line.row, Problem(line.row.where("service_date"), "service_date.before_cutover", text))
    return Judgement.BAD if draft.problems else Judgement.GOOD


def _check_names(draft: EncounterDraft, book: Book) -> None:
    values, first = draft.values, draft.lines[0].row
    npi = values.get("provider_npi")
    if npi and npi not in book.providers:
        text = "no provider of this client has that NPI."
        draft.complain(first, Problem(first.where("provider_npi"), "provider_npi.unknown", text))
    payer = values.get("payer_id", "").upper()
    if payer not in SELF_PAY and payer not in book.payers:
        draft.complain(first, Problem(first.where("payer_id"), "payer_id.unknown", "no payer has that id."))
