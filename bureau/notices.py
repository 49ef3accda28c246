"""The pen of notices: tells the people whom something concerns, in the transaction in which it happens."""

from __future__ import annotations

from sqlalchemy import or_, select

from bureau.audience import read_choice, roles_told
from bureau.models import Notice
from bureau.models.talk import NoticeKind
from bureau.office import Office
from clients.access import Role
from clients.models import Membership, User


def tell(
    office: Office, client_id: int, kind: NoticeKind, *, count: int = 1, subject_id: int = 0, only: str = ""
) -> int:
    """Tell everybody concerned but the one who did it, or `only` those of them of this name; returns how many.

    Who has not looked at an earlier notice of the same has that one counted up.
    """
    people = _find_audience(office, client_id, kind, only) if count else []
    same = select(Notice.user_id, Notice.id, Notice.count).where(
        Notice.client_id == client_id, Notice.kind == kind, Notice.subject_id == subject_id, Notice.read_at.is_(None)
    )
    known = {row[0]: row for row in office.rows_in(same, Notice.user_id, people)}
    counted = [
        {"client_id": client_id, "id": row[1], "count": row[2] + count, "at": office.now} for row in known.values()
    ]
    office.update(Notice, counted)
    fresh = [
        {
            "client_id": client_id, "user_id": person, "kind": kind, "subject_id": subject_id, "count": count,
            "mailed": 0, "at": office.now, "read_at": None,
        }
        for person in people
        if person not in known
    ]  # fmt: skip
    office.insert(Notice, fresh)
    return len(people)


def mark_seen(office: Office, user_id: int, notice_id: int | None = None) -> None:
    """This person has seen one notice, or (None) all within the scope; others' notices are left alone."""
    wanted = select(Notice.client_id, Notice.id).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    if notice_id is not None:
        wanted = wanted.where(Notice.id == notice_id)
    office.update(Notice, [{"client_id": row[0], "id": row[1], "read_at": office.now} for row in office.rows(wanted)])


def _find_audience(office: Office, client_id: int, kind: NoticeKind, only: str) -> list[int]:
    """The ids of those to tell; who wants to hear of it neither here nor by letter is left alone."""
    wanted = (
        select(User.id, User.preferences, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(User.is_active.is_(True), User.name == only if only else User.name != str(office.actor))
        .where(Membership.role.in_(roles_told(kind)))
        .where(or_(Membership.membership_client_id.is_(None), Membership.membership_client_id == client_id))
    )
    found = {(row.id, Role(row.role)): row.preferences for row in office.rows(wanted)}
    return sorted({user_id for (user_id, role), kept in found.items() if read_choice(kept, kind, [role]).is_any})
