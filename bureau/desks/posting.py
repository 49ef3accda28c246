"""The posting desk: balances a remittance, matches its claims and moves the money, all of it or none of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import case, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from bureau import books, progress, worklist
from bureau.books import Entry
from bureau.models import (
    ClaimLine,
    Denial,
    Mail,
    OpeningPayment,
    Remittance,
    RemittanceClaim,
    Submission,
    Transfer,
)
from bureau.models.books import Account, Kind
from bureau.models.post import RemittanceState
from bureau.office import Office
from bureau.progress import Move
from bureau.queries.filings import FilingAt, load_filings
from bureau.queries.opening import OldNumber, find_old_numbers
from bureau.rules import remittance as rules
from bureau.rules.lifecycle import Event, State, Turn, may_follow
from bureau.rules.opening import plan_old_payment
from bureau.rules.remittance import Means, OurClaim, OurLine, Plan, Posting
from bureau.rules.routing import Place, Queue
from bureau.worklist import Placing, Subject
from bureau.x12 import values835 as x12
from bureau.x12.balance import Verdict, balance
from clients.models import Payer
from config import codes

REVERSAL = "22"
OLD_BOOK = "old_book"  # how a claim of the former biller was matched
EXCEPTION = Place(Queue.POSTING, 1)
MOVES = {
    None: (Kind.PAYMENT, Account.CASH),
    Means.CONTRACTUAL: (Kind.CONTRACTUAL, Account.CONTRACTUAL),
    Means.PATIENT: (Kind.PATIENT_SHARE, Account.PATIENT),
}


@dataclass(slots=True)
class Outcome:
    """What posting one file did."""

    posted: int = 0
    held: int = 0
    duplicates: int = 0
    claims: int = 0
    exceptions: int = 0


@dataclass(slots=True)
class _Batch:
    """Claims of one remittance that are posted together, with what the books hold of each."""

    remittance_id: int
    client_id: int
    mail: Mail
    filings: dict[str, FilingAt] = field(default_factory=dict)  # by control number
    ours: dict[int, OurClaim] = field(default_factory=dict)  # by claim id
    old: dict[str, OldNumber] = field(default_factory=dict)  # claims of the former biller, by control number

    def is_old(self, claim: x12.PaidClaim) -> bool:
        """Whether it is a claim of the old book beyond doubt: none of ours, and charged alike."""
        return claim.pcn in self.old and abs(claim.charge_cents) == self.old[claim.pcn].charge_cents


def post_remittances(office: Office, mail: Mail, remittances: Sequence[x12.Remittance]) -> Outcome:
    """Post every payment of a file; one that is out of balance, or not for this client, is held as a whole."""
    assert mail.client_id is not None
    outcome = Outcome()
    payers = {row.tax_id: row.id for row in office.rows(select(Payer.tax_id, Payer.id))}
    for remittance in remittances:
        payer_id = payers.get(remittance.payer_tax_id[-9:])
        problem, delta = _find_problem(office, mail, remittance)
        is_known = _is_known(office, mail, remittance, payer_id)
        state = RemittanceState.POSTED
        if is_known:
            state, problem = RemittanceState.DUPLICATE, "this payment was posted before"
        elif problem:
            state = RemittanceState.HELD
        row = _remittance_row(mail, remittance, payer_id, (state, problem, delta), office.now)
        remittance_id = office.insert(Remittance, [row])[0]
        if state is RemittanceState.POSTED:
            outcome.posted += 1
            _post(office, _Batch(remittance_id, mail.client_id, mail), remittance, outcome)
        elif state is RemittanceState.HELD:
            outcome.held += 1
            held = Placing(mail.client_id, remittance_id, EXCEPTION, Turn.BUREAU, problem, remittance.payment_cents)
            worklist.put(office, Subject.REMITTANCE, [held])
            books.record(office, mail.client_id, "remittance held", text=problem, mail_id=mail.id)
        else:
            outcome.duplicates += 1
    return outcome


def _find_problem(office: Office, mail: Mail, remittance: x12.Remittance) -> tuple[str, int]:
    """Why this payment cannot be posted at all, with the cents it is off by; empty when it can."""
    assert mail.client_id is not None
    verdict = balance(remittance)
    if verdict.verdict is not Verdict.BALANCED:
        return verdict.problems[0].text, verdict.delta_cents
    client = office.client(mail.client_id)
    if remittance.payee.id not in ("", client.npi, client.tax_id):
        return "The payee is not this client; the file may belong to another practice.", 0
    return "", 0


def _is_known(office: Office, mail: Mail, remittance: x12.Remittance, payer_id: int | None) -> bool:
    """The same payment by payer, trace, date and amount, whatever the file was called."""
    wanted = select(Remittance.id).where(
        Remittance.client_id == mail.client_id,
        Remittance.trace == remittance.trace,
        Remittance.payer_id == payer_id,
        Remittance.payment_cents == remittance.payment_cents,
        Remittance.paid_on == remittance.paid_on,
        Remittance.state == RemittanceState.POSTED,
    )
    return office.session.scalar(wanted.limit(1)) is not None


def _remittance_row(
    mail: Mail,
    remittance: x12.Remittance,
    payer_id: int | None,
    verdict: tuple[RemittanceState, str, int],
    now: datetime,
) -> dict[str, object]:
    state, problem, delta = verdict
    return {
        "client_id": mail.client_id, "mail_id": mail.id, "payer_id": payer_id, "payer_name": remittance.payer.name,
        "trace": remittance.trace, "payment_cents": remittance.payment_cents, "paid_on": remittance.paid_on,
        "method": remittance.method, "state": state, "problem": problem, "delta_cents": delta,
        "claims": len(remittance.claims), "received_at": mail.received_at,
        "posted_at": now if state is RemittanceState.POSTED else None,
    }  # fmt: skip


def _post(office: Office, batch: _Batch, remittance: x12.Remittance, outcome: Outcome) -> None:
    for claims in _rounds(remittance.claims):
        _load(office, batch, claims)
        _post_old_book(office, batch, [one for one in claims if batch.is_old(one)])
        _post_round(office, batch, [one for one in claims if not batch.is_old(one)], outcome)
        outcome.claims += len(claims)
    entries = [
        Entry(
            batch.client_id, Kind.PROVIDER_ADJUSTMENT, Account.CASH, Account.SUSPENSE, -one.cents,
            f"plb:{batch.remittance_id}:{number}", remittance_id=batch.remittance_id, carc=one.reason,
        )
        for number, one in enumerate(remittance.provider_adjustments)
    ]  # fmt: skip
    books.enter(office, entries, fresh=True)


def _rounds(claims: Iterable[x12.PaidClaim]) -> list[list[x12.PaidClaim]]:
    """Claims that come twice (a reversal, then its correction) are posted one after the other."""
    rounds: list[list[x12.PaidClaim]] = []
    seen: dict[str, int] = defaultdict(int)
    for claim in claims:
        turn = seen[claim.pcn]
        seen[claim.pcn] += 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(claim)
    return rounds


def _load(office: Office, batch: _Batch, claims: Sequence[x12.PaidClaim]) -> None:
    wanted = select(Submission.pcn, Submission.filing_id).where(Submission.client_id == batch.client_id)
    found = {row.pcn: row.filing_id for row in office.rows_in(wanted, Submission.pcn, [claim.pcn for claim in claims])}
    filings = load_filings(office, found.values())
    batch.filings = {pcn: filings[filing_id] for pcn, filing_id in found.items()}
    batch.old = find_old_numbers(office, batch.client_id, {claim.pcn for claim in claims} - found.keys())
    batch.ours = load_claims(office, batch.client_id, {filing.claim_id for filing in filings.values()})


def load_claims(office: Office, client_id: int, claim_ids: set[int]) -> dict[int, OurClaim]:
    """What the books hold of some claims: their lines, and what insurance still owes."""
    columns = (
        ClaimLine.claim_id, ClaimLine.id, ClaimLine.code, ClaimLine.modifiers, ClaimLine.charge_cents,
        ClaimLine.served_on,
    )  # fmt: skip
    lines: dict[int, list[OurLine]] = defaultdict(list)
    wanted = select(*columns).where(ClaimLine.client_id == client_id).order_by(ClaimLine.id)
    for row in office.rows_in(wanted, ClaimLine.claim_id, claim_ids):
        lines[row[0]].append(OurLine(*row[1:]))
    owed, paid = _net(Account.INSURANCE), _net(Account.CASH)
    balances = select(Transfer.claim_id, owed, paid).where(Transfer.client_id == client_id)
    found = office.rows_in(balances.group_by(Transfer.claim_id), Transfer.claim_id, claim_ids)
    nets = {row[0]: (int(row[1]), int(row[2])) for row in found}
    return {claim_id: OurClaim(lines[claim_id], *nets.get(claim_id, (0, 0))) for claim_id in claim_ids}


def _net(account: Account) -> ColumnElement[int]:
    """Debits less credits of an account."""
    return func.sum(
        case(
            (Transfer.debit == account, Transfer.cents),
            (Transfer.credit == account, -Transfer.cents),
            else_=0,
        )
    )


def _post_old_book(office: Office, batch: _Batch, claims: Sequence[x12.PaidClaim]) -> None:
    """Note what was said of the former biller's claims in their own book; their cash is shown, and is none of ours."""
    if not claims:
        return
    rows = [_claim_row(batch, claim, Plan()) | {"matched_by": OLD_BOOK} for claim in claims]
    row_ids = office.insert(RemittanceClaim, rows)
    said = [
        {
            "client_id": batch.client_id, "opening_id": batch.old[claim.pcn].id, "remittance_claim_id": row_id,
            "remittance_id": batch.remittance_id, "at": office.now, "posted_on": office.today(batch.client_id),
            **plan_old_payment(claim)._asdict(),
        }
        for claim, row_id in zip(claims, row_ids, strict=True)
    ]  # fmt: skip
    office.insert(OpeningPayment, said)
    cash = [
        Entry(
            batch.client_id, Kind.OLD_BOOK, Account.CASH, Account.OLD_BOOK, claim.paid_cents, f"era:{row_id}:old_book",
            remittance_id=batch.remittance_id,
        )
        for claim, row_id in zip(claims, row_ids, strict=True)
    ]  # fmt: skip
    books.enter(office, cash, fresh=True)
    books.record(office, batch.client_id, "old book paid", items=len(claims), mail_id=batch.mail.id)


