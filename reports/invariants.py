"""What must hold at any moment: each law of the books as one check that finds the rows breaking it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from sqlalchemy import and_, case, func, or_, select

from bureau.models import (
    Claim,
    ClaimLine,
    Denial,
    Filing,
    Mail,
    OpeningPayment,
    Remittance,
    RemittanceClaim,
    Step,
    Submission,
    Transfer,
    Upload,
    UploadRow,
    WorkItem,
)
from bureau.models.books import Account, Kind
from bureau.models.intake import RowState
from bureau.models.post import MailState, RemittanceState
from bureau.office import Office
from bureau.rules.lifecycle import CLOSED, Event, State, may_follow, next_state
from clients.audit.chain import find_broken
from config import codes
from reports.billing import net

SHOWN = 10  # rows named per broken law


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check: how much was looked at, and the rows that break the law."""

    id: str
    law: str
    looked_at: int
    broken: list[str] = field(default_factory=list)

    @property
    def is_kept(self) -> bool:
        return not self.broken


Check = Callable[[Office], tuple[int, list[str]]]


def _entries_are_sound(office: Office) -> tuple[int, list[str]]:
    bad = office.rows(
        select(Transfer.id).where(
            or_(
                Transfer.debit == Transfer.credit,
                Transfer.cents == 0,
                and_(Transfer.kind == Kind.CHARGE, Transfer.cents < 0, Transfer.source.not_like("%:undone")),
                Transfer.debit.not_in(list(Account)),
                Transfer.credit.not_in(list(Account)),
            )
        )
    )
    return _count(office, Transfer), [f"transfer {row.id}" for row in bad]


def _charges_agree(office: Office) -> tuple[int, list[str]]:
    lines = (
        select(ClaimLine.client_id, ClaimLine.claim_id, func.sum(ClaimLine.charge_cents).label("cents"))
        .group_by(ClaimLine.client_id, ClaimLine.claim_id)
        .subquery()
    )
    charged = (
        select(Transfer.client_id, Transfer.claim_id, func.sum(Transfer.cents).label("cents"))
        .where(Transfer.kind == Kind.CHARGE)
        .group_by(Transfer.client_id, Transfer.claim_id)
        .subquery()
    )
    bad = office.rows(
        select(Claim.id)
        .outerjoin(lines, and_(lines.c.client_id == Claim.client_id, lines.c.claim_id == Claim.id))
        .outerjoin(charged, and_(charged.c.client_id == Claim.client_id, charged.c.claim_id == Claim.id))
        .where(
            or_(
                Claim.charge_cents != func.coalesce(lines.c.cents, 0),
                Claim.charge_cents != func.coalesce(charged.c.cents, 0),
            )
        )
    )
    return _count(office, Claim), [f"claim {row.id}" for row in bad]


def _claims_conserve(office: Office) -> tuple[int, list[str]]:
    """Charges = payments + adjustments + patient + open insurance, claim by claim."""
    wanted = (
        select(
            Transfer.claim_id, net(Account.REVENUE), net(Account.CASH), net(Account.CONTRACTUAL, Account.WRITE_OFF),
            net(Account.PATIENT), net(Account.INSURANCE), net(Account.REFUND),
        )
        .where(Transfer.claim_id.is_not(None))
        .group_by(Transfer.client_id, Transfer.claim_id)
    )  # fmt: skip
    rows = office.rows(wanted)
    return len(rows), [f"claim {row[0]}" for row in rows if sum(row[1:]) != 0]


def _remittances_post_whole(office: Office) -> tuple[int, list[str]]:
    cash = (
        select(Transfer.client_id, Transfer.remittance_id, net(Account.CASH).label("cents"))
        .where(Transfer.remittance_id.is_not(None))
        .group_by(Transfer.client_id, Transfer.remittance_id)
        .subquery()
    )
    wanted = case((Remittance.state == RemittanceState.POSTED, Remittance.payment_cents), else_=0)
    bad = office.rows(
        select(Remittance.id)
        .outerjoin(cash, and_(cash.c.client_id == Remittance.client_id, cash.c.remittance_id == Remittance.id))
        .where(func.coalesce(cash.c.cents, 0) != wanted)
    )
    return _count(office, Remittance), [f"remittance {row.id}" for row in bad]


