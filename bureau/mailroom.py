"""The mailroom: carries what lies in the outbox, takes in what comes, and sorts it to the desks."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from bureau import books, notices, worklist
from bureau.desks import acknowledgements, posting, submission
from bureau.models import Mail
from bureau.models.post import MailState
from bureau.models.talk import NoticeKind
from bureau.office import Bureau, Delivery, Office
from bureau.rules.lifecycle import Turn
from bureau.rules.routing import Place, Queue
from bureau.rules.sorting import Label, read_label
from bureau.worklist import Placing, Subject
from bureau.x12.ack277 import read_277ca
from bureau.x12.ack999 import read_999
from bureau.x12.remit835 import read_835
from bureau.x12.ta1 import read_ta1
from clients.models import Client
from clients.scope import Scope
from clients.trail import Actor
from config.problems import Problem

ACKNOWLEDGEMENTS = ("999", "277CA", "TA1")
REMITTANCES = ("835",)
WORKED = frozenset(ACKNOWLEDGEMENTS + REMITTANCES)


@dataclass(slots=True)
class Receipt:
    """What was taken in: how many files, how many were known already, and what could not be sorted."""

    stored: int = 0
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class Sorted:
    """What working through received mail did."""

    files: int = 0
    claims: int = 0
    failed: int = 0


def send_outbox(bureau: Bureau, actor: Actor, client_id: int) -> int:
    """Hand over every file of a client that has not left yet; returns how many claims went.

    The hand-over may happen twice when the process dies in between: the same bytes under the same control
    number are one file to the clearinghouse.
    """
    scope, sent = Scope.of(client_id), 0
    with bureau.open_office(actor, scope, read_only=True) as office:
        account = office.client(client_id).account
        waiting = office.rows(
            select(Mail.id, Mail.name, Mail.content)
            .where(Mail.client_id == client_id, Mail.state == MailState.TO_SEND)
            .order_by(Mail.id)
        )
    for mail_id, name, content in waiting:
        bureau.clearinghouse.submit(account, name, zlib.decompress(content), bureau.clock.now())
        with bureau.open_office(actor, scope) as office:
            mail = office.session.scalars(select(Mail).where(Mail.id == mail_id).with_for_update()).one()
            if mail.state == MailState.TO_SEND:
                sent += submission.mark_sent(office, mail)
    return sent


def collect_responses(bureau: Bureau, actor: Actor, client_id: int) -> Receipt:
    """Take in whatever waits in the client's mailbox: first stored, then told so, later sorted.

    A partner may lay a file into the wrong box, so it is kept by whom it names, whichever client that is or none.
    """
    with bureau.open_office(actor, Scope.of(client_id), read_only=True) as office:
        account = office.client(client_id).account
    deliveries = bureau.clearinghouse.waiting(account, bureau.clock.now())
    receipt = Receipt()
    if deliveries:
        with bureau.open_office(actor, Scope.all()) as office:
            office.hold(client_id)
            store(office, deliveries, receipt)
        bureau.clearinghouse.taken(account, [delivery.name for delivery in deliveries])
    return receipt


def store(office: Office, deliveries: Sequence[Delivery], receipt: Receipt) -> list[int]:
    """Keep files as they came, each content once; what cannot be sorted is kept in quarantine."""
    digests = {sha256(delivery.content).hexdigest(): delivery for delivery in deliveries}
    known = set(office.session.scalars(select(Mail.sha256).where(Mail.sha256.in_(digests))))
    receipt.duplicates += len(deliveries) - len(digests) + len(known)
    accounts = {row.account: row.id for row in office.rows(select(Client.account, Client.id))}
    rows = []
    fresh = [delivery for digest, delivery in digests.items() if digest not in known]
    labels = [read_label(delivery.name, delivery.content) for delivery in fresh]
    used = _find_used_numbers(office, {label.control for label, _, _ in labels if label})
    for delivery, (label, _, found) in zip(fresh, labels, strict=True):
        problems = list(found)
        client_id = accounts.get(label.account) if label else None
        if label and client_id is None:
            text = f"No client of ours has the account {label.account}."
            problems.append(Problem(delivery.name, "mail.unaddressed", text))
        if label and label.kind not in WORKED:
            text = f"No desk works a {label.kind} from outside; look at it here and say who should have it."
            problems.append(Problem(delivery.name, "mail.no_desk", text))
        if label and (client_id, label.sender, label.control, label.kind) in used:
            text = f"{label.sender} used interchange number {label.control} before for another file."
            problems.append(Problem(delivery.name, "mail.control_reused", text))
        bad = [problem for problem in problems if problem.is_error]
        receipt.problems += bad
        rows.append(_mail_row(delivery, label, client_id, bad, office.now))
    mail_ids = office.insert(Mail, rows)
    receipt.stored += len(rows)
    quarantined = [row for row in rows if row["state"] is MailState.QUARANTINED and row["client_id"] is not None]
    placings = [
        Placing(row["client_id"], row["id"], Place(Queue.POSTING, 1), Turn.BUREAU, row["problem"])
        for row in quarantined
    ]
    worklist.put(office, Subject.MAIL, placings)
    for client_id, count in Counter(placing.client_id for placing in placings).items():
        notices.tell(office, client_id, NoticeKind.FILE_QUARANTINED, count=count)
    return mail_ids


def _find_used_numbers(office: Office, controls: Iterable[int | None]) -> set[tuple[int | None, str, int | None, str]]:
    """Client, sender, number and kind of what came before under one of these interchange numbers."""
    wanted = select(Mail.client_id, Mail.partner, Mail.control, Mail.kind).where(
        Mail.outgoing.is_(False), Mail.client_id.is_not(None)
    )
    return {(row[0], row[1], row[2], row[3]) for row in office.rows_in(wanted, Mail.control, controls)}


def _mail_row(
    delivery: Delivery, label: Label | None, client_id: int | None, problems: Sequence[Problem], at: datetime
) -> dict[str, Any]:
    # A damaged transaction inside a readable file does not quarantine it: the desk takes the rest.
    unsortable = label is None or client_id is None or any(one.code.startswith("mail.") for one in problems)
    return {
        "client_id": client_id, "outgoing": False, "kind": label.kind if label else "unknown", "name": delivery.name,
        "sha256": sha256(delivery.content).hexdigest(), "content": zlib.compress(delivery.content, 1),
        "size": len(delivery.content), "partner": label.sender if label else "",
        "control": label.control if label else None, "group_control": None, "reference": "",
        "state": MailState.QUARANTINED if unsortable else MailState.RECEIVED,
        "problem": problems[0].text if problems else "", "items": label.items if label else 0, "cents": 0,
        "received_at": at, "done_at": None,
    }  # fmt: skip


def work_acknowledgements(bureau: Bureau, actor: Actor, client_id: int) -> Sorted:
    """Bring every acknowledgement that has been received to its desk, a file at a time."""
    return _work(bureau, actor, client_id, ACKNOWLEDGEMENTS, _acknowledge)


def work_remittances(bureau: Bureau, actor: Actor, client_id: int) -> Sorted:
    """Bring every remittance file that has been received to the posting desk, a file at a time."""
    return _work(bureau, actor, client_id, REMITTANCES, _post)


def _work(
    bureau: Bureau,
    actor: Actor,
    client_id: int,
    kinds: Sequence[str],
    handle: Callable[[Office, Mail, str], int],
) -> Sorted:
    done, scope = Sorted(), Scope.of(client_id)
    with bureau.open_office(actor, scope, read_only=True) as office:
        waiting = office.session.scalars(
            select(Mail.id)
            .where(Mail.client_id == client_id, Mail.state == MailState.RECEIVED, Mail.kind.in_(kinds))
            .where(Mail.outgoing.is_(False))
            .order_by(Mail.id)
        ).all()
    for mail_id in waiting:
        with bureau.open_office(actor, scope) as office:
            mail = office.session.scalars(select(Mail).where(Mail.id == mail_id).with_for_update()).one()
            if mail.state != MailState.RECEIVED:
                continue
            text = zlib.decompress(mail.content).decode("utf-8", errors="replace")
            done.claims += handle(office, mail, text)
            done.files += 1
            done.failed += mail.state == MailState.QUARANTINED
            mail.done_at = office.now
    return done


def _acknowledge(office: Office, mail: Mail, text: str) -> int:
    assert mail.client_id is not None
    if mail.kind == "999":
        acks, problems = read_999(text, mail.name)
        groups = {int(ack.group_control) for ack in acks if ack.group_control.isdecimal()}
        submission.mark_answered(office, mail.client_id, groups=groups)
        answered = acknowledgements.apply_999(office, mail, acks)
    elif mail.kind == "277CA":
        sets, problems = read_277ca(text, mail.name)
        pcns, names = {claim.pcn for one in sets for claim in one.claims}, {one.batch_reference for one in sets}
        submission.mark_answered(office, mail.client_id, pcns=pcns, names=names)
        answered = acknowledgements.apply_277ca(office, mail, sets)
    else:
        tas, problems = read_ta1(text, mail.name)
        answered = acknowledgements.apply_ta1(office, mail, tas)
    _finish(office, mail, problems, answered)
    return answered


def _post(office: Office, mail: Mail, text: str) -> int:
    assert mail.client_id is not None
    remittances, problems = read_835(text, mail.name)
    pcns = {claim.pcn for remittance in remittances for claim in remittance.claims}
    submission.mark_answered(office, mail.client_id, pcns=pcns)
    outcome = posting.post_remittances(office, mail, remittances)
    mail.cents = sum(remittance.payment_cents for remittance in remittances)
    _finish(office, mail, problems, len(remittances))
    return outcome.claims


def _finish(office: Office, mail: Mail, problems: Sequence[Problem], found: int) -> None:
    """A file that held nothing we could read waits in the posting queue with its reason; nothing is dropped."""
    bad = [problem for problem in problems if problem.is_error]
    mail.state = MailState.DONE
    if bad:
        mail.problem = bad[0].text
        assert mail.client_id is not None
        books.record(office, mail.client_id, "file read with problems", text=bad[0].text, mail_id=mail.id)
    if bad and not found:
        mail.state = MailState.QUARANTINED
        place = Place(Queue.POSTING, 1)
        worklist.put(
            office,
            Subject.MAIL,
            [Placing(mail.client_id or 0, mail.id, place, Turn.BUREAU, bad[0].text, mail.cents)],
        )
        notices.tell(office, mail.client_id or 0, NoticeKind.FILE_QUARANTINED)
