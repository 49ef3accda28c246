"""Whether a visit that comes in is one that the former biller has billed already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from bureau.rules.intake.layout import SELF_PAY, EncounterDraft
from config.problems import Problem

YES, NO = frozenset({"yes", "y"}), frozenset({"no", "n", ""})


class OldVisit(NamedTuple):
    """What is compared of an old claim when a new visit comes in; `payer` is the payer's code."""

    number: str
    row_no: int
    file_name: str
    patient_number: str
    last: str
    first: str
    birth_date: date | None
    payer: str
    charge_cents: int


def check_old_visit(draft: EncounterDraft, old: Mapping[date, Sequence[OldVisit]]) -> None:
    """No visit is billed twice: one that the old book may hold waits for a word from the practice."""
    said, first = draft.values.get("separate_visit", "").casefold(), draft.lines[0].row
    if said not in YES | NO:
        draft.complain(first, Problem(first.where("separate_visit"), "separate_visit.invalid", "expected yes or no."))
    found = find_old_visit(draft, old)
    if found is not None and said not in YES:
        text = (
            f"this may be claim {found.number} of the old book (row {found.row_no} of {found.file_name}), which the "
            "former biller has billed; leave the row out, or write yes under separate_visit if it is another visit."
        )
        draft.complain(first, Problem(first.where("separate_visit"), "encounter.in_old_book", text))


def find_old_visit(draft: EncounterDraft, old: Mapping[date, Sequence[OldVisit]]) -> OldVisit | None:
    """The old claim that an encounter may repeat: same patient, date of service and payer, and charge if given."""
    if draft.served_on is None or draft.served_on not in old:
        return None
    values = draft.values
    payer = values.get("payer_id", "").upper()
    payer = "" if payer in SELF_PAY else payer
    charges = [line.charge_cents for line in draft.lines]
    charge = None if None in charges else sum(filter(None, charges))
    person = _person(values.get("last_name", ""), values.get("first_name", ""), draft.birth_date)
    for one in old[draft.served_on]:
        is_patient = one.patient_number == values.get("patient_id") or (
            one.birth_date is not None and _person(one.last, one.first, one.birth_date) == person
        )
        if is_patient and one.payer == payer and charge in (None, one.charge_cents):
            return one
    return None


def _person(last: str, first: str, born: date | None) -> tuple[str, str, date | None]:
    return last.casefold().strip(), first.casefold().strip(), born