def _no_denial_is_written_off(office: Office) -> tuple[int, list[str]]:
    denials = [number for number, known in codes.carcs().items() if known.is_denial]
    bad = office.rows(
        select(Transfer.id).where(Transfer.kind.in_((Kind.CONTRACTUAL, Kind.WRITE_OFF)), Transfer.carc.in_(denials))
    )
    return _count(office, Denial), [f"transfer {row.id}" for row in bad]


def _histories_are_lawful(office: Office) -> tuple[int, list[str]]:
    """Replaying the steps through the table of transitions gives each filing's present state."""
    at: dict[tuple[int, int], str] = {}
    bad = []
    steps = select(Step.client_id, Step.filing_id, Step.event, Step.source, Step.target).order_by(Step.id)
    for client_id, filing_id, event, source, target in office.session.execute(steps):
        before = at.get((client_id, filing_id), State.NEW)
        lawful = source == before and may_follow(State(source), Event(event))
        if not lawful or next_state(State(source), Event(event)).target != target:
            bad.append(f"filing {filing_id}: {source} to {target}")
        at[client_id, filing_id] = target
    filings = office.rows(select(Filing.client_id, Filing.id, Filing.state))
    bad += [f"filing {row[1]} is {row[2]}" for row in filings if at.get((row[0], row[1])) != row[2]]
    return len(filings), bad


def _no_orphans(office: Office) -> tuple[int, list[str]]:
    is_closed = Filing.state.in_(sorted(CLOSED))
    lies_somewhere = and_(
        WorkItem.closed_at.is_(None),
        (WorkItem.queue != "") != WorkItem.wakes_at.is_not(None),
    )  # fmt: skip
    bad = office.rows(
        select(Filing.id)
        .outerjoin(
            WorkItem,
            and_(
                WorkItem.client_id == Filing.client_id,
                WorkItem.subject == "filing",
                WorkItem.subject_id == Filing.id,
            ),
        )
        .where(
            or_(
                WorkItem.id.is_(None),
                and_(is_closed, WorkItem.closed_at.is_(None)),
                and_(~is_closed, ~lies_somewhere),
            )
        )
    )
    return _count(office, Filing), [f"filing {row.id}" for row in bad]


def _one_open_submission(office: Office) -> tuple[int, list[str]]:
    bad = office.rows(
        select(Submission.filing_id)
        .where(Submission.status.not_in(("REJECTED", "SUPERSEDED", "FILE_REJECTED")))
        .group_by(Submission.client_id, Submission.filing_id)
        .having(func.count() > 1)
    )
    return _count(office, Submission), [f"filing {row[0]}" for row in bad]


def _ends_hold_money_right(office: Office) -> tuple[int, list[str]]:
    """Closed as paid: nothing open; patient due: only the patient owes."""
    wanted = (
        select(Filing.id, Filing.state, net(Account.INSURANCE), net(Account.PATIENT))
        .join(Transfer, and_(Transfer.client_id == Filing.client_id, Transfer.claim_id == Filing.claim_id))
        .where(Filing.state.in_((State.CLOSED_PAID, State.PATIENT_DUE)))
        .group_by(Filing.client_id, Filing.id, Filing.state)
    )
    rows = office.rows(wanted)
    bad = [
        f"filing {row[0]} is {row[1]}"
        for row in rows
        if row[2] != 0 or (row[1] == State.CLOSED_PAID and row[3] != 0) or (row[1] == State.PATIENT_DUE and row[3] <= 0)
    ]
    return len(rows), bad


def _files_are_accounted_for(office: Office) -> tuple[int, list[str]]:
    bad = office.rows(
        select(Mail.name).where(
            or_(
                Mail.state.not_in(list(MailState)),
                and_(Mail.state.in_((MailState.DONE, MailState.SENT)), Mail.done_at.is_(None)),
                and_(Mail.state == MailState.QUARANTINED, Mail.problem == ""),
            )
        )
    )
    return _count(office, Mail), [f"file {row.name}" for row in bad]