def _post_round(office: Office, batch: _Batch, claims: Sequence[x12.PaidClaim], outcome: Outcome) -> None:
    plans = [_plan(batch, claim) for claim in claims]
    rows = [_claim_row(batch, claim, plan) for claim, plan in zip(claims, plans, strict=True)]
    row_ids = office.insert(RemittanceClaim, rows)
    entries: list[Entry] = []
    denials: list[dict[str, object]] = []
    moves: list[Move] = []
    strays: list[Placing] = []
    for claim, plan, row_id in zip(claims, plans, row_ids, strict=True):
        filing = batch.filings.get(claim.pcn)
        if plan.exception:
            outcome.exceptions += 1
            entries.append(_unapplied(batch, claim, row_id))
            if filing is not None and may_follow(filing.state, Event.POSTED_UNCLEAR):
                moves.append(Move(filing, (Event.POSTED_UNCLEAR,), plan.exception))
            else:
                strays.append(
                    Placing(batch.client_id, row_id, EXCEPTION, Turn.BUREAU, plan.exception, claim.paid_cents)
                )
            continue
        assert filing is not None
        if claim.status == REVERSAL:
            entries += _contra(office, batch, filing, row_id)
            _close_denials(office, filing, "reversed by payer")
        else:
            if filing.state in (State.DENIED, State.PART_DENIED):
                _close_denials(office, filing, "answered anew by payer")
            entries += _entries(batch, filing, plan, row_id)
            denials += [_denial_row(office.now, batch, filing, one) for one in plan.denials]
        moves.append(Move(filing, plan.events, _reason(plan), {"payer_icn": claim.payer_icn}))
    books.enter(office, entries, fresh=True)
    office.insert(Denial, denials)
    progress.advance(office, moves, act="remittance posted", mail_id=batch.mail.id)
    worklist.put(office, Subject.REMITTANCE_CLAIM, strays)


