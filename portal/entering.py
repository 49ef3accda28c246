"""What follows a password: the cookie, the second step, and the way to the page a person was going to."""

from __future__ import annotations

import re

from flask import current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user

from clients.access import Door, Person, doors_of
from clients.second_factor import Challenged, SecondFactor
from clients.sign_ins import SignedIn, Visit
from config.settings import Settings
from config.vault import Vault
from portal.guards import Visitor
from portal.navigation import HOMES
from portal.sandbox import live_bureau
from portal.words import DOORS

HALF_WAY = "half_way"  # in the cookie: the challenge's token, and where the person was going

BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def build_factor(settings: Settings) -> SecondFactor:
    return SecondFactor(Vault(settings.sealing_key()), settings.staff_need_second_factor, settings.name)


def find_factor() -> SecondFactor:
    factor: SecondFactor = current_app.extensions["second_factor"]
    return factor


def this_device() -> str:
    """The browser and the system of this request, in two words."""
    return name_device(request.headers.get("User-Agent", ""))


def name_device(agent: str) -> str:
    browser = next((name for mark, name in BROWSERS if re.search(rf"\b{mark}[A-Za-z]*/", agent)), "Unknown browser")
    system = next((name for mark, name in SYSTEMS if mark in agent), "an unknown system")
    return f"{browser} on {system}"


def go_on(outcome: SignedIn | Challenged, door: str, back: str) -> ResponseReturnValue:
    """To where the person was going, or to the second step before it; whatever the cookie held is dropped."""
    session.clear()
    if isinstance(outcome, Challenged):
        session[HALF_WAY] = [outcome.token, door, back]
        return redirect(url_for("entrance.second_step"))
    take_in(outcome)
    return redirect(way_from_here(outcome.person, door, back))


def take_in(signed: SignedIn) -> None:
    """Give the browser the cookie of this sign-in."""
    session.clear()
    login_user(Visitor(signed.token, Visit(signed.person, live_bureau().clock.now())))


def half_way() -> tuple[str, str, str]:
    """The challenge's token of this browser, the door it chose and the page it was going to; or three times nothing."""
    token, door, back = session.get(HALF_WAY, ("", "", ""))
    return token, door, back


def way_from_here(person: Person, wanted: str, back: str) -> str:
    """Where the person was going; else the door they chose if it opens for them; else one that does."""
    doors = doors_of(person)
    if not doors:
        return url_for("entrance.nowhere")
    if own_path(back):
        return own_path(back)
    door = next((door for door in doors if door == wanted), doors[0])
    if wanted and door != wanted:
        flash(f"The {DOORS[Door(wanted)][0].lower()} door does not open for you. This is the one that does.")
    return url_for(HOMES[door])


def own_path(address: str) -> str:
    """The address when it is a path of this very site, else nothing."""
    plain = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if plain and "\\" not in address else ""
