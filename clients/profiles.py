"""Saved mapping profiles: how the columns of a client's sources become our fields, version after version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select
from sqlalchemy.orm import Session

from clients.models import MappingProfile
from clients.scope import ScopedSession


@dataclass(frozen=True, slots=True)
class SavedProfile:
    """One version of a profile."""

    name: str
    version: int
    mapping: dict[str, Any]
    saved_at: datetime


def find_profiles(session: Session, client_id: int) -> list[SavedProfile]:
    """A client's profiles, each in its newest version, the one saved last first."""
    newest = (
        select(MappingProfile.name, func.max(MappingProfile.version).label("version"))
        .where(MappingProfile.client_id == client_id)
        .group_by(MappingProfile.name)
        .subquery()
    )
    wanted = (
        select(MappingProfile)
        .join(newest, and_(newest.c.name == MappingProfile.name, newest.c.version == MappingProfile.version))
        .where(MappingProfile.client_id == client_id)
        .order_by(MappingProfile.saved_at.desc(), MappingProfile.id.desc())
    )
    return [_saved(row) for row in session.scalars(wanted)]


def find_profile(session: Session, client_id: int, name: str, version: int | None = None) -> SavedProfile | None:
    """A profile by its name, in the newest version unless one is named."""
    wanted = select(MappingProfile).where(MappingProfile.client_id == client_id, MappingProfile.name == name)
    if version is not None:
        wanted = wanted.where(MappingProfile.version == version)
    found = session.scalars(wanted.order_by(MappingProfile.version.desc()).limit(1)).one_or_none()
    return _saved(found) if found else None


def save_profile(session: ScopedSession, client_id: int, name: str, mapping: Mapping[str, Any], now: datetime) -> int:
    """Keep a mapping as the next version of a profile; returns the version. What is equal to the newest is not kept."""
    session.scope.require([client_id])
    known = find_profile(session, client_id, name)
    if known is not None and known.mapping == dict(mapping):
        return known.version
    version = known.version + 1 if known else 1
    (row_id,) = session.take_ids(MappingProfile.__tablename__, 1)
    row = {"client_id": client_id, "id": row_id, "name": name, "version": version, "mapping": dict(mapping)}
    session.execute(insert(MappingProfile), [row | {"saved_at": now}])
    return version


def _saved(row: MappingProfile) -> SavedProfile:
    return SavedProfile(row.name, row.version, dict(row.mapping), row.saved_at)
