"""Whom a page of the practice's door is about: always one client, whom the door has chosen."""

from __future__ import annotations

from datetime import date
from typing import Any

from bureau.office import NotFound
from clients.access import Permission
from clients.models import Client
from clients.stages import BEFORE_LIVE
from portal import fields
from portal.doors import front
from portal.guards import allows, current_client
from portal.rendering import show_day
from portal.views.front import words


def here() -> int:
    """The id of the client in front of us."""
    return this_client().id


def this_client() -> Client:
    client = current_client()
    if client is None:
        raise NotFound("no such client")
    return client


@front.context_processor
def add_words() -> dict[str, Any]:
    """What every template of this door may say."""
    return {
        "allows": lambda permission: allows(Permission(permission)),
        "iso_day": lambda text: show_day(date.fromisoformat(text)),
        "label_of": fields.label_of,
        "place_of": fields.place_of,
        "plain": fields.plain,
        "field_words": fields.FIELDS,
        "field_groups": fields.GROUPS,
        "profile_words": words.name_source,
        "before_live": BEFORE_LIVE,
    }