def _plan(batch: _Batch, claim: x12.PaidClaim) -> Plan:
    filing = batch.filings.get(claim.pcn)
    if filing is None and claim.pcn in batch.old:
        return Plan(exception="a claim of the old book has this control number, and another charge")
    if filing is None:
        return Plan(exception="no claim of ours has this control number")
    if claim.status == REVERSAL:
        plan = rules.plan_reversal(claim, batch.ours[filing.claim_id])
    else:
        plan = rules.plan_posting(claim, batch.ours[filing.claim_id])
    if plan.events and not may_follow(filing.state, plan.events[0]):
        return Plan(exception=f"the claim is {filing.state}, where no payment is expected")
    return plan


def _claim_row(batch: _Batch, claim: x12.PaidClaim, plan: Plan) -> dict[str, object]:
    filing = batch.filings.get(claim.pcn)
    return {
        "client_id": batch.client_id, "remittance_id": batch.remittance_id,
        "filing_id": filing.id if filing else None, "pcn": claim.pcn, "status": claim.status,
        "payer_icn": claim.payer_icn, "charge_cents": claim.charge_cents, "paid_cents": claim.paid_cents,
        "matched_by": "pcn" if filing else "", "exception": plan.exception,
    }  # fmt: skip


def _entries(batch: _Batch, filing: FilingAt, plan: Plan, row_id: int) -> list[Entry]:
    entries = []
    for number, one in enumerate(plan.postings):
        move = MOVES.get(one.means)
        if move is None or not one.cents:
            continue
        kind, debit = move
        entries.append(
            Entry(
                batch.client_id,
                kind,
                debit,
                Account.INSURANCE,
                one.cents,
                f"era:{row_id}:{number}",
                filing.claim_id,
                one.line_id,
                filing.id,
                batch.remittance_id,
                one.group,
                one.carc,
            )
        )
    return entries


