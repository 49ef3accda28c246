"""Commands about the people who sign in, for whoever sits at the machine: people."""

from __future__ import annotations

import argparse
from getpass import getuser

from clients.people import recover_second_factor
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from portal.bootstrap import build_bureau
from portal.cli.output import Exit, Stop, say


def people(options: argparse.Namespace) -> Exit:
    """Take a lost second factor from an account; its password still has to be known to come in."""
    house, actor = build_bureau(options.settings), Actor(ActorKind.PERSON, f"{getuser()} at the console")
    with house.open_office(actor, Scope.all()) as office:
        user = recover_second_factor(office.session, options.email, office.now, by=str(actor))
        if user is None:
            raise Stop(Exit.NOT_FOUND, f"{options.email}: nobody has an account under that address")
        name = user.name
    say(f"{name} is signed out everywhere, signs in by password, and sets up a new second factor then")
    return Exit.OK