def _rows_are_accounted_for(office: Office) -> tuple[int, list[str]]:
    stored = (
        select(
            UploadRow.client_id,
            UploadRow.upload_id,
            func.sum(case((UploadRow.state == RowState.PROBLEM, 1), else_=0)).label("bad"),
            func.sum(case((UploadRow.state == RowState.DISCARDED, 1), else_=0)).label("left_out"),
            func.sum(case((UploadRow.state == RowState.DUPLICATE, 1), else_=0)).label("again"),
        )
        .group_by(UploadRow.client_id, UploadRow.upload_id)
        .subquery()
    )
    rows = office.rows(
        select(Upload.id)
        .outerjoin(stored, and_(stored.c.client_id == Upload.client_id, stored.c.upload_id == Upload.id))
        .where(
            Upload.undone_at.is_(None),
            or_(
                Upload.rows - func.coalesce(stored.c.left_out, 0)
                != Upload.accepted + Upload.problems + Upload.duplicates,
                Upload.problems != func.coalesce(stored.c.bad, 0),
                Upload.duplicates != func.coalesce(stored.c.again, 0),
            ),
        )
    )
    return _count(office, Upload), [f"upload {row.id}" for row in rows]


def _answers_reach_claims(office: Office) -> tuple[int, list[str]]:
    """Every adjudicated claim was posted, belongs to the old book, or is an exception with a reason."""
    bad = office.rows(
        select(RemittanceClaim.id)
        .outerjoin(
            OpeningPayment,
            and_(
                OpeningPayment.client_id == RemittanceClaim.client_id,
                OpeningPayment.remittance_claim_id == RemittanceClaim.id,
            ),
        )
        .where(RemittanceClaim.filing_id.is_(None), RemittanceClaim.exception == "", OpeningPayment.id.is_(None))
    )
    return _count(office, RemittanceClaim), [f"remittance claim {row.id}" for row in bad]


def _audit_log_is_whole(office: Office) -> tuple[int, list[str]]:
    """Every chain of hashes, worked out again from its first entry to its known end."""
    looked_at, broken = find_broken(office.session)
    return looked_at, [str(one) for one in broken]


LAWS: tuple[tuple[str, str, Check], ...] = (
    ("entries", "every ledger entry moves whole cents between two different accounts", _entries_are_sound),
    ("charges", "claim charge = sum of its lines = sum of its charge entries", _charges_agree),
    ("conservation", "charges = payments + adjustments + patient + open, claim by claim", _claims_conserve),
    ("remittances", "cash posted for a payment is the payment, or nothing", _remittances_post_whole),
    ("denials", "no denied amount is written off by posting", _no_denial_is_written_off),
    ("histories", "each history replayed through the table gives the present state", _histories_are_lawful),
    ("orphans", "every open claim lies in one queue or has a date on which it wakes", _no_orphans),
    ("submissions", "at most one submission of a claim is open", _one_open_submission),
    ("balances", "closed as paid: nothing open; patient due: only the patient owes", _ends_hold_money_right),
    ("files", "every file is sent, worked, waiting, or in quarantine with a reason", _files_are_accounted_for),
    ("rows", "uploaded rows = accepted + problems + duplicates + left out", _rows_are_accounted_for),
    ("answers", "every answered claim is posted or waits with a reason", _answers_reach_claims),
    ("audit", "no entry of the audit log was changed, taken out or put in between", _audit_log_is_whole),
)  # fmt: skip


def verify(office: Office) -> list[Finding]:
    """Check every law on everything in scope."""
    found = []
    for law_id, text, check in LAWS:
        looked_at, broken = check(office)
        found.append(Finding(law_id, text, looked_at, broken[:SHOWN]))
    return found


def hash_ledger(office: Office) -> str:
    """One hash over every ledger entry in order: equal books have equal hashes."""
    digest = sha256()
    wanted = select(
        Transfer.client_id, Transfer.id, Transfer.posted_on, Transfer.kind, Transfer.debit, Transfer.credit,
        Transfer.cents, Transfer.group, Transfer.carc, Transfer.claim_id, Transfer.line_id, Transfer.source,
    ).order_by(Transfer.client_id, Transfer.id)  # fmt: skip
    for row in office.session.execute(wanted):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def _count(office: Office, model: type) -> int:
    found = office.rows(select(func.count()).select_from(model))
    return int(found[0][0])