def _unapplied(batch: _Batch, claim: x12.PaidClaim, row_id: int) -> Entry:
    """Money we cannot place is still money that came: it waits in suspense."""
    return Entry(
        batch.client_id, Kind.UNAPPLIED, Account.CASH, Account.SUSPENSE, claim.paid_cents, f"era:{row_id}:unapplied",
        remittance_id=batch.remittance_id,
    )  # fmt: skip


def _contra(office: Office, batch: _Batch, filing: FilingAt, row_id: int) -> list[Entry]:
    """The exact opposite of everything posted for the filing so far, charges apart."""
    wanted = select(Transfer).where(
        Transfer.client_id == batch.client_id, Transfer.filing_id == filing.id, Transfer.kind != Kind.CHARGE
    )
    return [
        Entry(
            batch.client_id, Kind.REVERSAL, Account(one.debit), Account(one.credit), -one.cents,
            f"era:{row_id}:contra:{one.id}", one.claim_id, one.line_id, one.filing_id, batch.remittance_id, one.group,
            one.carc,
        )
        for one in office.session.scalars(wanted.order_by(Transfer.id))
    ]  # fmt: skip


def _close_denials(office: Office, filing: FilingAt, outcome: str) -> None:
    office.session.execute(
        update(Denial)
        .where(Denial.client_id == filing.client_id, Denial.filing_id == filing.id, Denial.state == "OPEN")
        .values(state="CLOSED", closed_at=office.now, outcome=outcome)
    )


def _denial_row(now: datetime, batch: _Batch, filing: FilingAt, one: Posting) -> dict[str, object]:
    known = codes.carc(one.carc)
    return {
        "client_id": batch.client_id, "filing_id": filing.id, "line_id": one.line_id,
        "remittance_id": batch.remittance_id, "group": one.group, "carc": one.carc, "rarcs": " ".join(one.rarcs),
        "cents": one.cents, "lane": known.lane if known else "", "state": "OPEN", "denied_at": now,
        "first_touch_at": None, "closed_at": None, "outcome": "",
    }  # fmt: skip


def _reason(plan: Plan) -> str:
    return ", ".join(dict.fromkeys(f"{one.group}-{one.carc}" for one in plan.denials))
