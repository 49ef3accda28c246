"""Payment runs: what was decided and has become due, as 835 files, one per payer and run, a set per payee."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from itertools import groupby
from typing import Any

from bureau.x12.remit835 import write_835
from bureau.x12.values import PaidClaim, PaidLine, Remittance
from simulator.answers import envelope, paid_claim, paid_line, payee_party, remittance
from simulator.processing import House
from simulator.record import PayerRecord
from simulator.storage import from_micros


def pay(record: PayerRecord, house: House, account: str, moment: int) -> None:
    """Write the remittances of every run due by `moment` (microseconds) into the account's mailbox."""
    due = record.rows(
        "SELECT payer, run_on, payee, id, due_at FROM decisions "
        "WHERE account = ? AND remit_id IS NULL AND due_at <= ? "
        "ORDER BY run_on, payer, payee, id",
        account,
        moment,
    )
    if not due:
        return
    claims = load_claims(record, [row[3] for row in due])
    for (run_on, payer), run in groupby(due, key=lambda row: (row[1], row[0])):
        _write_run(record, house, (account, payer, date.fromisoformat(run_on)), list(run), claims)


def _write_run(
    record: PayerRecord,
    house: House,
    what: tuple[str, str, date],
    run: list[tuple[str, str, str, int, int]],
    claims: dict[int, PaidClaim],
) -> None:
    account, payer, run_on = what
    profile = house.profiles[payer]
    due_at = max(row[4] for row in run)
    control = record.next_number("interchange")
    sets: list[Remittance] = []
    kept, marks = [], []
    for npi, group in groupby(run, key=lambda row: row[2]):
        ids = [row[3] for row in group]
        payee = payee_party(_payee_row(record, account, npi))
        remit_id = record.next_number("remits")
        trace = f"{payer}{remit_id:09d}"
        one = remittance(profile, payee, [claims[number] for number in ids], trace, run_on)
        one.control = f"{len(sets) + 1:04d}"
        sets.append(one)
        paid_on = one.paid_on.isoformat() if one.paid_on else ""
        kept.append(
            (remit_id, account, payer, npi, trace, one.payment_cents, len(ids), run_on.isoformat(), paid_on)
        )
        marks += [(remit_id, number) for number in ids]
    text = write_835(envelope(payer, account, control, from_micros(due_at)), sets)
    answer_id = record.put_answer(account, "835", control, due_at, text.encode())
    record.add("remits", [(*row, due_at, answer_id) for row in kept])
    record.change("UPDATE decisions SET remit_id = ? WHERE id = ?", marks)


def _payee_row(record: PayerRecord, account: str, npi: str) -> tuple[Any, ...]:
    found: list[tuple[Any, ...]] = record.rows(
        "SELECT npi, name, first, tax_id, street, city, state, zip FROM payees WHERE account = ? AND npi = ?",
        account,
        npi,
    )
    return found[0]


def load_claims(record: PayerRecord, decision_ids: list[int]) -> dict[int, PaidClaim]:
    """The decided claims as an 835 says them, by decision, in three statements."""
    wanted = json.dumps(decision_ids)
    parts: dict[tuple[int, int], list[tuple[str, str, int]]] = defaultdict(list)
    for claim, line, group, carc, cents in record.rows(
        "SELECT decision_id, line, grp, carc, cents FROM adjustments "
        "WHERE decision_id IN (SELECT value FROM json_each(?)) ORDER BY decision_id, line, place",
        wanted,
    ):
        parts[claim, line].append((group, carc, cents))
    lines: dict[int, list[PaidLine]] = defaultdict(list)
    for row in record.rows(
        "SELECT decision_id, line, code, qualifier, modifiers, units, date_from, date_to, control, charge, "
        "allowed, paid, remarks FROM decision_lines "
        "WHERE decision_id IN (SELECT value FROM json_each(?)) ORDER BY decision_id, line",
        wanted,
    ):
        lines[row[0]].append(paid_line(row[1:], parts.get((row[0], row[1]), ())))
    found = record.rows(
        "SELECT id, pcn, status, charge, paid, patient, filing_code, icn, place, frequency, "
        "member, last, first, own_last, own_first, rendering, received_on FROM decisions "
        "WHERE id IN (SELECT value FROM json_each(?))",
        wanted,
    )
    return {row[0]: paid_claim(row[1:], lines[row[0]]) for row in found}
