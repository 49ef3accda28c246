"""The pen of letters: writes down, in the transaction of what it is about, that somebody is to get one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from bureau.models import Letter
from bureau.models.letters import LetterKind, LetterState
from bureau.office import Office
from clients.invitations import Link
from config.vault import Vault


def write_invitation(office: Office, vault: Vault, link: Link, *, renews: bool = False) -> None:
    """A letter with this link, to an account or (`renews`) to a new password; the book holds its token sealed."""
    key = invitation_key(link.invitation_id)
    kind = LetterKind.NEW_PASSWORD if renews else LetterKind.INVITATION
    row = as_row(key, kind, office.now) | {
        "client_id": _owner(office, link.client_id), "invitation_id": link.invitation_id,
        "sealed": vault.seal(link.token, key),
    }  # fmt: skip
    office.insert(Letter, [row])


def invitation_key(invitation_id: int) -> str:
    return f"invitation {invitation_id}"


def as_row(key: str, kind: LetterKind, now: datetime) -> dict[str, Any]:
    """A letter to be sent as soon as can be; whose and to whom it is has to be filled in."""
    return {
        "client_id": None, "key": key, "kind": kind, "user_id": None, "invitation_id": None, "items": [], "sealed": "",
        "written_at": now, "state": LetterState.WAITING, "tries": 0, "next_at": now, "settled_at": None, "problem": "",
        "left_the_house": False,
    }  # fmt: skip


def find_invitation_letters(office: Office, invitation_ids: Sequence[int]) -> dict[int, Letter]:
    """How the letters of these invitations stand, by invitation."""
    wanted = select(Letter).where(Letter.invitation_id.in_(invitation_ids))
    return {one.invitation_id: one for one in office.session.scalars(wanted) if one.invitation_id is not None}


def _owner(office: Office, client_id: int | None) -> int | None:
    """A letter about the whole bureau that is written in the room of one practice belongs there."""
    reach = office.scope.clients
    return client_id if reach is None or client_id in reach else min(reach)
