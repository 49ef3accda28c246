"""The pen of notices: tells the people whom something concerns, in the transaction in which it happens."""

from __future__ import annotations

from sqlalchemy import or_, select

from bureau.models import Notice
from bureau.models.talk import NoticeKind
from bureau.office import Office
from clients.access import GRANTS, Permission, Role
from clients.models import Membership, User

# Whoever may do something about it, at that client, is told.
AUDIENCE: dict[NoticeKind, Permission] = {
    NoticeKind.QUESTION_ASKED: Permission.CLIENT_ANSWER,
    NoticeKind.QUESTION_OVERDUE: Permission.CLIENT_ANSWER,
    NoticeKind.QUESTION_ANSWERED: Permission.BUREAU_WORK,
    NoticeKind.QUESTION_EXPIRED: Permission.BUREAU_WORK,
    NoticeKind.MESSAGE_TO_CLIENT: Permission.CLIENT_MESSAGES,
    NoticeKind.MESSAGE_TO_BUREAU: Permission.BUREAU_MESSAGES,
    NoticeKind.JOB_FAILED: Permission.BUREAU_JOBS,
}


def tell(office: Office, client_id: int, kind: NoticeKind, *, count: int = 1, subject_id: int = 0) -> int:
    """Tell everybody concerned but the one who did it; returns how many.

    Who has not looked at an earlier notice of the same has that one counted up.
    """
    people = _find_audience(office, client_id, kind) if count else []
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
            "at": office.now, "read_at": None,
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


def _find_audience(office: Office, client_id: int, kind: NoticeKind) -> list[int]:
    roles = [role for role in Role if AUDIENCE[kind] in GRANTS[role]]
    wanted = (
        select(User.id)
        .join(Membership, Membership.user_id == User.id)
        .where(User.is_active.is_(True), User.name != str(office.actor), Membership.role.in_(roles))
        .where(or_(Membership.membership_client_id.is_(None), Membership.membership_client_id == client_id))
        .distinct()
    )
    return sorted(office.session.scalars(wanted))
