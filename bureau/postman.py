"""The postman: makes one letter of what a person was told and has not looked at, and hands letters over, once each.

He goes his round on the wall clock only and is given his mailer there, so a simulated bureau has nobody to send with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bureau.audience import AUDIENCE, Pace, is_due, read_choice
from bureau.letters import as_row
from bureau.models import Letter, Notice
from bureau.models.letters import LetterKind, LetterState
from bureau.models.talk import NoticeKind
from bureau.office import Bureau, Mailer, Office, Refusal
from bureau.wording import Contents, Digest, Item, NewPassword, Token, Welcome, write_letter
from clients.access import GRANTS, Role
from clients.models import Invitation, Membership, User
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.vault import SealBroken, Vault

POSTMAN = Actor(ActorKind.JOB, "postman")
APART = timedelta(hours=1)  # between two digests to one person
STALE = timedelta(days=7)  # what was told longer ago is no news any more
# How long after each try the next one may come; it has to outlast the slowest hand-over, as a try that was cut off is
# repeated then.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 60, 240, 720, 1440))
MOST = 200  # letters of one round


@dataclass(frozen=True, slots=True)
class Round:
    """What became of one round: digests made, letters handed over, tries that failed."""

    written: int = 0
    sent: int = 0
    failed: int = 0


def make_round(bureau: Bureau, mailer: Mailer, vault: Vault) -> Round:
    """Write the digests that are due and hand over every letter that waits."""
    try:
        with bureau.open_office(POSTMAN, Scope.all()) as office:
            written = write_digests(office)
    except IntegrityError:
        written = 0  # another postman has just written the same ones
    sent, failed = deliver_letters(bureau, mailer, vault)
    return Round(written, sent, failed)


# -- digests --------------------------------------------------------------------------------------------------


def write_digests(office: Office) -> int:
    """One letter to each person with fresh notices whose last one is an hour old; returns how many."""
    found = _find_fresh(office)
    resting = _find_resting(office, {notice.user_id for notice in found})
    mine: dict[int, list[Notice]] = {}
    for notice in found:
        if notice.user_id not in resting:
            mine.setdefault(notice.user_id, []).append(notice)
    office.insert(Letter, [_digest_row(office, user_id, notices) for user_id, notices in mine.items()])
    told = [notice for notices in mine.values() for notice in notices]
    office.update(Notice, [{"client_id": one.client_id, "id": one.id, "mailed": one.count} for one in told])
    return len(mine)


def _find_fresh(office: Office) -> list[Notice]:
    """Notices that a letter may tell of now: not looked at, not told of yet, and wanted by letter."""
    wanted = (
        select(Notice, User.preferences)
        .join(User, User.id == Notice.user_id)
        .where(Notice.read_at.is_(None), Notice.at >= office.now - STALE, Notice.count > Notice.mailed)
        .where(User.is_active.is_(True))
        .order_by(Notice.user_id, Notice.id)
    )
    rows = office.rows(wanted)
    held = _find_roles(office, {notice.user_id for notice, _ in rows})
    return [notice for notice, kept in rows if _wants(office, notice, kept, held.get(notice.user_id, []))]


def _find_roles(office: Office, user_ids: Iterable[int]) -> dict[int, list[tuple[Role, int | None]]]:
    """User -> the roles they hold now, each with its client."""
    wanted = select(Membership.user_id, Membership.role, Membership.membership_client_id)
    held: dict[int, list[tuple[Role, int | None]]] = {}
    for user_id, role, client_id in office.rows_in(wanted, Membership.user_id, user_ids):
        held.setdefault(user_id, []).append((Role(role), client_id))
    return held


def _wants(office: Office, notice: Notice, kept: dict[str, Any], held: list[tuple[Role, int | None]]) -> bool:
    """Whether the person is still concerned, and would have a letter of it by now."""
    kind = NoticeKind(notice.kind)
    here = {role for role, client_id in held if client_id in (None, notice.client_id)}
    concerned = [role for role in here if AUDIENCE[kind] in GRANTS[role]]
    pace = read_choice(kept, kind, concerned).pace if concerned else Pace.NEVER
    return is_due(pace, notice.at, office.now, office.settings.time_zone)


def _find_resting(office: Office, user_ids: Iterable[int]) -> set[int]:
    """Who has had a digest within the last hour."""
    wanted = select(Letter.user_id).where(Letter.kind == LetterKind.DIGEST, Letter.written_at > office.now - APART)
    return {row[0] for row in office.rows_in(wanted, Letter.user_id, user_ids)}


def _digest_row(office: Office, user_id: int, notices: list[Notice]) -> dict[str, Any]:
    """Known by person and hour: of two postmen who do this at the same time one is told that it is done."""
    counts: dict[tuple[int, str], int] = {}
    for one in notices:
        counts[one.client_id, one.kind] = counts.get((one.client_id, one.kind), 0) + one.count - one.mailed
    clients = {client_id for client_id, _ in counts}
    row = as_row(f"digest {user_id} {office.now:%Y-%m-%d %H}", LetterKind.DIGEST, office.now)
    items = [(client_id, kind, count) for (client_id, kind), count in counts.items()]
    return row | {"user_id": user_id, "items": items, "client_id": clients.pop() if len(clients) == 1 else None}


# -- delivery -------------------------------------------------------------------------------------------------


def deliver_letters(bureau: Bureau, mailer: Mailer, vault: Vault) -> tuple[int, int]:
    """Hand over what waits; returns (sent, failed tries). A mailer that is down ends the round.

    Each letter is claimed first, in a transaction of its own, so that of several postmen one sends it. A process that
    dies between the hand-over and the note of it sends that letter once more, under the same Message-ID.
    """
    sent = failed = 0
    for letter_id in _find_due(bureau):
        mail = _claim(bureau, vault, letter_id)
        if mail is None:
            continue
        refusal = mail if isinstance(mail, Refusal) else mailer.send(mail)
        _settle(bureau, letter_id, refusal, leaves=mailer.leaves_the_house)
        sent, failed = sent + (refusal is None), failed + (refusal is not None)
        if refusal is not None and refusal.is_down:
            break
    return sent, failed


def _find_due(bureau: Bureau) -> list[int]:
    with bureau.open_office(POSTMAN, Scope.all(), read_only=True) as office:
        due = (Letter.state == LetterState.WAITING, Letter.next_at <= office.now)
        return list(office.session.scalars(select(Letter.id).where(*due).order_by(Letter.next_at).limit(MOST)))


def _claim(bureau: Bureau, vault: Vault, letter_id: int) -> EmailMessage | Refusal | None:
    """The letter as it goes out, for the one who came first; None where it has been taken or is no longer needed."""
    with bureau.open_office(POSTMAN, Scope.all()) as office:
        free = (Letter.id == letter_id, Letter.state == LetterState.WAITING, Letter.next_at <= office.now)
        letter = office.session.scalars(select(Letter).where(*free).with_for_update()).one_or_none()
        if letter is None:
            return None
        letter.next_at = office.now + PAUSES[min(letter.tries, len(PAUSES) - 1)]
        letter.tries += 1
        try:
            contents = _find_contents(office, vault, letter)
            if contents is not None:
                return write_letter(office.settings, letter, contents, office.now)
        except SealBroken:
            return Refusal("The link was sealed with another key.", is_final=True)
        except ValueError:
            return Refusal("The address cannot be written to.", is_final=True)
        letter.state, letter.settled_at, letter.sealed = LetterState.DROPPED, office.now, ""
        return None


def _find_contents(office: Office, vault: Vault, letter: Letter) -> Contents | None:
    """What the letter says; None where the account is closed, or the link no longer works."""
    if letter.kind == LetterKind.DIGEST:
        user = office.session.get_one(User, letter.user_id)
        return Digest(user, _find_items(office, letter)) if user.is_active else None
    asked = office.session.get_one(Invitation, letter.invitation_id)
    if asked.accepted_at or asked.revoked_at or asked.expires_at <= office.now:
        return None
    token = Token(vault.unseal(letter.sealed, letter.key))
    if letter.kind == LetterKind.NEW_PASSWORD:
        return NewPassword(asked, token)
    place = asked.invitation_client_id
    return Welcome(asked, office.client(place) if place is not None else None, token)


def _find_items(office: Office, letter: Letter) -> tuple[Item, ...]:
    return tuple(Item(office.client(client_id), NoticeKind(kind), count) for client_id, kind, count in letter.items)


def _settle(bureau: Bureau, letter_id: int, refusal: Refusal | None, *, leaves: bool) -> None:
    """Note what became of a try; after the last one, or a final refusal, nobody tries again."""
    with bureau.open_office(POSTMAN, Scope.all()) as office:
        letter = office.session.scalars(select(Letter).where(Letter.id == letter_id).with_for_update()).one()
        if refusal is None:
            letter.state, letter.problem, letter.left_the_house = LetterState.SENT, "", leaves
        elif letter.state == LetterState.WAITING:
            letter.problem = refusal.text
            if refusal.is_final or letter.tries >= len(PAUSES):
                letter.state = LetterState.FAILED
        if letter.state != LetterState.WAITING:
            letter.settled_at, letter.sealed = office.now, ""
