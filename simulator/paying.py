"""Payment runs: what was decided and has become due, as 835 files, one per payer and run, a set per payee."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from itertools import groupby
from typing import Any

from bureau.x12.remit835 import write_835
from bureau.x12.values835 import PaidClaim, PaidLine, ProviderAdjustment, Remittance
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
        one = remittance(profile, payee, [claims[number] for number in ids], f"{payer}{remit_id:09d}", run_on)
        carry_forward(record, one, (account, payer, npi))
        one.control = f"{len(sets) + 1:04d}"
        sets.append(one)
        kept.append((remit_id, npi, one))
        marks += [(remit_id, number) for number in ids]
    text = write_835(envelope(payer, account, control, from_micros(due_at)), sets)
    answer_id = record.put_answer(account, "835", control, due_at, text.encode())
    rows = [(*_remit_row(number, npi, one, what), due_at, answer_id) for number, npi, one in kept]
    record.add("remits", rows)
    record.change("UPDATE decisions SET remit_id = ? WHERE id = ?", marks)


def _remit_row(number: int, npi: str, one: Remittance, what: tuple[str, str, date]) -> tuple[Any, ...]:
    account, payer, run_on = what
    forwarded = sum(part.cents for part in one.provider_adjustments)
    paid_on = one.paid_on.isoformat() if one.paid_on else ""
    return (
        number, account, payer, npi, one.trace, one.payment_cents, forwarded, len(one.claims),
        run_on.isoformat(), paid_on,
    )  # fmt: skip


def carry_forward(record: PayerRecord, one: Remittance, key: tuple[str, str, str]) -> None:
    """Take back what an earlier remittance could not: PLB FB, positive here, negative where it is carried on.

    A payment is never below zero: what the claims owe is forwarded to the next one (X12 RFI 1604).
    """
    found = record.rows("SELECT cents FROM balances WHERE account = ? AND payer = ? AND payee = ?", *key)
    owed = int(found[0][0]) if found else 0
    net = sum(claim.paid_cents for claim in one.claims) - owed
    parts = [owed] if owed else []
    if net < 0:
        parts.append(net)
    year_end = date(one.produced.year, 12, 31) if one.produced else None
    one.provider_adjustments = [ProviderAdjustment(key[2], year_end, "FB", one.trace, cents) for cents in parts]
    one.payment_cents = max(net, 0)
    one.method, one.handling = ("ACH", "I") if one.payment_cents else ("NON", "H")
    if owed or net < 0:
        record.add("balances", [(*key, max(-net, 0))])


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
